import Addressing
import Glibc
import MonotonicTime
import NamespaceFixture
import Netlink

/// A client that connects to an address again and again, from the third host of a segment to
/// whichever of the first two has it.
enum Prober {
    private static let port: UInt16 = 6379
    /// An attempt that takes longer is none; so fine is the figure.
    private static let attemptMilliseconds = 10

    /// The longest time without a connection, from a fault on.
    static func gap(
        to address: IPAddress, in segment: NamespaceSegment, fault: @escaping () throws -> Void
    ) throws -> Interval {
        let servers = try segment.hosts.prefix(2).map { host in
            nonisolated(unsafe) let listener = try host.run {
                try TCPSocket.listen(family: .v4, port: port)
            }
            // What nobody accepts is refused in the end.
            return try Background { _ = try? listener.accept() }
        }
        defer { for server in servers { server.stop() } }
        return try segment.hosts[2].run {
            var longest = Interval.zero
            guard try connects(to: address) else {
                throw VRRPLab.Trouble(description: "nobody answers before the fault")
            }
            var lastAt = BootTime.now()
            try fault()
            let end = BootTime.now() + .seconds(4)
            while BootTime.now() < end {
                guard try connects(to: address) else { continue }
                longest = max(longest, BootTime.now() - lastAt)
                lastAt = BootTime.now()
                usleep(2000)
            }
            return max(longest, BootTime.now() - lastAt)
        }
    }

    private static func connects(to address: IPAddress) throws -> Bool {
        let (_, errno) = try TCPSocket.connect(
            to: Endpoint(address: address, port: port), limitMilliseconds: attemptMilliseconds)
        return errno == 0
    }
}
