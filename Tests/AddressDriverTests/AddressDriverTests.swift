import Addressing
import MonotonicTime
import NamespaceFixture
import Netlink
import NodeCore
import Testing

@testable import AddressDriver

@Suite(
    "The driver of write addresses",
    .enabled(if: NamespacePair.isPermitted, "\(NamespacePair.needs)"))
struct AddressDriverTests {
    private static func driving(
        _ pair: NamespacePair,
        _ body: (AddressDriver, NeighbourWatchTests.Inbox) throws -> Void
    ) throws {
        let inbox = NeighbourWatchTests.Inbox()
        let prefix = try #require(Prefix("10.18.14.94/20"))
        let driver = try pair.near.run {
            try AddressDriver([.init(group: "orders", prefix: prefix)], notice: inbox.add)
        }
        defer { driver.stop() }
        try body(driver, inbox)
    }

    private static func isTold(_ inbox: NeighbourWatchTests.Inbox) -> Bool {
        inbox.first { $0 == .tampered(group: "orders", by: "nft") ? true : nil } ?? false
    }

    @Test("whoever flushes the packet filter is named, and the lease goes on")
    func flushedHolder() throws {
        try NamespacePair.with { pair in
            try Self.driving(pair) { driver, inbox in
                let until = BootTime.now() + .seconds(5)
                driver.carry(
                    .take(group: "orders", port: 6379, until: until), report: inbox.add)
                let isTaken = inbox.first { $0 == .done(group: "orders", .take) ? true : nil }
                #expect(isTaken == true)
                try pair.near.command("nft flush ruleset")
                #expect(Self.isTold(inbox))
                let rules = try pair.near.command("nft list set inet baton leased4")
                #expect(rules.contains("10.18.14.94"))
                driver.carry(
                    .renew(group: "orders", port: 6379, until: until + .seconds(1)),
                    report: inbox.add)
                let isRenewed = inbox.first { $0 == .done(group: "orders", .renew) ? true : nil }
                #expect(isRenewed == true)
            }
        }
    }

    @Test("a host without the lease is guarded again at once, its server's fence included")
    func flushedOther() throws {
        try NamespacePair.with { pair in
            try Self.driving(pair) { driver, inbox in
                driver.carry(.fence(group: "orders", port: 6379), report: inbox.add)
                let isFenced = inbox.first { $0 == .done(group: "orders", .fence) ? true : nil }
                #expect(isFenced == true)
                try pair.near.command("nft flush ruleset")
                #expect(Self.isTold(inbox))
                #expect(
                    try pair.near.command("nft list set inet baton guarded4")
                        .contains("10.18.14.94"))
                #expect(
                    try pair.near.command("nft list set inet baton fenced_ports").contains("6379"))
            }
        }
    }

    @Test("what Baton does itself is nobody's doing, nor is a lease that ends")
    func own() throws {
        try NamespacePair.with { pair in
            try Self.driving(pair) { driver, inbox in
                let until = BootTime.now() + .milliseconds(300)
                driver.carry(.take(group: "orders", port: 6379, until: until), report: inbox.add)
                driver.carry(.renew(group: "orders", port: 6379, until: until), report: inbox.add)
                let isTold = inbox.first(atMost: .seconds(1)) { event in
                    if case .tampered = event { true } else { nil }
                }
                #expect(isTold == nil)
            }
        }
    }
}
