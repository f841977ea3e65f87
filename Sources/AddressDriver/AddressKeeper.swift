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
public final class AddressKeeper {
    private var routes: RouteSession
    private var filter: LeaseFilter
    private var connections: ConnectionReset
    private let packets: PacketSocket
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
        do throws(NetlinkError) {
            routes = try RouteSession()
            filter = try LeaseFilter(tableName: tableName)
            connections = try ConnectionReset()
            packets = try PacketSocket()
        } catch {
            throw AddressFailure("cannot open the kernel's interfaces", because: error)
        }
    }

    /// By what the kernel tells this keeper's changes of the packet filter from others'.
    public var filterPort: UInt32 { filter.port }

    /// Where an address belongs; see ``InterfaceChoice``.
    public func findInterface(
        for address: IPAddress, named name: String? = nil
    ) -> Result<Link, AddressFailure> {
        attempt("cannot find the interface for \(address)") { () throws(NetlinkError) in
            (try routes.links(), try routes.addresses())
        }.flatMap { links, addresses in
            InterfaceChoice.choose(for: address, named: name, links: links, addresses: addresses)
        }
    }

    /// What taking an address came to.
    public struct Taking: Equatable, Sendable {
        /// Whether it was there before.
        public var addition: RouteSession.Addition
        /// Frames that were sent; 0 on an interface without hardware addresses.
        public var announcements: Int
        /// The address **is** held, but neighbours may not know yet: announce again.
        public var announcementFailure: AddressFailure?
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
            let isThere = try routes.addresses().contains { $0.address == address }
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
    ) -> Result<Taking, AddressFailure> {
        let alone = Self.alone(prefix)
        note(alone.address)
        let what = "cannot add \(alone) to \(interface)"
        return link(interface, what).flatMap { link in
            open(alone.address, port, until: deadline).flatMap { _ in
                attempt(what, interface) { () throws(NetlinkError) in
                    try routes.add(
                        alone, interfaceIndex: link.index, validSeconds: Self.validSeconds)
                }
            }.flatMap { addition in
                if case .conflicting(let present) = addition {
                    _ = close(alone.address)
                    return .failure(conflict(what, present, on: interface))
                }
                guard clock() < deadline else {
                    _ = close(alone.address, port)
                    return .failure(Self.overdue(what))
                }
                return .success(announced(addition, alone.address, on: link))
            }
        }
    }

    /// The second layer: should the packet filter be taken away from a daemon that is dead, the
    /// kernel removes the address itself. Whole seconds; refreshed once a second.
    static let validSeconds: UInt32 = 4

    /// Always the address alone, as /32 or /128; the length in the configuration only served to
    /// find the interface. With the network's length it would be one of the subnet's addresses, and
    /// where promote_secondaries is 0 (the kernel's default) removing a subnet's first address
    /// removes all the others: giving up the write address could take the host's own with it. It
    /// would also add a second route to the network.
    private static func alone(_ prefix: Prefix) -> Prefix {
        guard let alone = Prefix(address: prefix.address, length: prefix.address.bitCount) else {
            preconditionFailure("a family's own bit count fits it")
        }
        return alone
    }

    /// What putting a deadline off came to.
    public enum Renewal: Equatable, Sendable {
        case renewed
        /// The kernel had ended the lease, or the deadline had passed: nothing was put off.
        case lapsed
    }

    /// Puts the kernel's deadline off. A ruleset that somebody flushed is put up again: the lease
    /// is ours all the same.
    public func renew(
        _ address: IPAddress, port: UInt16? = nil, until deadline: Instant
    ) -> Result<Renewal, AddressFailure> {
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
        return link(interface, what).flatMap { link in
            attempt(what, interface) { () throws(NetlinkError) in
                try routes.refresh(
                    Self.alone(prefix), interfaceIndex: link.index,
                    validSeconds: Self.validSeconds)
            }
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
    /// is suspended, and would let the frames pass. The interface's hardware address is asked each time: a bond changes its own.
    public func announce(
        _ address: IPAddress, on interface: String, until deadline: Instant
    ) -> Result<Int, AddressFailure> {
        let what = "cannot announce \(address) on \(interface)"
        return link(interface, what).flatMap { link in
            clock() < deadline ? send(address, on: link) : .failure(Self.overdue(what))
        }
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
        attempt("cannot reset the connections to \(address)") { () throws(NetlinkError) in
            try connections.resetAll(local: address)
        }
    }

    /// Removes the address from wherever it is on this host, with whatever prefix length somebody
    /// gave it; returns the indices of the interfaces that it was removed from.
    public func remove(_ address: IPAddress) -> Result<[UInt32], AddressFailure> {
        attempt("cannot remove \(address)") { () throws(NetlinkError) in
            var removed: [UInt32] = []
            for present in try routes.addresses() where present.address == address {
                // Only the length counts for the kernel, unless the link is point-to-point.
                let isGone = try routes.remove(
                    Prefix(address: address, length: present.network.length) ?? present.network,
                    interfaceIndex: present.interfaceIndex)
                if isGone { removed.append(present.interfaceIndex) }
            }
            return removed
        }
    }

    /// What a former life of Baton's left on this host.
    public struct Leftovers: Equatable, Sendable {
        /// Addresses that were configured, and are no longer.
        public var removed: [IPAddress] = []
        /// Addresses that were barred, and are no longer.
        public var unbarred: [IPAddress] = []
        /// What could not be done; such an address stays barred.
        public var failures: [AddressFailure] = []
    }

    /// Leaves no trace of a former life: to be called at start, before anything else.
    ///
    /// Removed are `addresses`, and any other that carries Baton's mark: the configuration may have
    /// changed since. Their clients are reset first. Then all barriers are opened. Addresses
    /// that this keeper took or barred itself are left alone, unless they are among `addresses`.
    public func removeLeftovers(_ addresses: [IPAddress]) -> Leftovers {
        var leftovers = Leftovers()
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
        for address in configured(addresses, &leftovers.failures) {
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
    /// Which of `addresses`, and which marked ones, are on this host: sorted, each once.
    private func configured(
        _ addresses: [IPAddress], _ failures: inout [AddressFailure]
    ) -> [IPAddress] {
        let listed = attempt("cannot list addresses") { () throws(NetlinkError) in
            try routes.addresses()
        }
        switch listed {
        case .success(let present):
            var found: [IPAddress] = []
            for entry in present
            where addresses.contains(entry.address)
                || (entry.ownershipMark == ConfiguredAddress.batonMark
                    && !handled.contains(entry.address))
            {
                if !found.contains(entry.address) { found.append(entry.address) }
            }
            return found.sorted()
        case .failure(let failure):
            failures.append(failure)
            return []
        }
    }

    /// Bars, resets, removes. A failure of the first two does not keep the address: two holders are
    /// worse than a client that waits.
    private func giveUp(_ address: IPAddress, _ leftovers: inout Leftovers) -> Bool {
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

    private func note(_ address: IPAddress) {
        if !handled.contains(address) { handled.append(address) }
    }

    private func link(_ name: String, _ what: String) -> Result<Link, AddressFailure> {
        attempt(what, name) { () throws(NetlinkError) in
            try routes.links().first { $0.name == name }
        }.flatMap { link in
            if let link { return .success(link) }
            return .failure(
                AddressFailure(
                    what: what, reason: "there is no such interface", source: .interface,
                    advice: "see who removed \(name), or name another in the configuration"))
        }
    }

    private func announced(
        _ addition: RouteSession.Addition, _ address: IPAddress, on link: Link
    ) -> Taking {
        switch send(address, on: link) {
        case .success(let count): Taking(addition: addition, announcements: count)
        case .failure(let failure):
            Taking(addition: addition, announcements: 0, announcementFailure: failure)
        }
    }

    private func send(_ address: IPAddress, on link: Link) -> Result<Int, AddressFailure> {
        guard let hardware = link.hardwareAddress else { return .success(0) }
        return attempt("cannot announce \(address) on \(link.name)", link.name) {
            () throws(NetlinkError) in
            let frames = Announcement.frames(for: address, at: hardware)
            for frame in frames { try packets.send(frame, interfaceIndex: link.index) }
            return frames.count
        }
    }

    private func conflict(
        _ what: String, _ present: ConfiguredAddress, on interface: String
    ) -> AddressFailure {
        AddressFailure(
            what: what, reason: "somebody configured it there as \(present.network)",
            source: .configuration,
            advice: "remove it from the host's own network settings: "
                + "ip address del \(present.network) dev \(interface)")
    }

    private func attempt<Value>(
        _ what: String, _ interface: String? = nil,
        _ body: () throws(NetlinkError) -> Value
    ) -> Result<Value, AddressFailure> {
        do throws(NetlinkError) {
            return .success(try body())
        } catch {
            return .failure(AddressFailure(what, because: error, interface: interface))
        }
    }
}
