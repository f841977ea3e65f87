import Addressing
import MonotonicTime
import Netlink
import VRRPCore

/// One virtual router on the driver's thread: what arrives goes to the core, and what the core
/// wants is done, in its order.
final class VRRPInstance {
    let assignment: VRRPAssignment
    private(set) var router: VirtualRouter
    private var reception: Reception
    private let placement: AddressPlacement
    private let notice: (VRRPNotice) -> Void
    /// While the interface is usable.
    private var place: Place?
    private var since: Instant
    private var sent = 0
    private var takeovers = 0
    private var refusalsTold: [AdvertisementRefusal.Kind] = []
    /// What cannot be done, by what was to be done.
    private var failures: [(step: Step, failure: AddressFailure)] = []
    /// It takes part no longer.
    private var isStopping = false

    /// Where it advertises.
    private struct Place {
        var link: Link
        var socket: SocketBox
    }

    /// Holds what cannot be copied where what can be is looked at.
    private final class SocketBox {
        let socket: VRRPSocket

        init(_ socket: consuming VRRPSocket) {
            self.socket = socket
        }
    }

    private enum Step: Equatable {
        case findInterface, open, send, take, announce, reset, remove
    }

    /// Should Baton be killed or hang, the kernel removes the addresses itself, so that they are
    /// not on two hosts for long. Whole seconds; refreshed once a second.
    static let validSeconds: UInt32 = 4

    init(
        _ assignment: VRRPAssignment, placement: AddressPlacement, at now: Instant,
        notice: @escaping (VRRPNotice) -> Void
    ) {
        self.assignment = assignment
        self.placement = placement
        self.notice = notice
        router = VirtualRouter(settings: assignment.settings)
        reception = Reception(settings: assignment.settings)
        since = now
    }

    /// What to poll; `nil` while there is no socket.
    var socketNumber: Int32? { place?.socket.socket.number }

    /// It has given everything up, and will do nothing more.
    var isOver: Bool { isStopping && router.role == .initialise }

    var status: VRRPStatus {
        var heard: VirtualRouter.Heard?
        if case .backup(let backup) = router.state { heard = backup.heard }
        return VRRPStatus(
            name: assignment.name, role: router.role, since: since, priority: router.priority,
            source: place?.socket.socket.source, interface: place?.link.name, heard: heard,
            sent: sent, takeovers: takeovers, received: reception.counts,
            failure: failures.first?.failure)
    }

    // MARK: What happens

    func stop(at now: Instant) {
        isStopping = true
        tell(.shutdown, at: now)
    }

    func tell(_ event: VirtualRouterEvent, at now: Instant) {
        var effects: [VirtualRouterEffect] = []
        router.handle(event, at: now, effects: &effects)
        for effect in effects { carry(effect, at: now) }
    }

    func receive(at now: Instant) {
        guard let socket = place?.socket else { return }
        for packet in socket.socket.receive() {
            do throws(AdvertisementRefusal) {
                switch packet {
                case .v4(let packet):
                    let (heard, from) = try reception.admit(
                        ipv4: packet, own: socket.socket.source)
                    tell(.heard(heard, from: from), at: now)
                case .v6(let datagram):
                    let heard = try reception.admit(datagram, own: socket.socket.source)
                    tell(.heard(heard, from: datagram.source), at: now)
                }
            } catch {
                note(error, packet)
            }
        }
    }

    private func note(_ refusal: AdvertisementRefusal, _ packet: VRRPSocket.Packet) {
        guard refusal.kind != .otherVirtualRouter, !refusalsTold.contains(refusal.kind) else {
            return
        }
        refusalsTold.append(refusal.kind)
        switch packet {
        case .v4(let packet):
            notice(.refused(refusal, from: try? VRRPDatagram(ipv4: packet).source))
        case .v6(let datagram):
            notice(.refused(refusal, from: datagram.source))
        }
    }

    /// Interfaces and addresses are these now.
    func look(links: [Link], addresses: [ConfiguredAddress], at now: Instant) {
        guard !isStopping else { return restore(addresses) }
        let settings = assignment.settings
        guard let last = settings.addresses.last else { return }
        let choice = InterfaceChoice.choose(
            for: last, named: assignment.interface, links: links, addresses: addresses)
        guard case .success(let link) = choice, link.hasCarrier,
            let source = assignment.source(on: link, among: addresses)
        else {
            return lose(choice, at: now)
        }
        succeed(.findInterface)
        if let place, place.link.index == link.index, place.socket.socket.source == source {
            self.place?.link = link
            return restore(addresses)
        }
        do throws(NetlinkError) {
            let socket = try VRRPSocket.open(
                on: link, from: source, isMulticast: settings.peers.isEmpty)
            if let place, place.link.index != link.index { tell(.interfaceLost, at: now) }
            place = Place(link: link, socket: SocketBox(socket))
            succeed(.open)
        } catch {
            let what = "cannot speak VRRP on \(link.name)"
            fail(.open, AddressFailure(what, because: error, interface: link.name))
            if place != nil { tell(.interfaceLost, at: now) }
            place = nil
            return
        }
        tell(.startup(source: source), at: now)
    }

    private func lose(_ choice: Result<Link, AddressFailure>, at now: Instant) {
        switch choice {
        case .failure(let failure): fail(.findInterface, failure)
        case .success(let link):
            let reason =
                link.hasCarrier ? "it has no address to advertise from" : "it has no carrier"
            fail(
                .findInterface,
                AddressFailure(
                    what: "cannot speak VRRP on \(link.name)", reason: reason, source: .interface,
                    advice: "see ip address show dev \(link.name)"))
        }
        tell(.interfaceLost, at: now)
        place = nil
    }

    /// Lets the addresses stay for another while.
    func refresh() {
        guard router.role == .active, let place else { return }
        for prefix in prefixes {
            // One that is gone is put back at the next look.
            _ = placement.refresh(
                prefix, on: place.link.index, validSeconds: Self.validSeconds)
        }
    }

    /// Somebody removed what this host must have.
    private func restore(_ addresses: [ConfiguredAddress]) {
        guard router.role == .active, let place else { return }
        let missing = prefixes.filter { prefix in
            !addresses.contains {
                $0.address == prefix.address && $0.interfaceIndex == place.link.index
            }
        }
        guard !missing.isEmpty else { return }
        for prefix in missing where take(prefix, on: place.link) {
            notice(.restored(prefix.address))
        }
        announce(missing.map(\.address), times: 1)
    }

    // MARK: What is to be done

    private func carry(_ effect: VirtualRouterEffect, at now: Instant) {
        switch effect {
        case .send(let advertisement): send(advertisement)
        case .takeAddresses:
            takeovers += 1
            guard let place else { return }
            for prefix in prefixes { _ = take(prefix, on: place.link) }
        case .announceAddresses(let times): announce(assignment.settings.addresses, times: times)
        case .giveUpAddresses: giveUp()
        case .changed(let transition):
            since = now
            notice(.changed(transition))
        }
    }

    private func send(_ advertisement: Advertisement) {
        guard let place else { return }
        let source = place.socket.socket.source
        var failure: AddressFailure?
        for destination in assignment.settings.destinations {
            let message = advertisement.encoded(
                from: source, to: destination, assignment.settings.checksumForm)
            do throws(NetlinkError) {
                try place.socket.socket.send(message, to: destination)
                sent += 1
            } catch {
                let what = "cannot advertise to \(destination)"
                failure =
                    failure
                    ?? AddressFailure(what, because: error, interface: place.link.name)
            }
        }
        settle(.send, failure.map { .failure($0) } ?? .success(()))
    }

    private var prefixes: [Prefix] {
        assignment.settings.addresses.compactMap { Prefix(address: $0, length: $0.bitCount) }
    }

    private func take(_ prefix: Prefix, on link: Link) -> Bool {
        switch placement.add(prefix, on: link, validSeconds: Self.validSeconds) {
        case .success(.conflicting(let present)):
            // It is there, and answers: whoever owns the addresses has them so.
            if assignment.settings.priority != Advertisement.ownerPriority {
                fail(.take, AddressPlacement.conflict(prefix, present, on: link.name))
            }
            return false
        case .success(.added), .success(.alreadyPresent), .success(.corrected):
            succeed(.take)
            return true
        case .failure(let failure):
            fail(.take, failure)
            return false
        }
    }

    private func announce(_ addresses: [IPAddress], times: Int) {
        guard let place else { return }
        settle(.announce, placement.announce(addresses, on: place.link.name, times: times))
    }

    /// A failure to reset does not keep an address: two hosts with it are worse than a client that
    /// waits.
    private func giveUp() {
        for address in assignment.settings.addresses {
            settle(.reset, placement.resetConnections(address))
            // Those that a host owns are its own: they stay.
            if assignment.settings.priority != Advertisement.ownerPriority {
                settle(.remove, placement.remove(address))
            }
        }
    }

    // MARK: What cannot be done

    private func settle<Value>(_ step: Step, _ result: Result<Value, AddressFailure>) {
        switch result {
        case .success: succeed(step)
        case .failure(let failure): fail(step, failure)
        }
    }

    private func fail(_ step: Step, _ failure: AddressFailure) {
        if failures.contains(where: { $0.step == step && $0.failure == failure }) { return }
        failures.removeAll { $0.step == step }
        failures.append((step, failure))
        notice(.failed(failure))
    }

    private func succeed(_ step: Step) {
        guard !failures.isEmpty else { return }
        failures.removeAll { $0.step == step }
        if failures.isEmpty { notice(.recovered) }
    }
}
