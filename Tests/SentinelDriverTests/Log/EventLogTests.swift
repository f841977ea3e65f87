import Glibc
import SentinelCore
import Testing

@testable import SentinelDriver

@Suite("The event log")
struct EventLogTests {
    @Test("lines are appended in their order")
    func order() async throws {
        let capture = try LogCapture()
        for number in 1...500 { capture.log.write(LogLine(.warning, "line \(number).")) }
        await capture.log.shutDown()
        let lines = capture.text.split(separator: "\n")
        #expect(lines.count == 500)
        #expect(lines.first?.hasSuffix("# line 1.") == true)
        #expect(lines.last?.hasSuffix("# line 500.") == true)
    }

    @Test("what is below the level is left out")
    func level() async throws {
        let capture = try LogCapture()
        capture.log.write(LogLine(.verbose, "chatter"))
        capture.log.write(LogLine(.notice, "news"))
        await capture.log.shutDown()
        #expect(!capture.text.contains("chatter"))
        #expect(capture.text.contains("news"))
    }

    @Test("a file that was moved away is begun anew")
    func moved() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/log"
        let first = try EventLog(to: .file(path))
        first.write(LogLine(.warning, "before"))
        await first.shutDown()
        #expect(rename(path, path + ".1") == 0)
        // The thread is gone, so the line is written here and now.
        first.write(LogLine(.warning, "after"))
        await first.shutDown()
        #expect(directory.contents("log.1")?.contains("before") == true)
        #expect(directory.contents("log.1")?.contains("after") == false)
        #expect(directory.contents("log")?.contains("after") == true)
    }

    @Test("lines that cannot be kept are counted, and the log says how many")
    func dropped() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/pipe"
        #expect(mkfifo(path, 0o600) == 0)
        // A reader that does not read: the writer blocks when the pipe is full.
        let reader = open(path, O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        let log = try EventLog(to: .file(path))
        let long = String(repeating: "x", count: 100)
        let count = EventLog.waitingLinesMax * 4
        for _ in 0..<count { log.write(LogLine(.warning, long)) }
        // Now it reads, until every line is accounted for.
        try #require(fcntl(reader, F_SETFL, 0) == 0)
        async let end: Void = log.shutDown()
        var keptCount = 0
        var droppedCount = 0
        var unread: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while keptCount + droppedCount < count {
            let got = read(reader, &chunk, chunk.count)
            try #require(got > 0)
            unread += chunk[..<got]
            var lines = unread.split(
                separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            unread = Array(lines.removeLast())
            for line in lines {
                let text = String(decoding: line, as: UTF8.self)
                if let match = text.firstMatch(of: #/# (\d+) lines of this log were dropped/#) {
                    droppedCount += try #require(Int(match.output.1))
                } else if text.hasSuffix(long) {
                    keptCount += 1
                }
            }
        }
        await end
        #expect(keptCount + droppedCount == count)
        #expect(droppedCount > 0)
    }

    @Test("SIGUSR1 opens the file again instead of ending the process")
    func signalled() async throws {
        let capture = try LogCapture()
        EventLog.reopenOnSIGUSR1()
        #expect(raise(SIGUSR1) == 0)
        capture.log.write(LogLine(.warning, "still here"))
        await capture.log.shutDown()
        #expect(capture.text.contains("still here"))
    }

    @Test("a file that cannot be opened is refused at once")
    func unopenable() {
        #expect(throws: EventLog.Failure.self) { try EventLog(to: .file("/proc/none/log")) }
    }
}
