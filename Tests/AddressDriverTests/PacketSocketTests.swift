import Glibc
import NamespaceFixture
import Netlink
import Testing

@testable import AddressDriver

@Suite(
    "Sending frames as they are",
    .enabled(if: NamespacePair.isPermitted, "\(NamespacePair.needs)"))
struct PacketSocketTests {
    @Test("a frame arrives as it was sent")
    func intact() throws {
        let frame: [UInt8] =
            [0x33, 0x33, 0, 0, 0, 1] + [0x02, 0xFC, 0, 0, 0, 0x01] + [0x88, 0xB5]
            + (0..<46).map { UInt8($0) }
        try NamespacePair.with { pair in
            let capture = try pair.far.run { try PacketCapture(interface: "far0") }
            try pair.near.run {
                let packets = try PacketSocket()
                try packets.send(frame, interfaceIndex: if_nametoindex("near0"))
            }
            #expect(capture.frames(1) { $0 == frame } == [frame])
        }
    }

    @Test("an interface that is gone is an error, not a silence")
    func gone() throws {
        try NamespacePair.with { pair in
            let error = #expect(throws: NetlinkError.self) {
                try pair.near.run {
                    let packets = try PacketSocket()
                    try packets.send(Array(repeating: 0, count: 60), interfaceIndex: 4711)
                }
            }
            #expect(error?.errno == ENXIO)
        }
    }
}
