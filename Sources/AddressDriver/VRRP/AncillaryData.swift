import Addressing
import CLinux
import Glibc

/// What the kernel tells beside an IPv6 packet (RFC 3542 sections 6.1 and 6.2), from a chain of
/// `cmsghdr`: octets of length, level and type, then the value, each aligned to a machine word.
struct AncillaryData: Equatable {
    private(set) var hopLimit: UInt8?
    /// Where the packet was sent to: one of ours, or a group.
    private(set) var destination: IPv6Address?

    private static let headerLength = 16
    private static let alignment = 8

    init(_ chain: some Collection<UInt8>) {
        var rest = Array(chain)[...]
        while let length = Self.native(Int.self, rest),
            let level = Self.native(Int32.self, rest.dropFirst(8)),
            let type = Self.native(Int32.self, rest.dropFirst(12))
        {
            guard length >= Self.headerLength, length <= rest.count else { return }
            take(level, type, rest.prefix(length).dropFirst(Self.headerLength))
            rest = rest.dropFirst((length + Self.alignment - 1) & ~(Self.alignment - 1))
        }
    }

    private mutating func take(_ level: Int32, _ type: Int32, _ value: ArraySlice<UInt8>) {
        guard level == Int32(IPPROTO_IPV6) else { return }
        if type == IPV6_HOPLIMIT {
            hopLimit = Self.native(Int32.self, value).flatMap { UInt8(exactly: $0) }
        } else if type == IPV6_PKTINFO, value.count >= 16 {
            destination = IPv6Address(octets: value.prefix(16))
        }
    }

    /// An integer as this machine lays it out; `nil` where there are too few octets.
    private static func native<Value: BitwiseCopyable>(
        _ type: Value.Type, _ octets: ArraySlice<UInt8>
    ) -> Value? {
        guard octets.count >= MemoryLayout<Value>.size else { return nil }
        return octets.withUnsafeBytes { $0.loadUnaligned(as: Value.self) }
    }
}

extension IPv6Address {
    /// The first sixteen octets, in network order.
    init(octets: some Collection<UInt8>) {
        self.init(
            high: octets.prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
            low: octets.dropFirst(8).prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }
}
