import Addressing
import Testing

@testable import Netlink

@Suite("Interfaces as the kernel tells them")
struct LinkTests {
    @Test("reads name, hardware address and state")
    func read() throws {
        let message = try #require(Message.scan(Samples.link)?.first)
        #expect(
            Link(message)
                == Link(
                    index: 2, name: "eth0", hardwareAddress: MACAddress(bits: 0x02FC_0000_0001),
                    isUp: true, hasCarrier: true))
    }

    @Test("a port that leaves a bridge is not an interface that is gone")
    func bridgePort() {
        var bytes = Samples.link
        bytes[4] = 17  // RTM_DELLINK
        #expect(Notice.read(bytes).count == 1)
        bytes[16] = 7  // AF_BRIDGE
        #expect(Notice.read(bytes).isEmpty)
    }

    @Test("a tunnel has no hardware address")
    func tunnel() throws {
        var bytes = Samples.link
        bytes[18] = 0xFE  // ARPHRD_NONE
        bytes[19] = 0xFF
        let message = try #require(Message.scan(bytes)?.first)
        let link = try #require(Link(message))
        #expect(link.hardwareAddress == nil)
    }

    @Test("asks for all interfaces")
    func request() {
        let expected: [[UInt8]] = [
            [32, 0, 0, 0, 18, 0, 0x01, 0x03],  // RTM_GETLINK, REQUEST | DUMP.
            [7, 0, 0, 0, 0, 0, 0, 0],  // Sequence, port.
            Array(repeating: 0, count: 16),  // ifinfomsg: any.
        ]
        #expect(Link.listRequest().finished(sequence: 7) == expected.flatMap { $0 })
    }
}
