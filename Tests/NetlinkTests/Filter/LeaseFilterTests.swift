import Addressing
import Glibc
import MonotonicTime
import NamespaceFixture
import Testing

@testable import Netlink

@Suite(
    "Baton's tables in the kernel",
    .enabled(if: NamespacePair.isPermitted, "\(NamespacePair.needs)"))
struct LeaseFilterTests {
    @Test("installing again, also by a new process, leaves a living lease alone")
    func restart() throws {
        try NamespacePair.with { pair in
            let trial = try Trial(pair)
            let listener = try trial.listen()
            _ = try trial.open(60_000)
            try trial.filter.fence(7000)
            let (client, errno) = try trial.connect()
            try #require(errno == 0)
            let again = try Trial(pair, isConfigured: false)
            #expect(try again.filter.remaining(again.address) != nil)
            #expect(try again.renew(60_000).isHeld(forMilliseconds: 60_000))
            #expect(try again.filter.fenced() == [7000])
            #expect(client.writeErrno() == 0)
            #expect(try listener.accept().readErrno() == 0)
        }
    }

    @Test("installing follows the configuration: who is guarded, trusted, and on which interface")
    func reconfigured() throws {
        try NamespacePair.with { pair in
            try pair.near.ip("link add near1 type veth peer name near2")
            let trial = try Trial(pair)
            let installation = try trial.filter.install(
                guarding: [Trial.addresses[1]], interfaces: ["near1"], trusted: [trial.address])
            #expect(installation == .complete(interfaces: ["near1"]))
            #expect(try trial.filter.isIntact())
            let ruleset = try pair.near.command("nft list ruleset")
            #expect(!ruleset.contains("egress-near0"))
            #expect(ruleset.contains("egress-near1"))
            #expect(ruleset.split(separator: "10.18.14.94").count == 2)

            _ = try trial.filter.install(
                guarding: [Trial.addresses[1]], interfaces: [], trusted: [])
            #expect(try !pair.near.command("nft list ruleset").contains("netdev"))
            #expect(try trial.filter.isIntact())
        }
    }

    @Test("whether there are tables is told, and whether the kernel can have any")
    func presence() throws {
        try NamespacePair.with { pair in
            let isSupported = try pair.near.run { LeaseFilter.isSupported() }
            #expect(isSupported == true)
            let trial = try Trial(pair)
            #expect(try trial.filter.hasTables())
            #expect(try trial.filter.removeTables())
            #expect(try !trial.filter.hasTables())
        }
        #expect(LeaseFilter.isLack(errno: EINVAL))
        #expect(LeaseFilter.isLack(errno: EPROTONOSUPPORT))
        #expect(!LeaseFilter.isLack(errno: EPERM))
    }

    @Test("other tables are never touched")
    func others() throws {
        try NamespacePair.with { pair in
            try pair.near.command("nft add table inet other")
            try pair.near.command("nft add set inet other leased4 { type ipv4_addr; }")
            try pair.near.command("nft add element inet other leased4 { 10.1.2.3 }")
            try pair.near.command("nft add table arp other")
            try pair.near.command("nft add table netdev other")
            let before = try pair.near.command("nft list ruleset")
            let trial = try Trial(pair)
            _ = try trial.open(60_000)
            _ = try trial.renew(60_000)
            try trial.filter.close(trial.address, .hushing)
            #expect(try trial.filter.removeTables())
            #expect(try !trial.filter.removeTables())
            #expect(try pair.near.command("nft list ruleset") == before)
        }
    }

    @Test(
        "what somebody does to the tables is found, and put right",
        arguments: [
            "flush ruleset", "delete table arp baton", "flush chain inet baton input",
            "flush table inet baton", "add table inet baton { flags dormant; }",
            "insert rule inet baton input accept", "insert rule arp baton output accept",
            "flush chain netdev baton egress-near0",
            "delete element inet baton guarded4 { 10.18.14.94 }",
            "add element inet baton trusted4 { 10.0.0.1 }",
        ])
    func faults(damage: String) throws {
        try NamespacePair.with { pair in
            let trial = try Trial(pair)
            #expect(try trial.filter.isIntact())
            try pair.near.command("nft \(damage)")
            #expect(try !trial.filter.faults().isEmpty)
            #expect(try !trial.filter.isIntact())
            _ = try trial.filter.install(
                guarding: [trial.address], interfaces: ["near0"], trusted: [])
            #expect(try trial.filter.faults() == [])
        }
    }

    @Test("a kernel without an egress hook has all the rest, and says what it lacks")
    func withoutEgress() throws {
        let address = Trial.addresses[0]
        try NamespacePair.with { pair in
            try pair.near.ip("addr add \(address)/32 dev near0")
            let (installation, outcomes) = try pair.near.run {
                // No kernel has this hook.
                var filter = try LeaseFilter(
                    tableName: "baton", tolerance: .milliseconds(5), clock: BootTime.now,
                    egressHook: 9)
                let installation = try filter.install(
                    guarding: [address], interfaces: ["near0"], trusted: [])
                let deadline = BootTime.now() + .seconds(60)
                let outcomes = [
                    try filter.open(address, until: deadline),
                    try filter.renew(address, until: deadline),
                ]
                #expect(try filter.isIntact())
                return (installation, outcomes)
            }
            guard case .withoutEgress(.unsupported) = installation else {
                Issue.record("\(installation)")
                return
            }
            #expect(outcomes.allSatisfy { $0.isHeld(forMilliseconds: 60_000) })
            #expect(try !pair.near.command("nft list ruleset").contains("netdev"))
        }
    }

    @Test("a table of another shape is reported, and left as it is")
    func foreignTable() throws {
        try NamespacePair.with { pair in
            try pair.near.command("nft add table inet baton")
            try pair.near.command("nft add set inet baton leased4 { type inet_service; }")
            let before = try pair.near.command("nft list ruleset")
            let error = #expect(throws: NetlinkError.self) { try Trial(pair) }
            #expect(error?.errno != 0)
            #expect(try pair.near.command("nft list ruleset") == before)
        }
    }
}
