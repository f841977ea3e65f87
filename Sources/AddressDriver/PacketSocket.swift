internal import CLinux
internal import Glibc
internal import Netlink

/// Sends Ethernet frames as they are. Needs CAP_NET_RAW.
///
/// One socket serves all interfaces of the network namespace that it was opened in.
struct PacketSocket: ~Copyable {
    private let descriptor: Descriptor

    init() throws(NetlinkError) {
        // Protocol 0: it receives nothing, so nothing queues up unread.
        let number = socket(AF_PACKET, clinuxSocketRaw, 0)
        guard number >= 0 else { throw .systemCall(name: "socket(AF_PACKET)", errno: errno) }
        descriptor = Descriptor(owning: number)
    }

    /// Hands one frame to an interface. Success means queued there, not received anywhere.
    func send(_ frame: [UInt8], interfaceIndex: UInt32) throws(NetlinkError) {
        var destination = sockaddr_ll()
        destination.sll_family = UInt16(AF_PACKET)
        destination.sll_ifindex = Int32(truncatingIfNeeded: interfaceIndex)
        // The frame's own type, already in network order, for those who look at the queue.
        if frame.count >= 14 {
            destination.sll_protocol = (UInt16(frame[12]) << 8 | UInt16(frame[13])).bigEndian
        }
        let sent = withUnsafePointer(to: &destination) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(
                    descriptor.number, frame, frame.count, clinuxMessageDoNotWait, $0,
                    socklen_t(MemoryLayout<sockaddr_ll>.size))
            }
        }
        guard sent == frame.count else {
            throw .systemCall(name: "sendto(AF_PACKET)", errno: sent < 0 ? errno : EMSGSIZE)
        }
    }
}
