import Testing

@testable import Netlink

@Suite("What the kernel has of a ruleset")
struct RulesetInventoryTests {
    private let table = Table(
        family: .inet, name: "baton", sets: [],
        chains: [
            Chain(
                name: "input", hook: Hook(number: 1, priority: -300),
                rules: [Rule([], .drop, "first"), Rule([], .drop, "second")])
        ])

    private func inventory(
        isDormant: Bool = false, hook: Hook = Hook(number: 1, priority: -300),
        comments: [String?] = ["first", "second"]
    ) -> RulesetInventory {
        RulesetInventory(
            tables: [.init(family: .inet, name: "baton", isDormant: isDormant)],
            chains: [.init(table: "baton", name: "input", hook: hook, comments: comments)])
    }

    @Test("a table that is as it should be has no fault")
    func complete() {
        #expect(inventory().faults(in: table) == [])
    }

    @Test("each thing that somebody changed is a fault, in words")
    func faults() {
        #expect(RulesetInventory().faults(in: table) == ["table inet baton is missing"])
        #expect(inventory(isDormant: true).faults(in: table) == ["table inet baton is dormant"])
        var lacking = inventory()
        lacking.chains = []
        #expect(lacking.faults(in: table) == ["table inet baton lacks chain input"])
        #expect(
            inventory(hook: Hook(number: 1, priority: 0)).faults(in: table)
                == ["chain input of table inet baton hangs elsewhere"])
        for comments in [["first"], ["second", "first"], ["first", nil, "second"]] {
            #expect(
                inventory(comments: comments).faults(in: table)
                    == ["chain input of table inet baton has other rules"])
        }
    }

    @Test("reads tables, chains and rules")
    func read() throws {
        let table = try #require(Message.scan(Samples.table)?.first)
        #expect(
            RulesetInventory.TableRecord(table)
                == .init(family: .inet, name: "baton", isDormant: true))
        let chain = try #require(Message.scan(Samples.chain)?.first)
        #expect(
            RulesetInventory.ChainRecord(chain)
                == .init(
                    table: "baton", name: "e", hook: Hook(number: 1, priority: 0, device: "eth0")))
        let rule = try #require(Message.scan(Samples.rule)?.first)
        #expect(
            RulesetInventory.RuleRecord(rule) == .init(table: "baton", chain: "e", comment: "no"))
    }
}
