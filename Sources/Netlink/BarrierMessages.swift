internal import Addressing
internal import CLinux
internal import Glibc

/// The messages of nf_tables that make Baton's table. Pure: what is sent, and when, is
/// ``Barrier``'s business.
///
/// As `nft` would write it:
///
///     table inet baton {
///         set barred4 { type ipv4_addr; }
///         set barred6 { type ipv6_addr; }
///         chain input {
///             type filter hook input priority raw; policy accept;
///             tcp flags syn / syn,ack ip daddr @barred4 reject with tcp reset
///             tcp flags syn / syn,ack ip6 daddr @barred6 reject with tcp reset
///         }
///     }
struct BarrierMessages {
    var tableName: String

    static let chainName = "input"
    /// NF_IP_PRI_RAW. Before every chain that commonly filters input (mangle -150, filter 0): a
    /// firewall that drops the SYN first would leave the client waiting instead of reset.
    /// Connection tracking has looked at the packet already (prerouting, -200), so the reset that
    /// answers it carries the connection and passes a stateful output chain.
    private static let priority: Int32 = -300

    /// The set that an address belongs to.
    enum Family: CaseIterable {
        case v4
        case v6

        init(_ address: IPAddress) {
            switch address {
            case .v4: self = .v4
            case .v6: self = .v6
            }
        }

        var setName: String {
            switch self {
            case .v4: "barred4"
            case .v6: "barred6"
            }
        }

        /// nft's own numbers for `ipv4_addr` and `ipv6_addr`; the kernel only stores them.
        var keyType: UInt32 {
            switch self {
            case .v4: 7
            case .v6: 8
            }
        }

        var keyLength: UInt32 {
            switch self {
            case .v4: 4
            case .v6: 16
            }
        }

        /// Where the destination address lies in the IP header.
        var destinationOffset: UInt32 {
            switch self {
            case .v4: 16
            case .v6: 24
            }
        }

        var networkProtocol: UInt8 {
            switch self {
            case .v4: UInt8(NFPROTO_IPV4)
            case .v6: UInt8(NFPROTO_IPV6)
            }
        }
    }

    /// Opens a batch. The whole batch is for nf_tables.
    static func begin() -> MessageWriter { batchEdge(NFNL_MSG_BATCH_BEGIN) }

    /// Ends a batch: the kernel commits.
    static func end() -> MessageWriter { batchEdge(NFNL_MSG_BATCH_END) }

    /// Makes the table as above, whatever of it is there: sets keep their elements, rules are
    /// thrown away and written anew, so that a table that somebody edited is right again.
    func installation() -> [MessageWriter] {
        var messages = [table(NFT_MSG_NEWTABLE), chain()]
        for (index, family) in Family.allCases.enumerated() {
            messages.append(set(family, id: UInt32(index + 1)))
        }
        messages.append(ruleFlush())
        messages += Family.allCases.map(rule)
        return messages
    }

    /// Everything of the table goes, in one message.
    func removal() -> MessageWriter { table(NFT_MSG_DELTABLE) }

    /// Adds an address to its set; one that is there already stays.
    func addition(of address: IPAddress) -> MessageWriter {
        element(address, NFT_MSG_NEWSETELEM, flags: NLM_F_CREATE)
    }

    /// Removes an address from its set; ENOENT when it, the set or the table is not there.
    func removal(of address: IPAddress) -> MessageWriter {
        element(address, NFT_MSG_DELSETELEM, flags: 0)
    }

    /// Lists one set's elements.
    func elementList(_ family: Family) -> MessageWriter {
        var request = message(
            NFT_MSG_GETSETELEM, flags: NLM_F_REQUEST | NLM_F_DUMP)
        request.attribute(NFTA_SET_ELEM_LIST_TABLE.rawValue, text: tableName)
        request.attribute(NFTA_SET_ELEM_LIST_SET.rawValue, text: family.setName)
        return request
    }

    /// The addresses in one message of the answer to ``elementList(_:)``; `nil` when it is
    /// malformed.
    static func elements(_ message: Message, _ family: Family) -> [IPAddress]? {
        guard let attributes = Attribute.scan(message.payload.dropFirst(4)) else { return nil }
        guard let list = attributes.value(NFTA_SET_ELEM_LIST_ELEMENTS.rawValue) else { return [] }
        guard let elements = Attribute.scan(list) else { return nil }
        var addresses: [IPAddress] = []
        for element in elements {
            guard let fields = Attribute.scan(element.value) else { return nil }
            // Elements without a key (a catch-all) are not ours.
            guard let key = fields.value(NFTA_SET_ELEM_KEY.rawValue) else { continue }
            guard let data = Attribute.scan(key)?.value(NFTA_DATA_VALUE.rawValue),
                let address = IPAddress(
                    family: UInt8(family == .v4 ? AF_INET : AF_INET6), octets: data)
            else { return nil }
            addresses.append(address)
        }
        return addresses
    }
}

extension BarrierMessages {
    private static func batchEdge(_ type: some BinaryInteger) -> MessageWriter {
        var edge = MessageWriter(type: type, flags: NLM_F_REQUEST)
        // nfgenmsg: family, version, resource: here the subsystem that the batch is for.
        edge.append([UInt8(AF_UNSPEC), 0])
        edge.appendNetwork(UInt16(NFNL_SUBSYS_NFTABLES))
        return edge
    }

    private func message(
        _ type: nf_tables_msg_types, flags: Int32
    ) -> MessageWriter {
        var message = MessageWriter(
            type: UInt32(NFNL_SUBSYS_NFTABLES) << 8 | type.rawValue, flags: flags)
        message.append([UInt8(NFPROTO_INET), 0, 0, 0])
        return message
    }

    /// A message inside a batch: acknowledged, so that a refusal says which one it was.
    func change(_ type: nf_tables_msg_types, flags: Int32 = 0) -> MessageWriter {
        message(type, flags: NLM_F_REQUEST | NLM_F_ACK | flags)
    }

    private func table(_ type: nf_tables_msg_types) -> MessageWriter {
        var table = change(type, flags: type == NFT_MSG_NEWTABLE ? NLM_F_CREATE : 0)
        table.attribute(NFTA_TABLE_NAME.rawValue, text: tableName)
        return table
    }

    private func chain() -> MessageWriter {
        var chain = change(NFT_MSG_NEWCHAIN, flags: NLM_F_CREATE)
        chain.attribute(NFTA_CHAIN_TABLE.rawValue, text: tableName)
        chain.attribute(NFTA_CHAIN_NAME.rawValue, text: Self.chainName)
        chain.nested(NFTA_CHAIN_HOOK.rawValue) {
            $0.attribute(NFTA_HOOK_HOOKNUM.rawValue, network: UInt32(NF_INET_LOCAL_IN.rawValue))
            $0.attribute(NFTA_HOOK_PRIORITY.rawValue, network: Self.priority)
        }
        chain.attribute(NFTA_CHAIN_POLICY.rawValue, network: UInt32(NF_ACCEPT))
        chain.attribute(NFTA_CHAIN_TYPE.rawValue, text: "filter")
        return chain
    }

    private func set(_ family: Family, id: UInt32) -> MessageWriter {
        var set = change(NFT_MSG_NEWSET, flags: NLM_F_CREATE)
        set.attribute(NFTA_SET_TABLE.rawValue, text: tableName)
        set.attribute(NFTA_SET_NAME.rawValue, text: family.setName)
        set.attribute(NFTA_SET_FLAGS.rawValue, network: UInt32(0))
        set.attribute(NFTA_SET_KEY_TYPE.rawValue, network: family.keyType)
        set.attribute(NFTA_SET_KEY_LEN.rawValue, network: family.keyLength)
        // Names the set inside this batch only; the kernel demands one.
        set.attribute(NFTA_SET_ID.rawValue, network: id)
        return set
    }

    private func ruleFlush() -> MessageWriter {
        var flush = change(NFT_MSG_DELRULE)
        flush.attribute(NFTA_RULE_TABLE.rawValue, text: tableName)
        flush.attribute(NFTA_RULE_CHAIN.rawValue, text: Self.chainName)
        return flush
    }

    private func element(
        _ address: IPAddress, _ type: nf_tables_msg_types, flags: Int32
    ) -> MessageWriter {
        var element = change(type, flags: flags)
        element.attribute(NFTA_SET_ELEM_LIST_TABLE.rawValue, text: tableName)
        element.attribute(
            NFTA_SET_ELEM_LIST_SET.rawValue, text: Family(address).setName)
        element.nested(NFTA_SET_ELEM_LIST_ELEMENTS.rawValue) {
            $0.nested(NFTA_LIST_ELEM.rawValue) {
                $0.nested(NFTA_SET_ELEM_KEY.rawValue) {
                    $0.attribute(NFTA_DATA_VALUE.rawValue, octets: address.octets)
                }
            }
        }
        return element
    }
}
