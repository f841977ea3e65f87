import Testing

@testable import RESP

@Suite("Bytes")
struct RESPBytesTests {
    @Test(
        "reads an integer as strictly as Redis's string2ll",
        arguments: [
            ("0", 0), ("7", 7), ("-7", -7), ("10", 10), ("9223372036854775807", Int.max),
            ("-9223372036854775808", .min), ("9223372036854775808", nil),
            ("-9223372036854775809", nil), ("99999999999999999999999", nil), ("", nil), ("-", nil),
            ("-0", nil), ("00", nil), ("01", nil), ("-01", nil), ("+1", nil), (" 1", nil),
            ("1 ", nil), ("1\0", nil), ("1/", nil), ("1:", nil), ("--1", nil), ("0x1", nil),
        ])
    func decimal(text: String, value: Int?) {
        let bytes = Array("<\(text)9".utf8)
        #expect(bytes.span.bytes.decimal(in: 1..<bytes.count - 1) == value)
    }
}
