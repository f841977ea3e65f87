internal import Glibc
internal import Synchronization

/// Several hosts on one Ethernet: a bridge in a namespace of its own, and as many namespaces with
/// an interface `eth0`, of 10.18.13.1/20 and fd18::1/64 and so on. Nothing is configured outside.
public struct NamespaceSegment: Sendable {
    public let hosts: [Namespace]
    private let hub: Namespace

    /// Makes a segment for `body` and removes it afterwards, also when `body` throws.
    public static func with<Value>(
        hosts count: Int, _ body: (NamespaceSegment) throws -> Value
    ) throws -> Value {
        NamespacePair.removeLeftovers
        let number = NamespacePair.counter.add(1, ordering: .relaxed).newValue
        let stem = "\(NamespacePair.prefix)\(getpid())-\(number)"
        let segment = NamespaceSegment(
            hosts: (1...count).map { Namespace(name: "\(stem)-host\($0)") },
            hub: Namespace(name: "\(stem)-hub"))
        defer {
            for side in segment.hosts + [segment.hub] {
                _ = try? Command.run(["ip", "netns", "del", side.name])
            }
        }
        try segment.build()
        return try body(segment)
    }

    private func build() throws {
        for side in hosts + [hub] { try Command.run(["ip", "netns", "add", side.name]) }
        try hub.ip("link add bridge type bridge mcast_snooping 0")
        try hub.ip("link set bridge up")
        for (index, host) in hosts.enumerated() {
            let number = index + 1
            try hub.ip("link add port\(number) type veth peer name eth0 netns \(host.name)")
            try hub.ip("link set port\(number) master bridge up")
            // A link-local address that is usable at once.
            try host.command("sysctl -qw net.ipv6.conf.eth0.accept_dad=0")
            try host.ip("link set lo up")
            try host.ip("link set eth0 up")
            try host.ip("addr add 10.18.13.\(number)/20 dev eth0")
            try host.ip("addr add fd18::\(number)/64 dev eth0 nodad")
        }
    }

    /// Pulls a host's cable, or puts it back; hosts count from 0.
    public func connect(_ host: Int, _ isConnected: Bool) throws {
        try hub.ip("link set port\(host + 1) \(isConnected ? "up" : "down")")
    }
}
