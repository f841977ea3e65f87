import Glibc
import SentinelCore
import Testing

@testable import SentinelDriver

@Suite("A line of the event log")
struct LogLineTests {
    @Test("it has Sentinel's form")
    func sentinelForm() throws {
        var line = LogLine(.warning, event: "+sdown", "master orders 10.0.0.1 6379")
        line.wallClockNanoseconds = 1_700_000_000_042_000_000
        let text = line.sentinelText(processID: 71)
        // The date is local time, as Sentinel's.
        let form =
            #/71:X 1[45] Nov 2023 \d\d:\d\d:20\.042 # \+sdown master orders 10\.0\.0\.1 6379/#
        #expect(text.wholeMatch(of: form) != nil)
    }

    @Test("in JSON it is one object in UTC")
    func jsonForm() {
        var line = LogLine(.notice, event: "+slave", "slave \"x\"")
        line.wallClockNanoseconds = 1_700_000_000_042_000_000
        #expect(
            line.jsonText(processID: 71)
                == #"{"time":"2023-11-14T22:13:20.042Z","pid":71,"level":"notice","#
                + #""event":"+slave","message":"slave \"x\""}"#)
        #expect(LogLine(.warning, "x").jsonText(processID: 1).contains(#""event":null"#))
    }

    @Test("a remark has no event's name")
    func remark() {
        let line = LogLine(Announcement(.remark, detail: "a voted for b 3"))
        #expect(line.event == nil)
        #expect(line.sentinelText(processID: 1).hasSuffix(" * a voted for b 3"))
    }

    @Test("a peer's words cannot forge a second line or colour a terminal")
    func forging() {
        let line = LogLine(.warning, "it said: x\r\n1:X 01 Jan 2030 # +switch-master\u{1B}[31m")
        let text = line.sentinelText(processID: 1)
        #expect(!text.unicodeScalars.contains { $0.value < 0x20 })
        #expect(text.hasSuffix("it said: x??1:X 01 Jan 2030 # +switch-master?[31m"))
    }
}
