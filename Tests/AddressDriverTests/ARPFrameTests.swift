import AddressDriver
import Addressing
import Testing

@Suite("Frames of ARP")
struct ARPFrameTests {
    private static let hardware = MACAddress(bits: 0x0200_0000_0001)
    private static let sender = IPv4Address(10, 18, 14, 1)
    private static let target = IPv4Address(10, 18, 14, 2)

    @Test("a question is read back as it was asked")
    func question() throws {
        let bytes = ARPFrame.question(for: Self.target, from: Self.sender, at: Self.hardware)
        #expect(bytes.count == 60)
        #expect(bytes[0..<6].allSatisfy { $0 == 0xFF })
        let frame = try #require(ARPFrame(bytes[...]))
        #expect(frame.operation == 1)
        #expect(frame.sender == Self.sender && frame.target == Self.target)
        #expect(frame.senderHardware == Self.hardware)
    }

    @Test("what is cut short or of another kind is no frame of ARP")
    func others() {
        let bytes = ARPFrame.question(for: Self.target, from: Self.sender, at: Self.hardware)
        for count in 0..<42 { #expect(ARPFrame(bytes[..<count]) == nil) }
        for index in 12..<20 {
            var other = bytes
            other[index] ^= 0xFF
            #expect(ARPFrame(other[...]) == nil)
        }
    }
}
