public import Addressing
internal import CLinux
internal import Glibc

/// Interfaces and addresses of this host, over rtnetlink.
///
/// The session belongs to the network namespace of the thread that made it, and to one thread at a
/// time. Changes need CAP_NET_ADMIN; lists need nothing.
public struct RouteSession: ~Copyable {
    private var session: NetlinkSession

    /// Opens the socket, in the calling thread's network namespace.
    public init() throws(NetlinkError) {
        session = try NetlinkSession(family: NETLINK_ROUTE)
    }

    /// All interfaces, by index.
    public mutating func links() throws(NetlinkError) -> [Link] {
        try session.dump(Link.listRequest(), "list interfaces")
            .compactMap(Link.init).sorted { $0.index < $1.index }
    }

    /// All addresses of both families, in the kernel's order.
    public mutating func addresses() throws(NetlinkError) -> [ConfiguredAddress] {
        try session.dump(ConfiguredAddress.listRequest(), "list addresses")
            .compactMap(ConfiguredAddress.init)
    }

    /// What adding an address came to.
    public enum Addition: Equatable, Sendable {
        case added
        /// It was there and is as asked: nothing was changed.
        case alreadyPresent
        /// It was there, but could be chosen as a source, or waited for duplicate detection: made
        /// as asked.
        case corrected
        /// It is there with another prefix length (IPv6 allows an address once): left alone.
        case conflicting(ConfiguredAddress)
    }

    /// Adds an address with exactly `prefix`'s length: deprecated (never a source), without
    /// duplicate detection, marked as Baton's where the kernel can (5.18).
    ///
    /// - Parameters:
    ///   - validSeconds: when the kernel removes it by itself unless refreshed, which may be up to
    ///     two seconds later than said; `nil` for never. At least 1. One that is there already
    ///     keeps the time that it has.
    ///   - mark: by which of Baton's parts it is.
    public mutating func add(
        _ prefix: Prefix, interfaceIndex: UInt32, validSeconds: UInt32? = nil,
        mark: UInt8 = ConfiguredAddress.batonMark
    ) throws(NetlinkError) -> Addition {
        let wanted = Wanted(
            prefix: prefix, interfaceIndex: interfaceIndex, validSeconds: validSeconds, mark: mark)
        if try attempt(wanted, isReplacing: false) { return .added }
        let present = try addresses().first {
            $0.address == prefix.address && $0.interfaceIndex == interfaceIndex
                && (prefix.address.bitCount == 128 || $0.network.length == prefix.length)
        }
        guard let present else {
            // Removed between the refusal and the list: the second attempt decides.
            return try attempt(wanted, isReplacing: true) ? .added : .alreadyPresent
        }
        guard present.network.length == prefix.length else { return .conflicting(present) }
        if present.isTentative {
            // Replacing does not end duplicate detection.
            _ = try remove(prefix, interfaceIndex: interfaceIndex)
        } else if present.isDeprecated {
            return .alreadyPresent
        }
        _ = try attempt(wanted, isReplacing: true)
        return .corrected
    }

    /// Lets an address that is there stay for so long from now on; `false` when it is not there
    /// (any longer): it is not added again.
    ///
    /// The second layer of a lease: whole seconds, by a clock that is not in a hurry. Only the
    /// packet filter is exact; see ``LeaseFilter``. Each call is told to everybody who watches
    /// addresses.
    public mutating func refresh(
        _ prefix: Prefix, interfaceIndex: UInt32, validSeconds: UInt32?,
        mark: UInt8 = ConfiguredAddress.batonMark
    ) throws(NetlinkError) -> Bool {
        // To replace is to add where there is nothing. Should it expire between the two, it is back
        // for that time, without a lease in the filter.
        let isPresent = try addresses().contains {
            $0.address == prefix.address && $0.interfaceIndex == interfaceIndex
                && $0.network.length == prefix.length
        }
        guard isPresent else { return false }
        let wanted = Wanted(
            prefix: prefix, interfaceIndex: interfaceIndex, validSeconds: validSeconds, mark: mark)
        return try attempt(wanted, isReplacing: true)
    }

    private struct Wanted {
        var prefix: Prefix
        var interfaceIndex: UInt32
        var validSeconds: UInt32?
        var mark: UInt8
    }

    /// Removes an address; `false` when it (or its interface) was already gone.
    public mutating func remove(
        _ prefix: Prefix, interfaceIndex: UInt32
    ) throws(NetlinkError) -> Bool {
        let request = ConfiguredAddress.removalRequest(prefix, interfaceIndex: interfaceIndex)
        do throws(NetlinkError) {
            try session.perform(request, "remove \(prefix) from interface \(interfaceIndex)")
            return true
        } catch {
            if error.errno == EADDRNOTAVAIL || error.errno == ENODEV { return false }
            throw error
        }
    }

    /// `false` when the address exists.
    private mutating func attempt(
        _ wanted: Wanted, isReplacing: Bool
    ) throws(NetlinkError) -> Bool {
        let operation = "add \(wanted.prefix) to interface \(wanted.interfaceIndex)"
        for isMarked in [true, false] {
            let request = ConfiguredAddress.additionRequest(
                wanted.prefix, interfaceIndex: wanted.interfaceIndex, isReplacing: isReplacing,
                isMarked: isMarked, mark: wanted.mark, validSeconds: wanted.validSeconds)
            do throws(NetlinkError) {
                try session.perform(request, operation)
                return true
            } catch {
                switch error.errno {
                case EEXIST:
                    return false
                case EINVAL where isMarked, EOPNOTSUPP where isMarked:
                    // Perhaps the mark is what a kernel before 5.18 refuses; if not, the attempt
                    // without it is refused as well, with the true reason.
                    continue
                default:
                    throw error
                }
            }
        }
        return false
    }
}
