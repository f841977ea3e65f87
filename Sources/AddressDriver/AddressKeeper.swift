public import Addressing
public import MonotonicTime
public import Netlink

/// Takes, announces, guards and gives up addresses on this host.
///
/// Every verb is done when it returns: resetting after a few milliseconds, since the kernel walks
/// through its table of all connections, the others after a fraction of one. A verb that failed
/// says what, why, whose fault and what to do. Verbs carry out what was decided elsewhere and
/// decide nothing: their order is the caller's. Not Sendable: one thread at a time. All sockets
/// are opened by `init`, in the network namespace of the calling thread.
///
/// An address passes only while its lease runs, which the kernel ends by itself:
/// ``guardAddresses(_:trusted:)`` comes first.
///
/// Giving up without leaving clients hanging is ``bar(_:)``, ``resetConnections(_:)``,
/// ``remove(_:)``, in this order: whoever is reset connects again within a millisecond and must not
/// reach us, and no reset can be sent from an address that has gone.
public final class AddressKeeper: AddressKeeping {
    private var filter: LeaseFilter
    private let placement: AddressPlacement
    /// CLOCK_BOOTTIME, but in tests.
    private let clock: @Sendable () -> Instant
    /// Taken or barred in this life: with several groups, one's may be held when the leftovers of
    /// another's are removed.
    private var handled: [IPAddress] = []
    /// What is guarded since ``guardAddresses(_:trusted:)``.
    private var guarded: Guarded?

    private struct Guarded {
        var addresses: [(prefix: Prefix, interface: String?)]
        var trusted: [IPAddress]
    }

    /// - Parameter tableName: Baton's table in the packet filter (family `inet`).
    public convenience init(tableName: String = "baton") throws(AddressFailure) {
        try self.init(tableName: tableName, clock: BootTime.now)
    }

    init(
        tableName: String = "baton", clock: @escaping @Sendable () -> Instant
    ) throws(AddressFailure) {
        self.clock = clock
        placement = try AddressPlacement()
        do throws(NetlinkError) {
            filter = try LeaseFilter(tableName: tableName)
        } catch {
            throw AddressFailure("cannot open the packet filter", because: error)
        }
    }

    /// By what the kernel tells this keeper's changes of the packet filter from others'.
    public var filterPort: UInt32 { filter.port }

    /// Where an address belongs; see ``InterfaceChoice``.
    public func findInterface(
        for address: IPAddress, named name: String? = nil
    ) -> Result<Link, AddressFailure> {
        placement.findInterface(for: address, named: name)
    }

    /// Has the kernel guard these addresses from now on: nothing passes without a lease. Leases
    /// that run stay.
    ///
    /// - Parameter trusted: the cluster's own hosts, whom a fenced server admits.
    public func guardAddresses(
        _ addresses: [(prefix: Prefix, interface: String?)], trusted: [IPAddress]
    ) -> Result<Void, AddressFailure> {
        var interfaces: [String] = []
        for (prefix, name) in addresses {
            // One that is down now is found when the address is taken.
            guard case .success(let link) = findInterface(for: prefix.address, named: name),
                !interfaces.contains(link.name)
            else { continue }
            interfaces.append(link.name)
        }
        return attempt("cannot guard the write addresses") { () throws(NetlinkError) in
            _ = try filter.install(
                guarding: addresses.map(\.prefix.address), interfaces: interfaces.sorted(),
                trusted: trusted)
            guarded = Guarded(addresses: addresses, trusted: trusted)
        }
    }

    /// Puts the guard up again after somebody took it away. Not where a lease runs: only
    /// ``renew(_:port:until:)`` puts up guard and lease in one.
    public func guardAgain() -> Result<Void, AddressFailure> {
        guard let guarded else { return .success(()) }
        return guardAddresses(guarded.addresses, trusted: guarded.trusted)
    }

    /// How long the kernel goes on to let the address pass here, by the leave of a former life;
    /// `nil` when it doesn't, or the address is not there.
    public func remainingLease(_ address: IPAddress) -> Result<Interval?, AddressFailure> {
        attempt("cannot read the lease of \(address)") { () throws(NetlinkError) in
            // Longer than any lease: somebody's own element, which is no lease of ours.
            guard let rest = try filter.remaining(address), rest < .seconds(60) else { return nil }
            let isThere = try placement.addresses().contains { $0.address == address }
            guard isThere else { return nil }
            note(address)
            return rest
        }
    }

    /// Lets the address pass until the deadline, adds it, announces it at once.
    ///
    /// After a failure the address is not held by us: nothing passes.
    ///
    /// - Parameters:
    ///   - port: a fenced one, which everybody may reach as long.
    ///   - deadline: on CLOCK_BOOTTIME.
    public func take(
        _ prefix: Prefix, port: UInt16? = nil, on interface: String, until deadline: Instant
    ) -> Result<AddressTaking, AddressFailure> {
        let address = prefix.address
        note(address)
        return placement.link(interface, AddressPlacement.adding(prefix, to: interface)).flatMap {
            link in
            open(address, port, until: deadline).flatMap { _ in
                placement.add(prefix, on: link, validSeconds: Self.validSeconds)
            }.flatMap { addition in
                if case .conflicting(let present) = addition {
                    _ = close(address)
                    return .failure(
                        AddressPlacement.conflict(prefix, present, on: interface))
                }
                guard clock() < deadline else {
                    _ = close(address, port)
                    return .failure(
                        Self.overdue(AddressPlacement.adding(prefix, to: interface)))
                }
                return .success(placement.announced(addition, address, on: link))
            }
        }
    }

    /// The second layer: should the packet filter be taken away from a daemon that is dead, the
    /// kernel removes the address itself. Whole seconds; refreshed once a second.
    static let validSeconds: UInt32 = 4

    /// Puts the kernel's deadline off. A ruleset that somebody flushed is put up again: the lease
    /// is ours all the same.
    public func renew(
        _ address: IPAddress, port: UInt16? = nil, until deadline: Instant
    ) -> Result<AddressRenewal, AddressFailure> {
        attempt("cannot renew the lease of \(address)") { () throws(NetlinkError) in
            switch try filter.renew(address, port: port, until: deadline) {
            case .held, .alreadyOpen:
                return .renewed
            case .dismantled:
                guard case .held = try filter.open(address, port: port, until: deadline) else {
                    return .lapsed
                }
                return .renewed
            case .lapsed, .overdue, .withdrawn:
                return .lapsed
            }
        }
    }

    /// Lets an address that is there stay for another while; `false` when it is gone.
    public func refresh(
        _ prefix: Prefix, on interface: String
    ) -> Result<Bool, AddressFailure> {
        let what = "cannot refresh \(prefix.address) on \(interface)"
        return placement.link(interface, what).flatMap { link in
            placement.refresh(prefix, on: link.index, validSeconds: Self.validSeconds)
        }
    }

    private func open(
        _ address: IPAddress, _ port: UInt16?, until deadline: Instant
    ) -> Result<Void, AddressFailure> {
        let what = "cannot open \(address)"
        let outcome = attempt(what) { () throws(NetlinkError) in
            let outcome = try filter.open(address, port: port, until: deadline)
            guard outcome == .alreadyOpen else { return outcome }
            return try filter.renew(address, port: port, until: deadline)
        }
        return outcome.flatMap { outcome in
            if case .held = outcome { return .success(()) }
            return .failure(Self.overdue(what))
        }
    }

    private static func overdue(_ what: String) -> AddressFailure {
        AddressFailure(
            what: what, reason: "its lease ended before it could be done",
            source: .kernel, advice: "see what keeps this host so busy, or suspends it")
    }

    /// Tells the network where the address is; returns the frames sent (0 on an interface without
    /// hardware addresses, where there is nobody to tell).
    ///
    /// Nothing is sent after the deadline: the kernel's own count of it stands still while the host
    /// is suspended, and would let the frames pass. The interface's hardware address is asked each
    /// time: a bond changes its own.
    public func announce(
        _ address: IPAddress, on interface: String, until deadline: Instant
    ) -> Result<Int, AddressFailure> {
        guard clock() < deadline else {
            return .failure(Self.overdue("cannot announce \(address) on \(interface)"))
        }
        return placement.announce(address, on: interface)
    }

    /// Ends the lease in silence: nothing comes in and only resets leave.
    public func hush(
        _ address: IPAddress, port: UInt16? = nil
    ) -> Result<Void, AddressFailure> {
        note(address)
        return attempt("cannot silence \(address)") { () throws(NetlinkError) in
            try filter.close(address, port: port, .hushing)
        }
    }

    /// Ends the lease: new TCP connections to the address are refused with a reset, nothing else of
    /// it passes.
    public func bar(_ address: IPAddress, port: UInt16? = nil) -> Result<Void, AddressFailure> {
        note(address)
        return close(address, port)
    }

    /// Neither bars nor silences the address any more; `false` when it was neither.
    public func admit(_ address: IPAddress) -> Result<Bool, AddressFailure> {
        attempt("cannot admit connections to \(address)") { () throws(NetlinkError) in
            let wasHushed = try filter.unhush(address)
            return try filter.unbar(address) || wasHushed
        }
    }

    /// Keeps all but this host and the trusted ones from a port of this host, unless a lease admits
    /// them.
    public func fence(_ port: UInt16) -> Result<Void, AddressFailure> {
        attempt("cannot fence port \(port)") { () throws(NetlinkError) in
            try filter.fence(port)
        }
    }

    /// Opens a port to everybody.
    public func unfence(_ port: UInt16) -> Result<Void, AddressFailure> {
        attempt("cannot open port \(port)") { () throws(NetlinkError) in
            _ = try filter.unfence(port)
        }
    }

    /// Resets every established TCP connection to the address; returns how many.
    public func resetConnections(_ address: IPAddress) -> Result<Int, AddressFailure> {
        placement.resetConnections(address)
    }

    /// Removes the address from wherever it is on this host, with whatever prefix length somebody
    /// gave it; returns the indices of the interfaces that it was removed from.
    public func remove(_ address: IPAddress) -> Result<[UInt32], AddressFailure> {
        placement.remove(address)
    }

    /// Leaves no trace of a former life: to be called at start, before anything else.
    ///
    /// Removed are `addresses`, and any other that carries Baton's mark: the configuration may have
    /// changed since. Their clients are reset first. Then all barriers are opened. Addresses
    /// that this keeper took or barred itself are left alone, unless they are among `addresses`.
    public func removeLeftovers(_ addresses: [IPAddress]) -> AddressLeftovers {
        var leftovers = AddressLeftovers()
        var barred: [IPAddress] = []
        let listed = attempt("cannot list what is barred") { () throws(NetlinkError) in
            let barred = try filter.barred()
            return barred + (try filter.hushed()).filter { !barred.contains($0) }
        }
        switch listed {
        case .success(let found):
            barred = found.filter { addresses.contains($0) || !handled.contains($0) }
        case .failure(let failure): leftovers.failures.append(failure)
        }
        var stuck: [IPAddress] = []
        for address in placement.leftovers(
            of: addresses, sparing: handled, &leftovers.failures)
        {
            let isRemoved = giveUp(address, &leftovers)
            if !isRemoved { stuck.append(address) }
            if isRemoved, !barred.contains(address) { _ = admit(address) }
        }
        for address in barred where !stuck.contains(address) {
            switch admit(address) {
            case .success(true): leftovers.unbarred.append(address)
            case .success(false): break  // Somebody flushed the table meanwhile.
            case .failure(let failure): leftovers.failures.append(failure)
            }
        }
        return leftovers
    }
}

extension AddressKeeper {
    /// Bars, resets, removes. A failure of the first two does not keep the address: two holders are
    /// worse than a client that waits.
    private func giveUp(_ address: IPAddress, _ leftovers: inout AddressLeftovers) -> Bool {
        if case .failure(let failure) = close(address) { leftovers.failures.append(failure) }
        if case .failure(let failure) = resetConnections(address) {
            leftovers.failures.append(failure)
        }
        switch remove(address) {
        case .success:
            leftovers.removed.append(address)
            return true
        case .failure(let failure):
            leftovers.failures.append(failure)
            return false
        }
    }

    private func close(
        _ address: IPAddress, _ port: UInt16? = nil
    ) -> Result<Void, AddressFailure> {
        attempt("cannot bar new connections to \(address)") { () throws(NetlinkError) in
            // Before anything is guarded no lease can run.
            if guarded != nil {
                try filter.close(address, port: port, .barring)
            } else {
                try filter.bar(address)
            }
        }
    }

    /// The packet filter ends a lease long before the second layer does.
    func hasLapsed(_ address: IPAddress, at now: Instant) -> Bool { false }

    private func note(_ address: IPAddress) {
        if !handled.contains(address) { handled.append(address) }
    }

    private func attempt<Value>(
        _ what: String, _ body: () throws(NetlinkError) -> Value
    ) -> Result<Value, AddressFailure> {
        AddressFailure.attempt(what, body)
    }
}
