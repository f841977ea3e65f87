public import Addressing
internal import CLinux
internal import Glibc
public import MonotonicTime

/// The kernel's half of the write address's lease: Baton's tables in nf_tables.
///
/// A guarded address is answered for, and speaks, only while its element lives in a set whose
/// elements expire; the kernel counts down, whether or not Baton lives. What else the tables do
/// (barring, hushing, fencing a server's port) is read in ``LeaseRuleset``. Other tables are never
/// touched, and what changes together changes in one transaction: a packet sees all of it or
/// nothing.
///
/// The session belongs to the network namespace of the thread that made it, and to one thread at a
/// time. Needs CAP_NET_ADMIN and a kernel with CONFIG_NF_TABLES_INET, CONFIG_NF_TABLES_ARP and
/// CONFIG_NFT_REJECT_INET; to guard announcements as well, of 5.16 with CONFIG_NETFILTER_EGRESS and
/// CONFIG_NF_TABLES_NETDEV. Not guarded against: a host whose clock of ticks stands still (a
/// paused virtual machine, a suspended host) finds of each element what was left before.
public struct LeaseFilter: ~Copyable {
    var session: NetlinkSession
    var ruleset: LeaseRuleset
    /// What the sets that expire nothing hold, once ``install(guarding:interfaces:trusted:)`` said.
    var scope: Scope?
    /// The ports that are fenced by this session's word: part of the structure, so that a flush of
    /// the ruleset does not open them for longer than until the next renewal.
    var fencedPorts: [UInt16] = []
    /// How much longer than until its deadline the kernel may keep an element.
    let tolerance: Interval
    /// CLOCK_BOOTTIME, but in tests.
    let clock: @Sendable () -> Instant

    struct Scope: Equatable {
        var guarded: [IPAddress]
        var trusted: [IPAddress]
        var guardsAnnouncements: Bool
    }

    /// - Parameters:
    ///   - tableName: the name of Baton's table in each family.
    ///   - tolerance: how much later than a deadline the kernel may let a lease expire because the
    ///     commit came late; part of what the lease's arithmetic calls enforcement lateness.
    public init(
        tableName: String = "baton", tolerance: Interval = .milliseconds(5)
    ) throws(NetlinkError) {
        try self.init(tableName: tableName, tolerance: tolerance, clock: BootTime.now)
    }

    init(
        tableName: String, tolerance: Interval, clock: @escaping @Sendable () -> Instant,
        egressHook: UInt32? = nil
    ) throws(NetlinkError) {
        session = try NetlinkSession(family: NETLINK_NETFILTER)
        ruleset = LeaseRuleset(name: tableName)
        if let egressHook { ruleset.egressHook = egressHook }
        self.tolerance = tolerance
        self.clock = clock
    }

    /// By what the kernel tells this filter's changes from others'; see ``FilterNoticeSocket``.
    public var port: UInt32 { session.port }

    /// What installing came to.
    public enum Installation: Equatable, Sendable {
        /// Late announcements from packet sockets are stopped on these interfaces, which are those
        /// asked for but for any that is not there.
        case complete(interfaces: [String])
        /// All is in force but that: this kernel has no egress hook.
        case withoutEgress(NetlinkError)
    }

    /// Makes the tables, or puts them right. What lives in them stays: a restart interrupts
    /// nothing. Comes before ``open(_:port:until:)``, ``renew(_:port:until:)`` and
    /// ``close(_:port:_:)``.
    ///
    /// - Parameters:
    ///   - guarded: the addresses that this host may use only with a lease.
    ///   - interfaces: the names of those that guarded addresses live on.
    ///   - trusted: the cluster's own hosts, whom a fenced port admits.
    public mutating func install(
        guarding guarded: [IPAddress], interfaces: [String], trusted: [IPAddress]
    ) throws(NetlinkError) -> Installation {
        ruleset.interfaces = interfaces
        scope = Scope(
            guarded: guarded, trusted: trusted, guardsAnnouncements: !interfaces.isEmpty)
        while true {
            let stale = try staleRemoval()
            let netdevStart = structure(tables.filter { $0.family != .netdev }).count
            let operation = "install tables \(ruleset.name)"
            guard let refusal = try commit(structure() + stale, operation) else {
                return .complete(interfaces: ruleset.interfaces)
            }
            let error = Self.error(refusal, operation)
            guard let index = refusal.index, index >= netdevStart else { throw error }
            let chain = index - netdevStart - RulesetMessages.chainsStart(in: ruleset.netdev)
            if error.errno == ENOENT, ruleset.interfaces.indices.contains(chain) {
                // Gone since it was asked for, or not there yet.
                ruleset.interfaces.remove(at: chain)
                scope?.guardsAnnouncements = !ruleset.interfaces.isEmpty
                continue
            }
            guard case .unsupported = error, scope?.guardsAnnouncements == true else { throw error }
            scope?.guardsAnnouncements = false
            guard let refusal = try commit(structure(), operation) else {
                return .withoutEgress(error)
            }
            throw Self.error(refusal, operation)
        }
    }

    /// Whether this kernel has nf_tables, loaded for that if need be; `nil` where that can't be
    /// told, since asking needs CAP_NET_ADMIN.
    public static func isSupported() -> Bool? {
        do throws(NetlinkError) {
            var filter = try LeaseFilter()
            _ = try filter.hasTables()
            return true
        } catch {
            return isLack(errno: error.errno) ? false : nil
        }
    }

    /// Without nfnetlink there is no such socket; without nf_tables behind it a list is an invalid
    /// request, and a transaction unsupported.
    static func isLack(errno: Int32) -> Bool {
        [EPROTONOSUPPORT, EAFNOSUPPORT, EOPNOTSUPP, EINVAL].contains(errno)
    }

    /// Whether there are tables of Baton's name.
    public mutating func hasTables() throws(NetlinkError) -> Bool {
        !(try inventory([ruleset.netdev, ruleset.arp, ruleset.inet]).tables.isEmpty)
    }

    /// Removes the tables with all in them; `false` when there was none.
    public mutating func removeTables() throws(NetlinkError) -> Bool {
        let operation = "remove tables \(ruleset.name)"
        let present = try inventory([ruleset.netdev, ruleset.arp, ruleset.inet]).tables
        let removals = present.map { RulesetMessages.removal(ofTable: $0.name, $0.family) }
        if removals.isEmpty { return false }
        try require(removals, operation)
        return true
    }

    /// What guards announcements where no guarded address lives any longer. It would not hear of
    /// renewals.
    private mutating func staleRemoval() throws(NetlinkError) -> [MessageWriter] {
        let table = ruleset.netdev
        let present = try inventory([table])
        guard scope?.guardsAnnouncements == true else {
            return present.tables.map { RulesetMessages.removal(ofTable: $0.name, $0.family) }
        }
        let wanted = table.chains.map(\.name)
        return present.chains.filter { !wanted.contains($0.name) }
            .flatMap { RulesetMessages.removal(ofChain: $0.name, of: table) }
    }
}

extension LeaseFilter {
    /// The tables in force. Before they are installed, only what barring needs.
    var tables: [Table] {
        guard let scope else { return [ruleset.inet] }
        return [ruleset.inet, ruleset.arp] + (scope.guardsAnnouncements ? [ruleset.netdev] : [])
    }

    /// Everything but what is decided from moment to moment: tables, sets, chains, rules, and who
    /// is guarded and trusted. Sent along with whatever must not meet a ruleset that a firewall's
    /// reload has flushed.
    func structure(_ tables: [Table]? = nil) -> [MessageWriter] {
        (tables ?? self.tables).flatMap { table in
            RulesetMessages.installation(of: table)
                + standingElements(of: table).flatMap { set, elements in
                    reference(table.family, set).replacement(with: elements)
                }
        } + fences(tables ?? self.tables)
    }

    private func fences(_ tables: [Table]) -> [MessageWriter] {
        guard !fencedPorts.isEmpty, tables.contains(where: { $0.family == .inet }) else {
            return []
        }
        let set = reference(.inet, SetName.fencedPorts)
        return [set.addition(of: fencedPorts.map { SetElement(port: $0) })]
    }

    /// What a table's sets hold because ``install(guarding:interfaces:trusted:)`` said so.
    func standingElements(of table: Table) -> [(set: String, elements: [SetElement])] {
        guard let scope else { return [] }
        return IPFamily.allCases.flatMap { family in
            [
                (SetName.guarded(family), scope.guarded), (SetName.trusted(family), scope.trusted),
            ].map { set, addresses in
                (
                    set: set,
                    elements: addresses.filter { $0.ipFamily == family }.map { SetElement($0) }
                )
            }
        }.filter { entry in table.sets.contains { $0.name == entry.set } }
    }

    func reference(_ family: TableFamily, _ set: String) -> SetReference {
        SetReference(family: family, table: ruleset.name, set: set)
    }

    /// The elements that live in a set of the inet table; none when there is no such table.
    mutating func elements(
        of set: String, _ operation: String
    ) throws(NetlinkError) -> [SetElement] {
        try elements(of: reference(.inet, set), operation) ?? []
    }

    /// `nil` when there is no such set.
    mutating func elements(
        of set: SetReference, _ operation: String
    ) throws(NetlinkError) -> [SetElement]? {
        var elements: [SetElement] = []
        do throws(NetlinkError) {
            for message in try session.dump(set.listRequest(), operation) {
                guard let read = SetElement.read(message) else {
                    throw NetlinkError.malformed(operation: operation)
                }
                elements += read
            }
        } catch {
            if error.errno == ENOENT { return nil }
            throw error
        }
        return elements
    }

    /// All of the changes, or none and the reason.
    mutating func commit(
        _ changes: [MessageWriter], _ operation: String
    ) throws(NetlinkError) -> NetlinkSession.BatchRefusal? {
        try session.transact(
            begin: RulesetMessages.begin(), changes, end: RulesetMessages.end(), operation)
    }

    /// All of the changes.
    mutating func require(
        _ changes: [MessageWriter], _ operation: String
    ) throws(NetlinkError) {
        if let refusal = try commit(changes, operation) { throw Self.error(refusal, operation) }
    }

    static func error(
        _ refusal: NetlinkSession.BatchRefusal, _ operation: String
    ) -> NetlinkError {
        let errno = refusal.verdict.errno
        // No handler for the subsystem, the family, the hook or an expression.
        guard [EOPNOTSUPP, EPROTONOSUPPORT, EAFNOSUPPORT].contains(errno) else {
            return refusal.error(operation)
        }
        return .unsupported(
            operation: operation, errno: errno,
            need: "CONFIG_NF_TABLES_INET, CONFIG_NF_TABLES_ARP or CONFIG_NFT_REJECT_INET")
    }
}

extension IPAddress {
    var ipFamily: IPFamily {
        switch self {
        case .v4: .v4
        case .v6: .v6
        }
    }
}

/// This host's monotonic clock.
public enum BootTime {
    /// CLOCK_BOOTTIME: it counts on while the host is suspended. A lease that passed meanwhile has
    /// passed.
    public static let now: @Sendable () -> Instant = {
        var time = timespec()
        // Cannot fail: the clock exists since Linux 2.6.39 and the pointer is good.
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
