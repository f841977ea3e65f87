import Testing

@testable import baton

@Suite("A picture drawn over and over")
struct ScreenTests {
    @Test("overwrites the one before it and erases only what is not overwritten")
    func frame() {
        let frame = Screen.frame(["one", "two"], columns: 80, rows: 24, colours: false)
        #expect(
            frame == "\u{1B}[?2026h\u{1B}[Hone\u{1B}[K\r\ntwo\u{1B}[K\u{1B}[J\u{1B}[?2026l")
        #expect(!frame.contains("\u{1B}[2J"))
    }

    @Test("never scrolls: too many lines end in how many more there are")
    func tooMany() {
        let lines = (1...5).map { StyledText("line \($0)") }
        let frame = Screen.frame(lines, columns: 80, rows: 3, colours: false)
        #expect(frame.count { $0 == "\r\n" } == 2)
        #expect(frame.contains("line 2"))
        #expect(!frame.contains("line 3"))
        #expect(frame.contains("… 3 more lines"))
    }

    @Test("never wraps: a line is clipped to the columns")
    func tooWide() {
        let frame = Screen.frame(["a long line"], columns: 5, rows: 3, colours: false)
        #expect(frame.contains("a lo…\u{1B}[K"))
    }
}
