public import Addressing
import CLinux
import Glibc

extension Host {
    /// Whether any of its interfaces has the address, as `ip address` would show it.
    public func has(_ address: IPv4Address) -> Bool {
        run { Self.interfacesHold(address) }
    }

    /// Asks the calling thread's network.
    static func interfacesHold(_ address: IPv4Address) -> Bool {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return false }
        defer { freeifaddrs(list) }
        var entry = list
        while let current = entry {
            if let socketAddress = current.pointee.ifa_addr,
                socketAddress.pointee.sa_family == sa_family_t(AF_INET)
            {
                let bits = socketAddress.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    UInt32(bigEndian: $0.pointee.sin_addr.s_addr)
                }
                if bits == address.bits { return true }
            }
            entry = current.pointee.ifa_next
        }
        return false
    }
}
