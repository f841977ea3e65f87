public import Addressing
import CLinux
import Glibc

extension Host {
    /// Whether any of its interfaces has the address, as `ip address` would show it.
    public func has(_ address: IPAddress) -> Bool {
        run { Self.interfacesHold(address) }
    }

    /// The same for IPv4.
    public func has(_ address: IPv4Address) -> Bool { has(.v4(address)) }

    /// Asks the calling thread's network.
    static func interfacesHold(_ address: IPAddress) -> Bool {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return false }
        defer { freeifaddrs(list) }
        var entry = list
        while let current = entry {
            if let socketAddress = current.pointee.ifa_addr, matches(socketAddress, address) {
                return true
            }
            entry = current.pointee.ifa_next
        }
        return false
    }

    private static func matches(
        _ socketAddress: UnsafeMutablePointer<sockaddr>, _ address: IPAddress
    ) -> Bool {
        switch (Int32(socketAddress.pointee.sa_family), address) {
        case (AF_INET, .v4(let wanted)):
            socketAddress.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                UInt32(bigEndian: $0.pointee.sin_addr.s_addr) == wanted.bits
            }
        case (AF_INET6, .v6(let wanted)):
            socketAddress.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                withUnsafeBytes(of: $0.pointee.sin6_addr) { $0.elementsEqual(wanted.octets) }
            }
        default: false
        }
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
