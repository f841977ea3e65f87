import Addressing
import Glibc
import NamespaceFixture
import Testing

@testable import Netlink

@Suite(
    "The barrier in the kernel",
    .enabled(if: NamespacePair.isPermitted, "\(NamespacePair.needs)"))
struct BarrierTests {
    private let address4 = IPAddress.v4(IPv4Address(10, 18, 14, 94))
    private let address6 = IPAddress.v6(IPv6Address(high: 0xFD18_0000_0000_0000, low: 0x94))

    /// What nft makes of it, kept here as the text that the documentation shows.
    private func listing(_ name: String, barred4: String, barred6: String) -> String {
        """
        table inet \(name) {
        \tset barred4 {
        \t\ttype ipv4_addr\(barred4)
        \t}

        \tset barred6 {
        \t\ttype ipv6_addr\(barred6)
        \t}

        \tchain input {
        \t\ttype filter hook input priority raw; policy accept;
        \t\ttcp flags syn / syn,ack ip daddr @barred4 reject with tcp reset
        \t\ttcp flags syn / syn,ack ip6 daddr @barred6 reject with tcp reset
        \t}
        }

        """
    }

    /// As nft 1.0.6 writes it; others write the match of flags in another of its spellings.
    private func ruleset(_ pair: NamespacePair) throws -> String {
        try pair.near.command("nft list ruleset")
            .replacing("tcp flags & (syn | ack) == syn", with: "tcp flags syn / syn,ack")
    }

    @Test("the table is what the documentation shows, however often it is installed")
    func installed() throws {
        try NamespacePair.with { pair in
            try pair.near.run {
                var barrier = try Barrier(tableName: "trial")
                try barrier.install()
                try barrier.install()
            }
            #expect(
                try ruleset(pair)
                    == listing("trial", barred4: "", barred6: ""))
        }
    }

    @Test("addresses of both families are barred, listed and admitted again")
    func bar() throws {
        try NamespacePair.with { [address4, address6] pair in
            let lists = try pair.near.run {
                var barrier = try Barrier()
                var lists = [try barrier.barred()]
                try barrier.bar(address6)
                try barrier.bar(address4)
                try barrier.bar(address4)
                lists.append(try barrier.barred())
                return lists
            }
            #expect(lists == [[], [address4, address6]])
            #expect(
                try ruleset(pair)
                    == listing(
                        "baton", barred4: "\n\t\telements = { 10.18.14.94 }",
                        barred6: "\n\t\telements = { fd18::94 }"))
            let (unbarred, left) = try pair.near.run {
                var barrier = try Barrier()
                let unbarred = [try barrier.unbar(address4), try barrier.unbar(address4)]
                return (unbarred, try barrier.barred())
            }
            #expect(unbarred == [true, false])
            #expect(left == [address6])
        }
    }

    @Test("barring puts right what a firewall's reload or an operator took away")
    func repaired() throws {
        try NamespacePair.with { [address4] pair in
            let expected = listing(
                "baton", barred4: "\n\t\telements = { 10.18.14.94 }", barred6: "")
            for damage in ["flush ruleset", "flush chain inet baton input"] {
                try pair.near.run {
                    var barrier = try Barrier()
                    try barrier.bar(address4)
                }
                try pair.near.command("nft \(damage)")
                try pair.near.run {
                    var barrier = try Barrier()
                    try barrier.bar(address4)
                }
                #expect(try ruleset(pair) == expected)
            }
        }
    }

    @Test("other tables are never touched")
    func others() throws {
        try NamespacePair.with { [address4] pair in
            try pair.near.command("nft add table inet other")
            try pair.near.command("nft add set inet other barred4 { type ipv4_addr; }")
            try pair.near.command("nft add element inet other barred4 { 10.1.2.3 }")
            let before = try pair.near.command("nft list ruleset")
            let removals = try pair.near.run {
                var barrier = try Barrier()
                try barrier.bar(address4)
                _ = try barrier.unbar(address4)
                return [try barrier.removeTable(), try barrier.removeTable()]
            }
            #expect(removals == [true, false])
            #expect(try pair.near.command("nft list ruleset") == before)
        }
    }

    @Test("refuses at once also behind a stateful firewall")
    func statefulFirewall() throws {
        let rules = [
            "add table inet firewall",
            "add chain inet firewall in { type filter hook input priority 0; policy drop; }",
            "add rule inet firewall in ct state established,related accept",
            "add rule inet firewall in ip protocol icmp accept",
            "add chain inet firewall out { type filter hook output priority 0; policy drop; }",
            "add rule inet firewall out ct state invalid drop",
            "add rule inet firewall out ct state established,related accept",
        ]
        try NamespacePair.with { [address4] pair in
            for rule in rules { try pair.near.command("nft \(rule)") }
            try pair.near.ip("addr add 10.18.14.94/32 dev near0")
            try pair.near.run {
                var barrier = try Barrier()
                try barrier.bar(address4)
            }
            let refused = try pair.far.run {
                try TCPSocket.connect(to: Endpoint(address: address4, port: 6379)).errno
            }
            #expect(refused == ECONNREFUSED)
        }
    }

    @Test("a table of another shape is reported, and left as it is")
    func foreignTable() throws {
        try NamespacePair.with { [address4] pair in
            try pair.near.command("nft add table inet baton")
            try pair.near.command("nft add set inet baton barred4 { type inet_service; }")
            let before = try pair.near.command("nft list ruleset")
            let error = #expect(throws: NetlinkError.self) {
                try pair.near.run {
                    var barrier = try Barrier()
                    try barrier.bar(address4)
                }
            }
            #expect(error?.errno != 0)
            #expect(try pair.near.command("nft list ruleset") == before)
        }
    }
}
