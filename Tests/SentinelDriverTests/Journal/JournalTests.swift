import Addressing
import Glibc
import MonotonicTime
import SentinelCore
import Synchronization
import Testing

@testable import SentinelDriver

@Suite("The journal of failovers")
struct JournalTests {
    private static func record(_ number: Int) -> FailoverRecord {
        let server = Endpoint(address: .v4(IPv4Address(10, 0, 0, 1)), port: 6379)
        var record = FailoverRecord(group: "orders", cause: .evidence, from: server)
        record.epoch = UInt64(number)
        record.steps = [
            FailoverRecord.Step(.begun, at: Instant(nanoseconds: Int64(number) * 1_000_000))
        ]
        return record
    }

    private static func journal(_ path: String) -> (Journal, Complaints) {
        let complaints = Complaints()
        return (
            Journal(path: path, node: "redis01") { text in complaints.add(text) }, complaints
        )
    }

    @Test("is read again by the next life, and a record that says more takes its own place")
    func kept() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/baton.journal"
        let (journal, _) = Self.journal(path)
        var record = Self.record(1)
        journal.note(record)
        journal.note(Self.record(2))
        record.lostBytes = 70
        journal.note(record)
        try await journal.writer().shutDown()

        let (next, complaints) = Self.journal(path)
        #expect(next.json == journal.json)
        #expect(next.json.contains("\"lostBytes\":70"))
        #expect(next.json.split(separator: "\"schema\"").count == 3)
        next.note(Self.record(3))
        try await next.writer().shutDown()
        #expect(next.json.contains("\"epoch\":1") && next.json.contains("\"epoch\":3"))
        #expect(complaints.all == [])
    }

    @Test("forgets the oldest beyond its bound")
    func bounded() async throws {
        let directory = try TemporaryDirectory()
        let (journal, _) = Self.journal(directory.path + "/baton.journal")
        for number in 1...(Journal.recordsMax + 5) { journal.note(Self.record(number)) }
        try await journal.writer().shutDown()
        #expect(!journal.json.contains("\"epoch\":5,"))
        #expect(journal.json.contains("\"epoch\":6,"))
    }

    @Test("leaves out lines that are none of Baton's, and says once why it can't be written")
    func trouble() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/baton.journal"
        let file = try #require(fopen(path, "we"))
        fputs("garbage\n{\"schema\":1,\"epoch\":9}\n{\"schema\":1,\"cut", file)
        fclose(file)
        let (journal, _) = Self.journal(path)
        #expect(journal.json == "[{\"schema\":1,\"epoch\":9}]")
        try await journal.writer().shutDown()

        let (nowhere, complaints) = Self.journal(directory.path + "/none/baton.journal")
        nowhere.note(Self.record(1))
        nowhere.note(Self.record(2))
        try await nowhere.writer().shutDown()
        #expect(complaints.all.count == 1)
        #expect(complaints.all.first?.contains("can't be kept") == true)
    }

    @Test("tells moments by the clock of the day, to the millisecond")
    func moments() {
        #expect(WallTime.text(nanoseconds: 1_769_903_999_123_456_789) == "2026-01-31T23:59:59.123Z")
        var record = Self.record(1)
        record.steps.append(
            FailoverRecord.Step(.held, at: record.steps[0].at + .milliseconds(42)))
        let text = record.json(
            node: "redis01",
            now: (record.steps[0].at + .seconds(1), 1_769_904_000_123_000_000))
        #expect(text.contains("\"at\":\"2026-01-31T23:59:59.123Z\""))
        #expect(text.contains("{\"phase\":\"held\",\"milliseconds\":42}"))
    }
}

/// Texts that come from any thread.
private final class Complaints: Sendable {
    private let texts = Mutex<[String]>([])

    func add(_ text: String) { texts.withLock { $0.append(text) } }
    var all: [String] { texts.withLock { $0 } }
}
