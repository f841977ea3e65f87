internal import Addressing
internal import CLinux
internal import Glibc
internal import MonotonicTime
internal import Netlink
internal import NodeCore
internal import Synchronization

/// Listens to ARP on the networks of the write addresses, from a thread of its own: whether the
/// other hosts, which it asks five times a second, are there, and whether anybody else claims an
/// address. Needs CAP_NET_RAW.
///
/// An IPv6 write address is watched by its wire alone.
final class NeighbourWatch: Sendable {
    /// A write address, and where it belongs.
    struct Place: Sendable {
        var group: String
        var address: IPAddress
        var interface: String?
    }

    private let thread: pthread_t
    private let loop: NeighbourLoop

    /// - Parameter notice: is told what this host knows, when it changes and at first; on the
    ///   watch's thread.
    init(
        _ places: [Place], notice: @escaping @Sendable (AddressEvent) -> Void
    ) throws(AddressFailure) {
        do throws(NetlinkError) {
            loop = try NeighbourLoop(places, notice: notice)
        } catch {
            throw AddressFailure("cannot watch the clients' network", because: error)
        }
        var thread = pthread_t()
        let box = Unmanaged.passRetained(loop)
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
        loop.watch(group, neighbours)
    }

    func stop() {
        loop.end()
        pthread_join(thread, nil)
    }
}

/// The thread's side.
private final class NeighbourLoop: Sendable {
    private struct State: Sendable {
        var isEnding = false
        var wanted: [String: [IPAddress]] = [:]
    }

    /// What is known of one place.
    private struct View {
        var network = ClientNetwork()
        var index: UInt32 = 0
        var hardware: MACAddress?
        var own: IPAddress?
        var told: (own: IPAddress?, isReached: Bool)?
        var toldAt: Instant?
        var claimToldAt: Instant?
    }

    /// How often interfaces and their addresses are looked at.
    private static let lookPeriod = Interval.milliseconds(400)
    private static let pollMilliseconds: Int32 = 100
    /// What is known is told again: the first word may come before there is a node to hear it.
    private static let repetition = Interval.seconds(1)
    /// A flood of claims is told of ten times a second.
    private static let claimPeriod = Interval.milliseconds(100)

    private let places: [NeighbourWatch.Place]
    private let notice: @Sendable (AddressEvent) -> Void
    private let descriptor: Descriptor
    private let state = Mutex(State())

    init(
        _ places: [NeighbourWatch.Place], notice: @escaping @Sendable (AddressEvent) -> Void
    ) throws(NetlinkError) {
        self.places = places
        self.notice = notice
        let protocolARP = Int32(UInt16(0x0806).bigEndian)
        let number = socket(AF_PACKET, clinuxSocketRaw | clinuxSocketNonBlocking, protocolARP)
        guard number >= 0 else { throw .systemCall(name: "socket(AF_PACKET)", errno: errno) }
        descriptor = Descriptor(owning: number)
    }

    func end() {
        state.withLock { $0.isEnding = true }
    }

    func watch(_ group: String, _ neighbours: [IPAddress]) {
        state.withLock { $0.wanted[group] = neighbours }
    }

    func run() {
        guard var routes = try? RouteSession(), let sender = try? PacketSocket() else { return }
        var views = places.map { _ in View() }
        var lookAt = BootTime.now()
        var askAt = lookAt
        while !state.withLock({ $0.isEnding }) {
            let now = BootTime.now()
            if now >= lookAt {
                look(&routes, &views, at: now)
                lookAt = now + Self.lookPeriod
            }
            if now >= askAt {
                for view in views { ask(view, by: sender) }
                askAt = now + ClientNetwork.questionPeriod
            }
            var waited = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
            if poll(&waited, 1, Self.pollMilliseconds) > 0 { receive(&views) }
            for index in places.indices { tell(index, &views) }
        }
    }

    /// Where each address belongs now, and whether the wire is there.
    private func look(_ routes: inout RouteSession, _ views: inout [View], at now: Instant) {
        guard let links = try? routes.links(), let addresses = try? routes.addresses() else {
            return
        }
        let wanted = state.withLock { $0.wanted }
        for (index, place) in places.enumerated() {
            let choice = InterfaceChoice.choose(
                for: place.address, named: place.interface, links: links, addresses: addresses)
            guard case .success(let link) = choice else {
                views[index].network.carrierChanged(false)
                continue
            }
            views[index].index = link.index
            views[index].hardware = link.hardwareAddress
            views[index].network.carrierChanged(link.hasCarrier)
            views[index].own =
                addresses.first {
                    $0.interfaceIndex == link.index && $0.address != place.address
                        && $0.network.contains(place.address)
                        && $0.network.length < place.address.bitCount
                }?.address
            // Who has no address there himself can ask nobody.
            let isAsking =
                views[index].own.map { if case .v4 = $0 { true } else { false } } ?? false
            let neighbours = (isAsking ? wanted[place.group] ?? [] : []).compactMap {
                address -> IPv4Address? in
                if case .v4(let address) = address { address } else { nil }
            }
            views[index].network.watch(neighbours, at: now)
        }
    }

    private func ask(_ view: View, by sender: borrowing PacketSocket) {
        guard let hardware = view.hardware, case .v4(let own)? = view.own else { return }
        for neighbour in view.network.neighbours {
            // One that can't be sent is as good as one that is not answered.
            try? sender.send(
                ARPFrame.question(for: neighbour, from: own, at: hardware),
                interfaceIndex: view.index)
        }
    }

    private func receive(_ views: inout [View]) {
        var frame = [UInt8](repeating: 0, count: 128)
        // What came meanwhile, and no more: the network may never be silent.
        for _ in 0..<64 {
            var from = sockaddr_ll()
            var size = socklen_t(MemoryLayout<sockaddr_ll>.size)
            let count = withUnsafeMutablePointer(to: &from) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(descriptor.number, &frame, frame.count, 0, $0, &size)
                }
            }
            guard count > 0 else { return }
            guard let heard = ARPFrame(frame[..<count]) else { continue }
            let now = BootTime.now()
            for index in views.indices where Int32(views[index].index) == from.sll_ifindex {
                views[index].network.heard(heard, at: now)
                checkClaim(index, heard, &views, at: now)
            }
        }
    }

    /// A frame by which somebody else says that the address is his.
    private func checkClaim(
        _ index: Int, _ frame: ARPFrame, _ views: inout [View], at now: Instant
    ) {
        guard .v4(frame.sender) == places[index].address, let own = views[index].hardware,
            frame.senderHardware != own,
            views[index].claimToldAt.map({ now - $0 >= Self.claimPeriod }) ?? true
        else { return }
        views[index].claimToldAt = now
        notice(.claimed(group: places[index].group, by: frame.senderHardware.description))
    }

    private func tell(_ index: Int, _ views: inout [View]) {
        let isReached = views[index].network.isReached(at: BootTime.now())
        let own = views[index].own
        let now = BootTime.now()
        if let told = views[index].told, told == (own, isReached),
            views[index].toldAt.map({ now - $0 < Self.repetition }) ?? false
        {
            return
        }
        views[index].told = (own, isReached)
        views[index].toldAt = now
        notice(.network(group: places[index].group, own: own, isReached: isReached))
    }
}

private func runNeighbourLoop(_ box: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let box else { return nil }
    pthread_setname_np(pthread_self(), "baton-clients")
    Unmanaged<NeighbourLoop>.fromOpaque(box).takeRetainedValue().run()
    return nil
}
