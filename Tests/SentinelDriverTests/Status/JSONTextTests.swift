import Testing

@testable import SentinelDriver

@Suite("JSON")
struct JSONTextTests {
    @Test("keys stand in the order in which they were given, commas between")
    func order() {
        var json = JSONText()
        json.object {
            $0.string("b", "x")
            $0.integer("a", -1)
            $0.array("list", [1, 2]) { json, number in
                json.object { $0.integer("n", number) }
            }
            $0.array("none", [Int]()) { _, _ in }
            $0.object("inner") { $0.boolean("yes", true) }
            $0.object("empty") { _ in }
            $0.null("nothing")
            $0.integer("absent", nil as Int?)
            $0.string("absent", nil)
        }
        #expect(
            json.text
                == #"{"b":"x","a":-1,"list":[{"n":1},{"n":2}],"none":[],"inner":{"yes":true},"#
                + #""empty":{},"nothing":null,"absent":null,"absent":null}"#)
    }

    @Test("whatever stands in a string, it stays one string")
    func escapes() {
        var json = JSONText()
        json.object { $0.string("k", "\"\\\n\r\t\0\u{1B}\u{7F}é\u{1F600}") }
        #expect(json.text == #"{"k":"\"\\\n\r\t\u0000\u001b\u007fé😀"}"#)
    }
}
