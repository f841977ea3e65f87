internal import Addressing
internal import CLinux
internal import Glibc
internal import MonotonicTime
internal import Netlink
internal import NodeCore
internal import Synchronization

/// The side of ``NeighbourWatch`` that its thread runs.
final class NeighbourLoop: Sendable {
    /// What the thread is woken for.
    enum Order: Sendable {
        case watch(String, [IPAddress])
        case probe(String, @Sendable (AddressEvent) -> Void)
        case seek(String, Search)
        case end
    }

    /// What is known of one place.
    private struct View {
        var network = ClientNetwork()
        /// The interface that the address belongs on; 0 while there is none.
        var index: UInt32 = 0
        var hardware: MACAddress?
        var own: IPAddress?
        /// The others, as the node knows them.
        var wanted: [IPAddress] = []
        var told: (own: IPAddress?, isReached: Bool?)?
        var toldAt: Instant?
        /// The others' hardware addresses, as they have told them.
        var peers: [IPAddress: MACAddress] = [:]
        /// When claims of peers, and of others, were last told.
        var claimsToldAt: [Bool: Instant] = [:]
        /// That runs.
        var search: Search?
        /// Why there is no interface.
        var trouble: AddressFailure?
        /// The kernel's lists could not be read the last time: nothing is known.
        var isBlind = false
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
    private let arp: NeighbourSocket
    private let discovery: NeighbourSocket
    private let wakeup: Descriptor
    private let orders = Mutex<[Order]>([])

    init(
        _ places: [NeighbourWatch.Place], notice: @escaping @Sendable (AddressEvent) -> Void
    ) throws(NetlinkError) {
        self.places = places
        self.notice = notice
        let number = eventfd(0, clinuxEventFlags)
        guard number >= 0 else { throw .systemCall(name: "eventfd", errno: errno) }
        wakeup = Descriptor(owning: number)
        arp = try .arp()
        discovery = try .discovery()
    }

    /// From any thread.
    func give(_ order: Order) {
        orders.withLock { $0.append(order) }
        eventfd_write(wakeup.number, 1)
    }

    func run(_ routes: inout RouteSession, _ sender: borrowing PacketSocket) {
        var views = places.map { _ in View() }
        var ownHardware: [MACAddress] = []
        var lookAt = BootTime.now()
        var askAt = lookAt
        var waited = [wakeup.number, arp.number, discovery.number].map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        while true {
            let now = BootTime.now()
            if now >= lookAt {
                look(&routes, &views, &ownHardware, at: now)
                lookAt = now + Self.lookPeriod
            }
            if now >= askAt {
                for view in views { ask(view, by: sender) }
                askAt = now + ClientNetwork.questionPeriod
            }
            for index in places.indices { continueSearch(index, &views, by: sender, at: now) }
            let isWoken = poll(&waited, nfds_t(waited.count), Self.timeout(views, at: now)) > 0
            // What came before a question is no answer to it.
            if isWoken { receive(&views, ownHardware) }
            for order in isWoken ? takeOrders() : [] {
                switch order {
                case .watch(let group, let neighbours):
                    for index in places.indices where places[index].group == group {
                        views[index].wanted = neighbours
                    }
                    lookAt = now
                case .probe(let group, let report):
                    probe(group, &views, by: sender, report)
                case .seek(let group, let search):
                    for index in places.indices where places[index].group == group {
                        endSearch(index, &views, at: now)
                        views[index].search = search
                    }
                case .end:
                    return
                }
            }
            for index in places.indices {
                if views[index].search?.outcome(at: BootTime.now()) != nil {
                    endSearch(index, &views, at: BootTime.now())
                }
                tell(index, &views)
            }
        }
    }

    /// Until the next thing is to be done unasked.
    private static func timeout(_ views: [View], at now: Instant) -> Int32 {
        let due = views.compactMap { $0.search?.nextQuestion }.min()
        let rest = due.map { max(($0 - now).milliseconds + 1, 1) } ?? Int(pollMilliseconds)
        return min(Int32(clamping: rest), pollMilliseconds)
    }

    private func takeOrders() -> [Order] {
        var count: UInt64 = 0
        eventfd_read(wakeup.number, &count)
        return orders.withLock { orders in
            defer { orders.removeAll() }
            return orders
        }
    }

    /// Where each address belongs now, and whether the wire is there.
    private func look(
        _ routes: inout RouteSession, _ views: inout [View], _ ownHardware: inout [MACAddress],
        at now: Instant
    ) {
        let links: [Link]
        let addresses: [ConfiguredAddress]
        do throws(NetlinkError) {
            (links, addresses) = (try routes.links(), try routes.addresses())
        } catch {
            return lostSight(&views, because: error)
        }
        for index in views.indices where views[index].isBlind {
            views[index].isBlind = false
            notice(.done(group: places[index].group, .watch))
        }
        ownHardware = links.compactMap(\.hardwareAddress)
        for (index, place) in places.enumerated() {
            let choice = InterfaceChoice.choose(
                for: place.address, named: place.interface, links: links, addresses: addresses)
            let link: Link
            switch choice {
            case .success(let found):
                link = found
                views[index].trouble = nil
            case .failure(let failure):
                views[index].index = 0
                views[index].trouble = failure
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
            let own = views[index].own
            let neighbours = own.map { own in
                views[index].wanted.filter { $0.bitCount == own.bitCount }
            }
            views[index].network.watch(neighbours ?? [], at: now)
        }
    }

    /// Said once, until it can be told again.
    private func lostSight(_ views: inout [View], because error: NetlinkError) {
        let failure = AddressFailure("cannot watch the clients' network", because: error)
        for index in views.indices where !views[index].isBlind {
            views[index].isBlind = true
            notice(
                .failed(group: places[index].group, .watch, reason: failure.description))
        }
    }

    private func ask(_ view: View, by sender: borrowing PacketSocket) {
        guard let hardware = view.hardware, let own = view.own else { return }
        for neighbour in view.network.neighbours {
            guard let frame = NeighbourWord.question(for: neighbour, from: own, at: hardware) else {
                continue
            }
            // One that can't be sent is as good as one that is not answered.
            try? sender.send(frame, interfaceIndex: view.index)
        }
    }

    /// Asks in nobody's name who has the address.
    private func probe(
        _ group: String, _ views: inout [View], by sender: borrowing PacketSocket,
        _ report: @Sendable (AddressEvent) -> Void
    ) {
        guard let index = places.firstIndex(where: { $0.group == group }) else { return }
        views[index].claimsToldAt = [:]
        let address = places[index].address
        let what = "cannot ask whether anybody has \(address)"
        if let trouble = views[index].trouble {
            return report(.failed(group: group, .probe, reason: "\(what): \(trouble)"))
        }
        guard views[index].index != 0 else {
            let reason = "\(what): the kernel's list of interfaces could not be read"
            return report(.failed(group: group, .probe, reason: reason))
        }
        // On an interface without hardware addresses nobody else can have it.
        if let hardware = views[index].hardware,
            let frame = NeighbourWord.question(for: address, from: nil, at: hardware)
        {
            do throws(NetlinkError) {
                try sender.send(frame, interfaceIndex: views[index].index)
            } catch {
                let failure = AddressFailure(what, because: error)
                return report(.failed(group: group, .probe, reason: failure.description))
            }
        }
        report(.done(group: group, .probe))
    }

    /// Asks for the address, and for the holder's own, when it is time.
    private func continueSearch(
        _ index: Int, _ views: inout [View], by sender: borrowing PacketSocket, at now: Instant
    ) {
        guard let search = views[index].search, search.nextQuestion.map({ now >= $0 }) ?? true
        else { return }
        views[index].search?.asked(at: now)
        guard let hardware = views[index].hardware, views[index].trouble == nil else { return }
        for address in [places[index].address, search.holder] {
            guard
                let frame = NeighbourWord.question(
                    for: address, from: views[index].own, at: hardware)
            else { continue }
            // Asked again soon.
            try? sender.send(frame, interfaceIndex: views[index].index)
        }
    }

    /// Reports what was heard, also of a search that another one overtakes.
    private func endSearch(_ index: Int, _ views: inout [View], at now: Instant) {
        guard let search = views[index].search else { return }
        views[index].search = nil
        let sighting =
            search.outcome(at: now) ?? Sighting(answering: nil, holder: nil, after: .zero)
        search.report(
            .sighted(group: places[index].group, epoch: search.epoch, sighting))
    }

    private func receive(_ views: inout [View], _ ownHardware: [MACAddress]) {
        func take(_ word: NeighbourWord, from interface: Int32) {
            // A bridge may send our own frames back.
            guard !ownHardware.contains(word.hardware) else { return }
            let now = BootTime.now()
            for index in views.indices where Int32(views[index].index) == interface {
                views[index].network.heard(word.address, at: now)
                if views[index].network.neighbours.contains(word.address) {
                    views[index].peers[word.address] = word.hardware
                }
                views[index].search?.heard(word, sought: places[index].address)
                checkClaim(index, word, &views, at: now)
            }
        }
        arp.receive(take)
        discovery.receive(take)
    }

    /// A frame by which somebody else says that the address is his.
    private func checkClaim(
        _ index: Int, _ word: NeighbourWord, _ views: inout [View], at now: Instant
    ) {
        guard word.address == places[index].address else { return }
        let isPeer = views[index].network.neighbours.contains {
            views[index].peers[$0] == word.hardware
        }
        if let toldAt = views[index].claimsToldAt[isPeer], now - toldAt < Self.claimPeriod {
            return
        }
        views[index].claimsToldAt[isPeer] = now
        notice(
            .claimed(
                group: places[index].group, by: word.hardware.description, isPeer: isPeer))
    }

    private func tell(_ index: Int, _ views: inout [View]) {
        let now = BootTime.now()
        let isReached = views[index].isBlind ? nil : views[index].network.isReached(at: now)
        let own = views[index].own
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
