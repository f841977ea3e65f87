import Testing

@testable import baton

@Suite("JSON")
struct JSONValueTests {
    static func read(_ text: String) -> JSONValue? {
        try? JSONValue(Array(text.utf8))
    }

    @Test("every kind of value is read")
    func kinds() {
        let text = #" {"a":[1,-2.5e+3,true,false,null],"b":{"c":"x"},"":[ ],"d":{ }} "#
        #expect(
            Self.read(text)
                == .object([
                    .init(
                        key: "a",
                        value: .array([
                            .number("1"), .number("-2.5e+3"), .boolean(true), .boolean(false),
                            .null,
                        ])),
                    .init(key: "b", value: .object([.init(key: "c", value: .string("x"))])),
                    .init(key: "", value: .array([])), .init(key: "d", value: .object([])),
                ]))
        #expect(Self.read(text)?["a"]?.elements?.first?.integer == 1)
        #expect(Self.read("9223372036854775807")?.integer == Int.max)
        #expect(Self.read("9223372036854775808")?.integer == nil)
        #expect(Self.read("1.0")?.integer == nil)
    }

    @Test(
        "escapes are read",
        arguments: [
            (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u00e9\u8ba2""#, "é订"),
            (#""\ud83d\ude00""#, "😀"), ("\"订单\"", "订单"), (#""\u0000""#, "\0"),
        ])
    func escapes(text: String, value: String) {
        #expect(Self.read(text) == .string(value))
    }

    @Test(
        "what is not JSON is refused",
        arguments: [
            "", " ", "{", "}", "[1,]", "[,1]", "[1 2]", #"{"a":1,}"#, #"{"a"}"#, #"{a:1}"#,
            #"{"a":1 "b":2}"#, "01", "-", "1.", ".5", "1e", "+1", "tru", "nul", "True", "\"",
            "\"a\nb\"", #""\x""#, #""\u12g4""#, #""\u+123""#, #""\ud83d""#, #""\ud83dx""#,
            #""\ude00""#, #""\ud83d\u0041""#, "1 2", "[1]]", "'a'", "NaN",
        ])
    func malformed(text: String) {
        #expect(Self.read(text) == nil)
    }

    @Test("bytes that are not UTF-8 are refused")
    func encoding() {
        #expect((try? JSONValue([0x22, 0xFF, 0x22])) == nil)
    }

    @Test("depth is bounded, so that no answer exhausts the stack")
    func depth() {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(Self.read(nested(32)) != nil)
        #expect(Self.read(nested(33)) == nil)
        #expect(Self.read(String(repeating: "[", count: 1_000_000)) == nil)
    }

    @Test("no beginning of a text is one")
    func beginnings() {
        let bytes = Array(#"{"a":[1,"b\n",{"c":null}]}"#.utf8)
        for count in 0..<bytes.count {
            #expect((try? JSONValue(Array(bytes[..<count]))) == nil)
        }
    }
}
