internal import CLinux
internal import Glibc
internal import Synchronization

/// What the kernel tells about changes of the packet filter, made of it what matters: that somebody
/// else laid hands on Baton's tables.
///
/// The kernel reports each change of a transaction, then the transaction itself with the name of
/// the program. Our own transactions, a renewal every second or so, are told by the port that they
/// came from.
struct FilterNoticeReader: Equatable {
    var tableName: String
    /// NETLINK_NETFILTER ports of our own; see ``LeaseFilter/port``.
    var ownPorts: [UInt32]
    /// A change of our tables was reported, its transaction not yet.
    private(set) var isPending = false

    init(tableName: String, ownPorts: [UInt32]) {
        self.tableName = tableName
        self.ownPorts = ownPorts
    }

    /// The notices of one datagram.
    mutating func read(_ datagram: [UInt8]) -> [Notice] {
        guard let messages = Message.scan(datagram) else { return [lost()] }
        var notices: [Notice] = []
        for message in messages {
            guard message.type >> 8 == UInt16(NFNL_SUBSYS_NFTABLES) else { continue }
            let isEnd = UInt32(message.type & 0xFF) == NFT_MSG_NEWGEN.rawValue
            if isEnd, isPending {
                isPending = false
                notices.append(.filterChanged(by: Self.program(message)))
            } else if !isEnd, !ownPorts.contains(message.port), concernsUs(message) {
                isPending = true
            }
        }
        return notices
    }

    /// What was not read may have been about us.
    mutating func lost() -> Notice {
        isPending = false
        return .filterChanged(by: nil)
    }

    /// Tables, chains, sets and elements begin with the name of their table, rules as well.
    private func concernsUs(_ message: Message) -> Bool {
        guard let attributes = Attribute.scan(message.payload.dropFirst(4)) else { return true }
        return attributes.text(Self.tableAttribute) == tableName
    }

    /// NFTA_TABLE_NAME, NFTA_CHAIN_TABLE, NFTA_RULE_TABLE, NFTA_SET_TABLE,
    /// NFTA_SET_ELEM_LIST_TABLE, NFTA_OBJ_TABLE and NFTA_FLOWTABLE_TABLE are one number.
    private static let tableAttribute = NFTA_TABLE_NAME.rawValue

    private static func program(_ message: Message) -> String? {
        Attribute.scan(message.payload.dropFirst(4))?.text(NFTA_GEN_PROC_NAME.rawValue)
    }
}

/// A socket on which the kernel reports every change of the packet filter.
public struct FilterNoticeSocket: ~Copyable, Sendable {
    private let socket: MulticastSocket
    private let reader: Mutex<FilterNoticeReader>

    /// For poll(2): readable when ``receive()`` has something.
    public var number: Int32 { socket.number }

    /// Listens from now on; what was before must be inspected *after* this.
    ///
    /// - Parameters:
    ///   - tableName: Baton's.
    ///   - ownPorts: ``LeaseFilter/port`` of whoever's changes are no news.
    public init(tableName: String = "baton", ownPorts: [UInt32]) throws(NetlinkError) {
        socket = try MulticastSocket(
            family: NETLINK_NETFILTER, groups: [UInt32(NFNLGRP_NFTABLES.rawValue)])
        reader = Mutex(FilterNoticeReader(tableName: tableName, ownPorts: ownPorts))
    }

    /// The notices that wait; empty when there are none that matter. Never blocks.
    public func receive() throws(NetlinkError) -> [Notice] {
        switch try socket.receive() {
        case .bytes(let datagram): reader.withLock { $0.read(datagram) }
        case .nothing: []
        case .lost: reader.withLock { [$0.lost()] }
        }
    }
}
