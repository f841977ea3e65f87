import Testing

@testable import baton

/// A line of the journal, with what a test wants different.
func sampleRecord(
    node: String = "redis02", leader: String = "redis02", epoch: Int = 3, lost: String = "null",
    unheld: String = "41", cause: String = "evidence", failure: String = "null",
    at: String = "2026-01-31T23:59:59.123Z"
) -> String {
    """
    {"schema":1,"node":"\(node)","group":"orders","cause":"\(cause)","epoch":\(epoch),\
    "leader":"\(leader)","votes":["redis02","redis03"],"from":"192.168.11.123:6379",\
    "to":"192.168.11.124:6379","at":"\(at)","steps":[{"phase":"begun","milliseconds":0},\
    {"phase":"held","milliseconds":42}],"fromOffset":100,"toOffset":90,\
    "unheldMilliseconds":\(unheld),"lostBytes":\(lost),"failure":\(failure)}
    """
}

@Suite("Records of failovers")
struct HistoryRecordTests {
    private static func record(_ text: String) throws -> HistoryRecord {
        try #require(HistoryRecord(try JSONValue(Array(text.utf8))))
    }

    @Test("a record is read with all that it says")
    func whole() throws {
        let record = try Self.record(sampleRecord(lost: "70"))
        #expect(record.votes == ["redis02", "redis03"])
        #expect(record.steps.last == .init(phase: "held", milliseconds: 42))
        #expect(record.unheldMilliseconds == 41 && record.lostBytes == 70)
        #expect(record.failure == nil)
    }

    @Test("of another schema, or without what it must say, it is none")
    func others() throws {
        for (what, instead) in [
            ("\"schema\":1", "\"schema\":2"), ("\"group\"", "\"grop\""), ("\"steps\"", "\"step\""),
        ] {
            let text = sampleRecord().replacing(what, with: instead)
            #expect(HistoryRecord(try JSONValue(Array(text.utf8))) == nil)
        }
    }

    @Test("what several nodes say of one failover is told once: the leader's, completed")
    func merged() throws {
        let leaders = try Self.record(sampleRecord(unheld: "null", at: "2026-01-31T23:59:59.200Z"))
        let observers = try Self.record(sampleRecord(node: "redis03", lost: "70"))
        let later = try Self.record(
            sampleRecord(epoch: 4, at: "2026-02-01T00:00:00.000Z"))
        let merged = HistoryRecord.merged([later, leaders, observers])
        #expect(merged.map(\.epoch) == [3, 4])
        #expect(merged[0].node == "redis02")
        #expect(merged[0].lostBytes == 70 && merged[0].unheldMilliseconds == 41)
    }
}
