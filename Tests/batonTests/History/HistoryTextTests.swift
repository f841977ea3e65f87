import Testing

@testable import baton

@Suite("The journal for people")
struct HistoryTextTests {
    private static func lines(_ text: String) throws -> [String] {
        let record = try #require(HistoryRecord(try JSONValue(Array(text.utf8))))
        let names = ["192.168.11.123": "redis01", "192.168.11.124": "redis02"]
        return HistoryText(records: [record], names: names).lines().map(\.text)
    }

    @Test("says when, from where to where, why, by whom, at what cost")
    func whole() throws {
        #expect(
            try Self.lines(sampleRecord(lost: "70")) == [
                "2026-01-31 23:59:59.123Z  orders  redis01 -> redis02",
                "  the primary's process ended; led by redis02; votes: redis02 redis03; epoch 3",
                "  no write address for 41 ms; 70 bytes of the stream lost with the former primary",
                "  ms: begun 0, held 42",
            ])
    }

    @Test("says what is not known yet, and what nothing came of")
    func others() throws {
        #expect(
            try Self.lines(sampleRecord(unheld: "null"))[2]
                == "  time without write address not known; loss known when redis01 returns with "
                + "its history")
        #expect(
            try Self.lines(sampleRecord(cause: "switchover"))[2].hasSuffix("nothing lost"))
        let failed = try Self.lines(
            sampleRecord(cause: "switchover", failure: "\"-failover-abort-handover\""))
        #expect(failed[0].hasSuffix("redis01 stayed the primary's host"))
        #expect(failed[1].hasSuffix("-failover-abort-handover"))
        #expect(HistoryText(records: [], names: [:]).lines() == ["No failover is on record."])
    }
}
