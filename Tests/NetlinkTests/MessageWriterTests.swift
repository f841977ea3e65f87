import Testing

@testable import Netlink

@Suite("Building netlink messages")
struct MessageWriterTests {
    @Test("header, attributes and their padding are where the kernel expects them")
    func golden() {
        var message = MessageWriter(type: 0x0102, flags: 0x0304)
        message.attribute(5, text: "abc")
        message.attribute(6, octets: [0xEE])
        message.attribute(7, native: UInt16(0x0102))
        message.attribute(8, network: UInt32(0x0A0B_0C0D))
        message.nested(9) { $0.attribute(1, octets: [1, 2]) }
        let expected: [[UInt8]] = [
            [60, 0, 0, 0],  // Length of all.
            [0x02, 0x01],  // Type.
            [0x04, 0x03],  // Flags.
            [0x44, 0x33, 0x22, 0x11],  // Sequence.
            [0, 0, 0, 0],  // Port: the kernel's business.
            [8, 0, 5, 0, 0x61, 0x62, 0x63, 0],  // A string ends with a zero.
            [5, 0, 6, 0, 0xEE, 0, 0, 0],  // Length without padding, then padding.
            [6, 0, 7, 0, 0x02, 0x01, 0, 0],  // Host order.
            [8, 0, 8, 0, 0x0A, 0x0B, 0x0C, 0x0D],  // Network order.
            [12, 0, 9, 0x80],  // Nested: flag 0x8000; its length includes the inner padding.
            [6, 0, 1, 0, 1, 2, 0, 0],
        ]
        #expect(message.finished(sequence: 0x1122_3344) == expected.flatMap { $0 })
    }
}
