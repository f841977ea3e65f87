public import Addressing

/// What a configuration is checked against: the facts of the host that it is to run on. They are
/// values, so that a check needs no host.
public struct HostFacts: Equatable, Sendable {
    /// A network interface.
    public struct Interface: Equatable, Sendable {
        public var name: String
        /// Its addresses with the lengths of their networks.
        public var addresses: [Prefix]

        public init(name: String, addresses: [Prefix]) {
            self.name = name
            self.addresses = addresses
        }
    }

    /// What is found at a path.
    public enum File: Equatable, Sendable {
        case missing
        case unreadable
        case directory
        /// `isExecutable` for this process; `isOpenToAll` when any user may read it; `isEmpty`
        /// when it holds nothing but white space.
        case present(isExecutable: Bool, isOpenToAll: Bool, isEmpty: Bool)
    }

    public var interfaces: [Interface]
    /// Facts of the files that ``ConfigurationReader/filesNamed(in:)`` tells, by path; one that is
    /// absent is missing. Only looked up.
    public var files: [String: File]

    /// Whether the kernel has nf_tables; `nil` where that can't be told.
    public var hasPacketFilter: Bool?

    /// Whether this Baton can speak TLS; `nil` where that does not matter.
    public var hasTLS: Bool?

    public init(
        interfaces: [Interface], files: [String: File] = [:], hasPacketFilter: Bool? = nil,
        hasTLS: Bool? = nil
    ) {
        self.hasTLS = hasTLS
        self.hasPacketFilter = hasPacketFilter
        self.interfaces = interfaces
        self.files = files
    }

    var addresses: [IPAddress] {
        interfaces.flatMap { $0.addresses.map(\.address) }
    }

    /// The interface that is to carry `address`: the one that the file names, else the one whose
    /// network it lies in, of several the one with the longest prefix. `nil` when there is none.
    public func interface(for address: Configuration.VirtualAddress) -> String? {
        if let name = address.interface { return name }
        var best: (name: String, length: Int)?
        for interface in interfaces {
            for own in interface.addresses
            where own.length < own.address.bitCount && own.contains(address.prefix.address)
                && own.length > best?.length ?? -1
            {
                best = (interface.name, own.length)
            }
        }
        return best?.name
    }
}
