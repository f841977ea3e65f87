import Addressing
import MonotonicTime
import Netlink

/// Keeps addresses where the kernel has no packet filter: the lifetime of the address on its
/// interface (`valid_lft`) is the lease, and the kernel's removing it the end.
///
/// What is lost beside ``AddressKeeper``: the kernel ends a lease up to a second late and resets
/// nothing, no announcement is stopped, and no server's port is fenced. An address that must fall
/// silent is removed at once, with its clients reset before, while a reset can still leave.
///
/// One thread at a time.
final class LifetimeKeeper {
    private let placement: AddressPlacement
    private let clock: @Sendable () -> Instant
    /// What was taken in this life or found of a former one.
    private var held: [Held] = []

    private struct Held {
        var prefix: Prefix
        var interfaceIndex: UInt32
        /// The lease's.
        var deadline: Instant
        /// When the kernel removes it by itself, but for its lateness: not after the deadline.
        var end: Instant
    }

    /// How long after a deadline a lifetime may end because the commit came late; part of e.
    static let tolerance = Interval.milliseconds(50)

    init(clock: @escaping @Sendable () -> Instant = BootTime.now) throws(AddressFailure) {
        placement = try AddressPlacement()
        self.clock = clock
    }

    /// The whole seconds that end before the deadline does: what is left is rounded down, so that
    /// rounding costs D and not e. `nil` when less than one is left.
    static func wholeSeconds(until deadline: Instant, from now: Instant) -> UInt32? {
        let seconds = (deadline - now).nanoseconds / 1_000_000_000
        return seconds < 1 ? nil : UInt32(clamping: seconds)
    }

    /// Removes what a former life with the packet filter left: its guard would silence the
    /// addresses for ever, and their lifetimes were no leases.
    func begin(_ addresses: [IPAddress]) -> Result<Void, AddressFailure> {
        AddressFailure.attempt("cannot remove Baton's tables from the packet filter") {
            () throws(NetlinkError) in
            // A kernel without the packet filter has no tables.
            guard var filter = try? LeaseFilter(), (try? filter.hasTables()) == true else { return }
            _ = removeLeftovers(addresses)
            _ = try filter.removeTables()
        }
    }
}

extension LifetimeKeeper: AddressKeeping {
    func findInterface(
        for address: IPAddress, named name: String?
    ) -> Result<Link, AddressFailure> {
        placement.findInterface(for: address, named: name)
    }

    /// The kernel counts from when the lifetime was set, in whole seconds that have begun: a second
    /// less is surely left.
    func remainingLease(_ address: IPAddress) -> Result<Interval?, AddressFailure> {
        let now = clock()
        return AddressFailure.attempt("cannot read the lifetime of \(address)") {
            () throws(NetlinkError) in
            guard let present = try placement.addresses().first(where: { $0.address == address }),
                // Longer than any lease: not given by Baton.
                let seconds = present.validSeconds, seconds > 1, seconds < 60,
                let prefix = Prefix(address: address, length: address.bitCount),
                present.network.length == prefix.length
            else { return nil }
            let rest = Interval.seconds(Int(seconds) - 1)
            note(
                Held(
                    prefix: prefix, interfaceIndex: present.interfaceIndex, deadline: now + rest,
                    end: now + rest))
            return rest
        }
    }

    func take(
        _ prefix: Prefix, port: UInt16?, on interface: String, until deadline: Instant
    ) -> Result<AddressTaking, AddressFailure> {
        let what = AddressPlacement.adding(prefix, to: interface)
        return placement.link(interface, what).flatMap { link in
            let now = clock()
            guard let seconds = Self.wholeSeconds(until: deadline, from: now) else {
                return .failure(Self.late(what))
            }
            return add(prefix, on: link, for: seconds).flatMap { addition in
                guard isInTime(seconds, until: deadline) else {
                    return remove(prefix.address).flatMap { _ in .failure(Self.late(what)) }
                }
                note(
                    Held(
                        prefix: prefix, interfaceIndex: link.index, deadline: deadline,
                        end: now + .seconds(Int(seconds))))
                return .success(placement.announced(addition, prefix.address, on: link))
            }
        }
    }

    /// To replace is to add where there is nothing, and the kernel may have removed it since it was
    /// looked for: then it is there again by a lease that was renewed. What isn't in time goes.
    func renew(
        _ address: IPAddress, port: UInt16?, until deadline: Instant
    ) -> Result<AddressRenewal, AddressFailure> {
        let now = clock()
        guard let index = held.firstIndex(where: { $0.prefix.address == address }), now < deadline
        else { return .success(.lapsed) }
        held[index].deadline = deadline
        let known = held[index]
        guard let seconds = Self.wholeSeconds(until: deadline, from: now),
            now + .seconds(Int(seconds)) > known.end
        else {
            // Nothing to put off: the answers came so late that the former lifetime ends later.
            return .success(now < known.end ? .renewed : .lapsed)
        }
        return placement.refresh(
            known.prefix, on: known.interfaceIndex, validSeconds: seconds
        ).flatMap { isThere in
            guard isThere else { return .success(.lapsed) }
            guard isInTime(seconds, until: deadline) else {
                return remove(address).map { _ in .lapsed }
            }
            held[index].end = now + .seconds(Int(seconds))
            return .success(.renewed)
        }
    }

    /// No second layer behind this one.
    func refresh(_ prefix: Prefix, on interface: String) -> Result<Bool, AddressFailure> {
        .success(true)
    }

    /// Nothing stops a frame but this look at the clock.
    func announce(
        _ address: IPAddress, on interface: String, until deadline: Instant
    ) -> Result<Int, AddressFailure> {
        guard held.contains(where: { $0.prefix.address == address }), clock() < deadline else {
            return .failure(Self.late("cannot announce \(address) on \(interface)"))
        }
        return placement.announce(address, on: interface)
    }

    /// Silence is the address's absence. No reset could leave later, so it leaves now; who connects
    /// again before the address is gone loses the connection without a word.
    func hush(_ address: IPAddress, port: UInt16?) -> Result<Void, AddressFailure> {
        forget(address)
        let reset = placement.resetConnections(address)
        return placement.remove(address).flatMap { _ in
            placement.resetConnections(address).flatMap { _ in reset.map { _ in } }
        }
    }

    func bar(_ address: IPAddress, port: UInt16?) -> Result<Void, AddressFailure> {
        hush(address, port: port)
    }

    func resetConnections(_ address: IPAddress) -> Result<Int, AddressFailure> {
        placement.resetConnections(address)
    }

    func remove(_ address: IPAddress) -> Result<[UInt32], AddressFailure> {
        forget(address)
        return placement.remove(address)
    }

    func removeLeftovers(_ addresses: [IPAddress]) -> AddressLeftovers {
        var leftovers = AddressLeftovers()
        let spared = held.map(\.prefix.address)
        for address in placement.leftovers(of: addresses, sparing: spared, &leftovers.failures) {
            switch bar(address, port: nil) {
            case .success: leftovers.removed.append(address)
            case .failure(let failure): leftovers.failures.append(failure)
            }
        }
        return leftovers
    }

    /// The kernel's own count may be a fiftieth of a second ahead (ADDRCONF_TIMER_FUZZ_MINUS).
    func hasLapsed(_ address: IPAddress, at now: Instant) -> Bool {
        held.contains { $0.prefix.address == address && now + Self.tolerance >= $0.end }
    }

    // MARK: What only the packet filter can

    func guardAgain() -> Result<Void, AddressFailure> { .success(()) }

    func admit(_ address: IPAddress) -> Result<Bool, AddressFailure> { .success(false) }

    /// Not done, and said so at start: a host without the packet filter fences nothing.
    func fence(_ port: UInt16) -> Result<Void, AddressFailure> { .success(()) }

    func unfence(_ port: UInt16) -> Result<Void, AddressFailure> { .success(()) }
}

extension LifetimeKeeper {
    /// Asked after the commit: whoever was stopped before it would leave the address too long.
    private func isInTime(_ seconds: UInt32, until deadline: Instant) -> Bool {
        clock() + .seconds(Int(seconds)) <= deadline + Self.tolerance
    }

    private func add(
        _ prefix: Prefix, on link: Link, for seconds: UInt32
    ) -> Result<RouteSession.Addition, AddressFailure> {
        switch placement.add(prefix, on: link, validSeconds: seconds) {
        case .success(.conflicting(let present)):
            .failure(AddressPlacement.conflict(prefix, present, on: link.name))
        case .success(.alreadyPresent):
            // It kept the time that it had.
            placement.refresh(prefix, on: link.index, validSeconds: seconds)
                .map { _ in .alreadyPresent }
        case .success(let addition):
            .success(addition)
        case .failure(let failure):
            .failure(failure)
        }
    }

    private func note(_ entry: Held) {
        forget(entry.prefix.address)
        held.append(entry)
    }

    private func forget(_ address: IPAddress) {
        held.removeAll { $0.prefix.address == address }
    }

    private static func late(_ what: String) -> AddressFailure {
        AddressFailure(
            what: what, reason: "less than a second of its lease is left", source: .kernel,
            advice: "see what keeps this host or the voters so busy")
    }
}
