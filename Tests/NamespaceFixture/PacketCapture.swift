internal import CLinux
internal import Glibc

/// What arrives on one interface, whole frames; and a way to send some, past all protocols.
public final class PacketCapture {
    private let number: Int32

    /// To be made inside the namespace of the interface; captures from then on.
    public init(interface: String) throws {
        let everyProtocol = UInt16(ETH_P_ALL).bigEndian
        number = socket(AF_PACKET, clinuxSocketRaw, Int32(everyProtocol))
        guard number >= 0 else { throw Command.Failure(description: "AF_PACKET: \(errno)") }
        var address = sockaddr_ll()
        address.sll_family = UInt16(AF_PACKET)
        address.sll_protocol = everyProtocol
        address.sll_ifindex = Int32(if_nametoindex(interface))
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(number, $0, socklen_t(MemoryLayout<sockaddr_ll>.size))
            }
        }
        guard bound == 0 else { throw Command.Failure(description: "bind AF_PACKET: \(errno)") }
    }

    deinit {
        _ = close(number)
    }

    /// Sends a frame as it is; the error number, 0 for none. ENOBUFS where a filter drops it.
    public func send(_ frame: [UInt8]) -> Int32 {
        Glibc.send(number, frame, frame.count, 0) == frame.count ? 0 : errno
    }

    /// The first `count` frames that satisfy `isWanted`; fewer if no further frame of any kind
    /// comes within two seconds.
    public func frames(_ count: Int, where isWanted: ([UInt8]) -> Bool) -> [[UInt8]] {
        var wanted: [[UInt8]] = []
        var waited = [pollfd(fd: number, events: Int16(POLLIN), revents: 0)]
        var buffer = [UInt8](repeating: 0, count: 2048)
        while wanted.count < count, poll(&waited, 1, 2000) > 0 {
            let length = recv(number, &buffer, buffer.count, 0)
            guard length > 0 else { break }
            let frame = Array(buffer.prefix(length))
            if isWanted(frame) { wanted.append(frame) }
        }
        return wanted
    }
}
