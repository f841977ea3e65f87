import Testing

@testable import RESP

@Suite("Error")
struct RESPErrorTests {
    @Test("shows a client the byte that it sent, spaces in place of line ends, as Redis does")
    func expectedDollar() {
        let start = Array("Protocol error: expected '$', got '".utf8)
        for (byte, shown) in [(0x2B, 0x2B), (0xFF, 0xFF), (0x0D, 0x20), (0x0A, 0x20)] {
            let message = RESPError.expectedDollar(got: UInt8(byte)).message
            #expect(message == start + [UInt8(shown), UInt8(ascii: "'")])
        }
    }

    @Test("shows an operator bytes that a terminal can print")
    func descriptions() {
        #expect(RESPError.unknownType(0x48).description == "not RESP: no type begins with 'H'")
        #expect(RESPError.unknownType(7).description == #"not RESP: no type begins with '\x07'"#)
        #expect(
            RESPError.expectedDollar(got: 0xFF).description
                == #"Protocol error: expected '$', got '\xff'"#)
        #expect(RESPError.tooDeep(limit: 32).description == "values nested deeper than 32")
    }
}
