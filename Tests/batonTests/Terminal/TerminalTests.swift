import Testing

@testable import baton

@Suite("The terminal")
struct TerminalTests {
    @Test("colours need a terminal that knows them, and a user who has not said NO_COLOR")
    func colours() {
        #expect(Terminal.hasColours(isInteractive: true, type: "xterm", noColour: nil))
        #expect(Terminal.hasColours(isInteractive: true, type: "xterm", noColour: ""))
        #expect(!Terminal.hasColours(isInteractive: true, type: "xterm", noColour: "1"))
        #expect(!Terminal.hasColours(isInteractive: false, type: "xterm", noColour: nil))
        #expect(!Terminal.hasColours(isInteractive: true, type: "dumb", noColour: nil))
        #expect(!Terminal.hasColours(isInteractive: true, type: nil, noColour: nil))
    }
}
