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

    /// The hardware address of its interface on one of the plan's networks.
    public func hardwareAddress(on network: Plan.Network) -> MACAddress? {
        run { Self.hardwareAddress(ofInterface: network.interface) }
    }

    private static func hardwareAddress(ofInterface name: String) -> MACAddress? {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return nil }
        defer { freeifaddrs(list) }
        var entry = list
        while let current = entry {
            if let socketAddress = current.pointee.ifa_addr,
                Int32(socketAddress.pointee.sa_family) == AF_PACKET,
                String(cString: current.pointee.ifa_name) == name
            {
                return socketAddress.withMemoryRebound(to: sockaddr_ll.self, capacity: 1) {
                    withUnsafeBytes(of: $0.pointee.sll_addr) { octets in
                        MACAddress(bits: octets.prefix(6).reduce(0) { $0 << 8 | UInt64($1) })
                    }
                }
            }
            entry = current.pointee.ifa_next
        }
        return nil
    }
}
