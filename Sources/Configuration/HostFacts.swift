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
        /// `isExecutable` for this process; `isOpenToAll` when any user may read it; `isEmpty`
        /// when it holds nothing but white space.
        case present(isExecutable: Bool, isOpenToAll: Bool, isEmpty: Bool)
    }

    public var interfaces: [Interface]
    /// Facts of the files that the configuration names, by path. Only looked up.
    public var files: [String: File]

    public init(interfaces: [Interface], files: [String: File] = [:]) {
        self.interfaces = interfaces
        self.files = files
    }

    var addresses: [IPAddress] {
        interfaces.flatMap { $0.addresses.map(\.address) }
    }
}
