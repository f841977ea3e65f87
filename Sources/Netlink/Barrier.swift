public import Addressing
internal import CLinux
internal import Glibc

/// Baton's table in nf_tables: new TCP connections to a barred address are refused at once with a
/// reset, by the kernel, whether or not Baton lives.
///
/// Barring comes first when an address is given up: whoever is reset and connects again before
/// the address has gone must not reach the loser. Other tables are never touched. Needs
/// CAP_NET_ADMIN and a kernel with CONFIG_NF_TABLES_INET and CONFIG_NFT_REJECT_INET.
public struct Barrier: ~Copyable {
    private var session: NetlinkSession
    private let messages: BarrierMessages

    /// - Parameter tableName: the table's name in family `inet`.
    public init(tableName: String = "baton") throws(NetlinkError) {
        session = try NetlinkSession(family: NETLINK_NETFILTER)
        messages = BarrierMessages(tableName: tableName)
    }

    /// Makes the table, its chain, sets and rules, or puts them right; barred addresses stay.
    public mutating func install() throws(NetlinkError) {
        try transact(messages.installation(), "install table inet \(messages.tableName)")
    }

    /// Refuses new connections to `address` from when this returns.
    ///
    /// The table is put right in the same transaction: a firewall's reload, which flushes the whole
    /// ruleset, must not turn this into a barrier that stops nobody.
    public mutating func bar(_ address: IPAddress) throws(NetlinkError) {
        try transact(
            messages.installation() + [messages.addition(of: address)], "bar \(address)")
    }

    /// Admits connections to `address` again; `false` when it was not barred.
    public mutating func unbar(_ address: IPAddress) throws(NetlinkError) -> Bool {
        do throws(NetlinkError) {
            try transact([messages.removal(of: address)], "unbar \(address)")
            return true
        } catch {
            if error.errno == ENOENT { return false }
            throw error
        }
    }

    /// The barred addresses, sorted; none when there is no table.
    public mutating func barred() throws(NetlinkError) -> [IPAddress] {
        let operation = "list the barred addresses"
        var addresses: [IPAddress] = []
        for family in BarrierMessages.Family.allCases {
            do throws(NetlinkError) {
                for message in try session.dump(messages.elementList(family), operation) {
                    guard let elements = BarrierMessages.elements(message, family) else {
                        throw NetlinkError.malformed(operation: operation)
                    }
                    addresses += elements
                }
            } catch {
                if error.errno == ENOENT { continue }
                throw error
            }
        }
        return addresses.sorted()
    }

    /// Removes the table with all in it; `false` when there was none.
    public mutating func removeTable() throws(NetlinkError) -> Bool {
        do throws(NetlinkError) {
            try transact([messages.removal()], "remove table inet \(messages.tableName)")
            return true
        } catch {
            if error.errno == ENOENT { return false }
            throw error
        }
    }

    private mutating func transact(
        _ changes: [MessageWriter], _ operation: String
    ) throws(NetlinkError) {
        do throws(NetlinkError) {
            try session.transact(
                begin: BarrierMessages.begin(), changes, end: BarrierMessages.end(), operation)
        } catch {
            // No handler for the subsystem, the family or an expression.
            guard [EOPNOTSUPP, EPROTONOSUPPORT, EAFNOSUPPORT].contains(error.errno) else {
                throw error
            }
            throw .unsupported(
                operation: operation, errno: error.errno,
                need: "CONFIG_NF_TABLES_INET or CONFIG_NFT_REJECT_INET")
        }
    }
}
