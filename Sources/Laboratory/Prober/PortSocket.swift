import CLinux
import Glibc

/// The end of a host's cable at its switch: sends frames to the host, and hears every frame that
/// the host sends, whatever becomes of it at the switch.
struct PortSocket: Sendable {
    let descriptor: Int32

    /// Listens in the calling thread's network.
    init(port: String) throws(LaboratoryError) {
        let everything = UInt16(ETH_P_ALL).bigEndian
        let opened = socket(
            AF_PACKET, clinuxSocketRaw | clinuxSocketNonBlocking, Int32(everything))
        guard opened >= 0 else {
            throw .systemCall("socket(AF_PACKET)", subject: port, errorNumber: errno)
        }
        descriptor = opened
        // A thread that is late by tens of milliseconds must not miss an answer.
        var size: Int32 = 1 << 21
        setsockopt(
            opened, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_ll()
        address.sll_family = UInt16(AF_PACKET)
        address.sll_protocol = everything
        address.sll_ifindex = Int32(if_nametoindex(port))
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(opened, $0, socklen_t(MemoryLayout<sockaddr_ll>.size)) == 0
            }
        }
        guard isBound else {
            let errorNumber = errno
            Glibc.close(opened)
            throw .systemCall("bind(AF_PACKET)", subject: port, errorNumber: errorNumber)
        }
    }

    /// Hands a frame to the cable. One whose plug is out takes none, which says enough.
    func send(_ frame: [UInt8]) {
        _ = Glibc.send(descriptor, frame, frame.count, 0)
    }

    /// The length of the next frame from the host, which is then at the buffer's beginning; `nil`
    /// when no more is there.
    func receive(into buffer: inout [UInt8]) -> Int? {
        while true {
            var sender = sockaddr_ll()
            var length = socklen_t(MemoryLayout<sockaddr_ll>.size)
            let count = withUnsafeMutablePointer(to: &sender) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(descriptor, &buffer, buffer.count, 0, $0, &length)
                }
            }
            if count < 0 {
                // A plug that was pulled is told once.
                if errno == EINTR || errno == ENETDOWN { continue }
                return nil
            }
            // What is sent to the host passes here as well.
            if sender.sll_pkttype != UInt8(PACKET_OUTGOING) { return count }
        }
    }

    func close() {
        Glibc.close(descriptor)
    }
}
