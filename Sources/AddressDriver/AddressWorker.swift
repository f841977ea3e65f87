import Addressing
import MonotonicTime
import Netlink
import NodeCore

/// Does one step after another, and knows which addresses must be on this host.
///
/// Lives on the driver's thread alone.
final class AddressWorker {
    private let assignments: [AddressDriver.Assignment]
    private let keeper: any AddressKeeping
    private let notice: @Sendable (AddressEvent) -> Void
    private let neighbourWatch: NeighbourWatch?
    /// Groups whose address was taken and not given up since: only their disappearance is news.
    private var taken: [String] = []
    /// Until when the kernel was last told to let a taken group's address, and the port, pass.
    private var leases: [String: (port: UInt16?, until: Instant)] = [:]
    /// When the lifetime of a group's address was last put off.
    private var refreshed: [String: Instant] = [:]

    init(
        _ assignments: [AddressDriver.Assignment], keeper: any AddressKeeping,
        neighbourWatch: NeighbourWatch? = nil,
        notice: @escaping @Sendable (AddressEvent) -> Void
    ) {
        self.assignments = assignments
        self.keeper = keeper
        self.notice = notice
        self.neighbourWatch = neighbourWatch
    }

    func carry(_ effect: AddressEffect) -> AddressEvent {
        switch effect {
        case .inspect(let group): inspect(assignment(group))
        case .clear(let group): step(.clear, group, clear)
        case .take(let group, let port, let until):
            step(.take, group) { take($0, port: port, until: until) }
        case .renew(let group, let port, let until):
            renew(assignment(group), port: port, until: until)
        case .announce(let group): step(.announce, group, announce)
        case .hush(let group, let port):
            endLease(.hush, group) { keeper.hush($0.prefix.address, port: port) }
        case .bar(let group, let port):
            endLease(.bar, group) { keeper.bar($0.prefix.address, port: port) }
        case .reset(let group): step(.reset, group, reset)
        case .remove(let group): step(.remove, group, remove)
        case .fence(let group, let port): step(.fence, group) { _ in keeper.fence(port) }
        case .watch(let group, let neighbours):
            step(.watch, group) { _ in
                neighbourWatch?.watch(group, neighbours)
                return .success(())
            }
        case .unfence(let group, let port): step(.unfence, group) { _ in keeper.unfence(port) }
        case .probe, .verify:
            preconditionFailure("a question to the network is the neighbours' watch's")
        }
    }

    /// Notices of our own removals come after `taken` was shortened, so what is found here was
    /// done by somebody else.
    func notice(_ notice: Notice) {
        switch notice {
        case .addressGone(let gone):
            for assignment in assignments
            where assignment.prefix.address == gone.address && taken.contains(assignment.group) {
                let hasLapsed = keeper.hasLapsed(gone.address, at: BootTime.now())
                self.notice(
                    hasLapsed
                        ? .lapsed(group: assignment.group) : .vanished(group: assignment.group))
            }
        case .resynchronise:
            // Notices were lost: taking again is harmless where nothing is missing.
            for group in taken { self.notice(.vanished(group: group)) }
        case .filterChanged(let program):
            restoreGuard(after: program)
        case .linkChanged, .linkGone, .addressPresent:
            break  // A link's state reaches the node as silence of peers and servers.
        }
    }

    /// Somebody laid hands on the tables. An address that is held gets its guard and the rest of
    /// its lease in one; a table without the lease would end it.
    private func restoreGuard(after program: String?) {
        var isHeld = false
        for assignment in assignments {
            guard let lease = leases[assignment.group], BootTime.now() < lease.until else {
                continue
            }
            isHeld = true
            // What can't be put right here is found by the node's own renewal.
            _ = keeper.renew(assignment.prefix.address, port: lease.port, until: lease.until)
        }
        if !isHeld, case .failure(let failure) = keeper.guardAgain() {
            for assignment in assignments {
                notice(
                    .failed(group: assignment.group, .watch, reason: failure.description))
            }
            return
        }
        for assignment in assignments {
            notice(.tampered(group: assignment.group, by: program))
        }
    }

    private func step(
        _ step: AddressEvent.Step, _ group: String,
        _ body: (AddressDriver.Assignment) -> Result<Void, AddressFailure>
    ) -> AddressEvent {
        switch body(assignment(group)) {
        case .success:
            return .done(group: group, step)
        case .failure(let failure):
            return .failed(group: group, step, reason: failure.description)
        }
    }

    /// From here on nobody restores it, and nobody misses it on its interface.
    private func endLease(
        _ step: AddressEvent.Step, _ group: String,
        _ body: (AddressDriver.Assignment) -> Result<Void, AddressFailure>
    ) -> AddressEvent {
        leases[group] = nil
        taken.removeAll { $0 == group }
        return self.step(step, group, body)
    }

    private func assignment(_ group: String) -> AddressDriver.Assignment {
        guard let assignment = assignments.first(where: { $0.group == group }) else {
            preconditionFailure("a step for a group without a write address")
        }
        return assignment
    }

    // MARK: The steps

    private func inspect(_ assignment: AddressDriver.Assignment) -> AddressEvent {
        let group = assignment.group
        // The rest is the kernel's own count, so the moment is not later than the kernel's.
        let now = BootTime.now()
        switch keeper.remainingLease(assignment.prefix.address) {
        case .success(let rest?):
            taken.append(group)
            leases[group] = (nil, now + rest)
            return .found(group: group, until: now + rest)
        case .success(nil):
            return .found(group: group, until: nil)
        case .failure(let failure):
            return .failed(group: group, .inspect, reason: failure.description)
        }
    }

    private func renew(
        _ assignment: AddressDriver.Assignment, port: UInt16?, until deadline: Instant
    ) -> AddressEvent {
        let group = assignment.group
        switch keeper.renew(assignment.prefix.address, port: port, until: deadline) {
        case .success(.renewed):
            leases[group] = (port, deadline)
            refresh(assignment)
            return .done(group: group, .renew)
        case .success(.lapsed):
            return .lapsed(group: group)
        case .failure(let failure):
            return .failed(group: group, .renew, reason: failure.description)
        }
    }

    /// Once a second, because everybody who watches addresses is told.
    private func refresh(_ assignment: AddressDriver.Assignment) {
        let now = BootTime.now()
        if let last = refreshed[assignment.group], now - last < .seconds(1) { return }
        refreshed[assignment.group] = now
        // What is gone is noticed by the watch.
        _ = interface(assignment).flatMap { keeper.refresh(assignment.prefix, on: $0) }
    }

    private func clear(_ assignment: AddressDriver.Assignment) -> Result<Void, AddressFailure> {
        let leftovers = keeper.removeLeftovers([assignment.prefix.address])
        return leftovers.failures.first.map { .failure($0) } ?? .success(())
    }

    private func take(
        _ assignment: AddressDriver.Assignment, port: UInt16?, until deadline: Instant
    ) -> Result<Void, AddressFailure> {
        interface(assignment).flatMap { interface in
            keeper.take(assignment.prefix, port: port, on: interface, until: deadline)
        }.map { _ in
            if !taken.contains(assignment.group) { taken.append(assignment.group) }
            leases[assignment.group] = (port, deadline)
        }
    }

    private func announce(
        _ assignment: AddressDriver.Assignment
    ) -> Result<Void, AddressFailure> {
        // Whose lease was ended meanwhile has nothing to announce.
        guard let lease = leases[assignment.group] else { return .success(()) }
        return interface(assignment).flatMap { interface in
            keeper.announce(assignment.prefix.address, on: interface, until: lease.until)
                .map { _ in }
        }
    }

    private func reset(_ assignment: AddressDriver.Assignment) -> Result<Void, AddressFailure> {
        keeper.resetConnections(assignment.prefix.address).map { _ in }
    }

    private func remove(_ assignment: AddressDriver.Assignment) -> Result<Void, AddressFailure> {
        taken.removeAll { $0 == assignment.group }
        let address = assignment.prefix.address
        return keeper.remove(address).flatMap { _ in keeper.admit(address).map { _ in } }
    }

    /// Asked each time: interfaces come and go, and a taken address must not be looked for on the
    /// one that it is on already as a network of its own.
    private func interface(
        _ assignment: AddressDriver.Assignment
    ) -> Result<String, AddressFailure> {
        keeper.findInterface(for: assignment.prefix.address, named: assignment.interface)
            .map(\.name)
    }
}
