import Testing

@testable import baton

@Suite("Styled text")
struct StyledTextTests {
    @Test("is coloured only where there are colours")
    func colours() {
        let text = StyledText("a ") + StyledText("b", .bad) + StyledText(" c", .faint)
        #expect(text.rendered(colours: false) == "a b c")
        #expect(text.rendered(colours: true) == "a \u{1B}[1;31mb\u{1B}[0m\u{1B}[2m c\u{1B}[0m")
    }

    @Test("never moves the cursor, whatever a peer calls itself")
    func harmless() {
        let text = StyledText("a\u{1B}[2Jb\r\n\u{9B}c\u{202E}d", .title)
        #expect(text.rendered(colours: false) == "a\u{FFFD}[2Jb\u{FFFD}\u{FFFD}\u{FFFD}c\u{FFFD}d")
    }

    @Test("is clipped between characters, with a mark")
    func clipped() {
        let text = StyledText("redis01 ") + StyledText("订单订单", .good)
        #expect(text.width == 16)
        #expect(text.clipped(to: 16) == text)
        #expect(text.clipped(to: 15).text == "redis01 订单订…")
        #expect(text.clipped(to: 14).text == "redis01 订单…")
        #expect(text.clipped(to: 14).width == 13)
        #expect(text.clipped(to: 3).text == "re…")
        #expect(text.clipped(to: 0).text == "")
    }

    @Test("is padded by cells, not by characters")
    func padded() {
        #expect(StyledText("订").padded(to: 4, .leading).text == "订  ")
        #expect(StyledText("订").padded(to: 4, .trailing).text == "  订")
        #expect(StyledText("long").padded(to: 2, .trailing).text == "long")
    }
}
