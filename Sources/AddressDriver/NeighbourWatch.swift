internal import Addressing
internal import CLinux
internal import Glibc
internal import Netlink
internal import NodeCore
internal import SentinelCore

/// Listens to ARP and neighbour discovery on the networks of the write addresses, from a thread of
/// its own: whether the other hosts, which it asks five times a second, are there, and whether
/// anybody else claims an address. Needs CAP_NET_RAW.
final class NeighbourWatch: Sendable {
    /// A write address, and where it belongs.
    struct Place: Sendable {
        var group: String
        var address: IPAddress
        var interface: String?
    }

    private let thread: pthread_t
    private let loop: NeighbourLoop

    /// Opens all sockets, in the network namespace of the calling thread.
    ///
    /// - Parameter notice: is told what this host knows, when it changes and at first; on the
    ///   watch's thread.
    init(
        _ places: [Place], notice: @escaping @Sendable (AddressEvent) -> Void
    ) throws(AddressFailure) {
        let start: NeighbourStart
        do throws(NetlinkError) {
            loop = try NeighbourLoop(places, notice: notice)
            start = try NeighbourStart(loop)
        } catch {
            throw AddressFailure("cannot watch the clients' network", because: error)
        }
        var thread = pthread_t()
        let box = Unmanaged.passRetained(start)
        let result = pthread_create(&thread, nil, runNeighbourLoop, box.toOpaque())
        guard result == 0 else {
            box.release()
            throw AddressFailure(
                "cannot watch the clients' network",
                because: .systemCall(name: "pthread_create", errno: result))
        }
        self.thread = thread
    }

    /// These are the others on the network of a group's address.
    func watch(_ group: String, _ neighbours: [IPAddress]) {
        loop.give(.watch(group, neighbours))
    }

    /// Asks once who has a group's address. What answers is told as a claim, after the report that
    /// the question is out; both on the watch's thread.
    func probe(_ group: String, report: @escaping @Sendable (AddressEvent) -> Void) {
        loop.give(.probe(group, report))
    }

    /// Asks for a group's address and for its holder's own, until both are answered alike or the
    /// patience is at its end; then reports what was heard.
    func seek(
        _ group: String, epoch: Epoch, holder: IPAddress,
        report: @escaping @Sendable (AddressEvent) -> Void
    ) {
        loop.give(.seek(group, Search(epoch: epoch, holder: holder, report: report)))
    }

    func stop() {
        loop.give(.end)
        pthread_join(thread, nil)
    }
}

/// What the thread begins with: sockets that one thread at a time may use.
private final class NeighbourStart {
    let loop: NeighbourLoop
    var routes: RouteSession
    let sender: PacketSocket

    init(_ loop: NeighbourLoop) throws(NetlinkError) {
        self.loop = loop
        routes = try RouteSession()
        sender = try PacketSocket()
    }
}

private func runNeighbourLoop(_ box: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let box else { return nil }
    pthread_setname_np(pthread_self(), "baton-clients")
    let start = Unmanaged<NeighbourStart>.fromOpaque(box).takeRetainedValue()
    start.loop.run(&start.routes, start.sender)
    return nil
}
