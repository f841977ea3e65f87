internal import Addressing
internal import CLinux
internal import Glibc
internal import Netlink

/// Hears every frame of ARP, or of neighbour discovery, that reaches this host. Needs CAP_NET_RAW.
struct NeighbourSocket: ~Copyable, Sendable {
    private let descriptor: Descriptor

    /// What to poll.
    var number: Int32 { descriptor.number }

    /// ARP.
    static func arp() throws(NetlinkError) -> NeighbourSocket {
        NeighbourSocket(descriptor: try open(etherType: 0x0806, program: []))
    }

    /// Neighbour discovery alone: the kernel keeps the rest of IPv6 from us.
    static func discovery() throws(NetlinkError) -> NeighbourSocket {
        // Classic BPF over the frame: load a byte, jump where it is another, return how much to
        // hand out.
        let descriptor = try open(
            etherType: 0x86DD,
            program: [
                sock_filter(code: loadByte, jt: 0, jf: 0, k: 20),
                sock_filter(code: jumpIfEqual, jt: 0, jf: 4, k: 58),
                sock_filter(code: loadByte, jt: 0, jf: 0, k: 54),
                sock_filter(code: jumpIfEqual, jt: 1, jf: 0, k: 135),
                sock_filter(code: jumpIfEqual, jt: 0, jf: 1, k: 136),
                sock_filter(code: giveBack, jt: 0, jf: 0, k: 0xFFFF),
                sock_filter(code: giveBack, jt: 0, jf: 0, k: 0),
            ])
        return NeighbourSocket(descriptor: descriptor)
    }

    private static let loadByte: UInt16 = 0x30  // BPF_LD | BPF_B | BPF_ABS
    private static let jumpIfEqual: UInt16 = 0x15  // BPF_JMP | BPF_JEQ | BPF_K
    private static let giveBack: UInt16 = 0x06  // BPF_RET | BPF_K

    private static func open(
        etherType: UInt16, program: [sock_filter]
    ) throws(NetlinkError) -> Descriptor {
        // Protocol 0 until the filter is there: nothing else gets in before it.
        let number = socket(AF_PACKET, clinuxSocketRaw | clinuxSocketNonBlocking, 0)
        guard number >= 0 else { throw .systemCall(name: "socket(AF_PACKET)", errno: errno) }
        let descriptor = Descriptor(owning: number)
        if !program.isEmpty {
            var instructions = program
            let result = instructions.withUnsafeMutableBufferPointer { buffer in
                var filter = sock_fprog(len: UInt16(buffer.count), filter: buffer.baseAddress)
                return setsockopt(
                    number, SOL_SOCKET, clinuxAttachFilter, &filter,
                    socklen_t(MemoryLayout<sock_fprog>.size))
            }
            guard result == 0 else {
                throw .systemCall(name: "setsockopt(SO_ATTACH_FILTER)", errno: errno)
            }
        }
        var place = sockaddr_ll()
        place.sll_family = UInt16(AF_PACKET)
        place.sll_protocol = etherType.bigEndian
        let result = withUnsafePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(number, $0, socklen_t(MemoryLayout<sockaddr_ll>.size))
            }
        }
        guard result == 0 else { throw .systemCall(name: "bind(AF_PACKET)", errno: errno) }
        return descriptor
    }

    /// At one time, and no more: the network may never be silent.
    private static let framesMax = 64

    /// Hands out what came meanwhile, with the interface's index.
    borrowing func receive(_ take: (NeighbourWord, Int32) -> Void) {
        var frame = [UInt8](repeating: 0, count: NeighbourDiscovery.lengthMax)
        for _ in 0..<Self.framesMax {
            var from = sockaddr_ll()
            var size = socklen_t(MemoryLayout<sockaddr_ll>.size)
            let count = withUnsafeMutablePointer(to: &from) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(descriptor.number, &frame, frame.count, 0, $0, &size)
                }
            }
            guard count > 0 else { return }
            if let word = NeighbourWord(frame[..<count]) { take(word, from.sll_ifindex) }
        }
    }
}
