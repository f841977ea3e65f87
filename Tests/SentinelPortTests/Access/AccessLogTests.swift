import MonotonicTime
import Testing

@testable import SentinelPort

@Suite("What was denied")
struct AccessLogTests {
    private func moment(_ seconds: Int) -> Moment {
        Moment(
            monotonic: Instant(nanoseconds: 0) + .seconds(seconds),
            wallMicroseconds: seconds * 1_000_000)
    }

    @Test("is one entry as long as it is the same within a minute, the newest first")
    func alike() {
        var log = AccessLog()
        func add(_ object: String, _ seconds: Int) {
            log.add(
                .command, object: object, user: "u", client: "c", at: moment(seconds),
                lengthMax: 10)
        }
        add("get", 0)
        add("set", 1)
        add("get", 30)
        #expect(log.entries.map(\.object) == ["get", "set"])
        #expect(log.entries.map(\.count) == [2, 1])
        add("get", 100)
        #expect(log.entries.map(\.count) == [1, 2, 1])
        #expect(log.commandCount == 4)
    }

    @Test("is kept up to its length")
    func length() {
        var log = AccessLog()
        for number in 0..<5 {
            log.add(
                .auth, object: "AUTH", user: "u\(number)", client: "", at: moment(0), lengthMax: 3)
        }
        #expect(log.entries.map(\.user) == ["u4", "u3", "u2"])
        log.reset()
        #expect(log.entries.isEmpty)
    }
}
