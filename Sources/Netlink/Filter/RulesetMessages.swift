internal import CLinux
internal import Glibc

/// The messages of nf_tables that make tables what their values say. Pure: what is sent, and when,
/// is ``LeaseFilter``'s business.
enum RulesetMessages {
    /// Opens a batch. The whole batch is for nf_tables, of whatever families its tables are.
    static func begin() -> MessageWriter { batchEdge(NFNL_MSG_BATCH_BEGIN) }

    /// Ends a batch: the kernel commits.
    static func end() -> MessageWriter { batchEdge(NFNL_MSG_BATCH_END) }

    private static func batchEdge(_ type: some BinaryInteger) -> MessageWriter {
        var edge = MessageWriter(type: type, flags: NLM_F_REQUEST)
        // nfgenmsg: family, version, resource: here the subsystem that the batch is for.
        edge.append([UInt8(AF_UNSPEC), 0])
        edge.appendNetwork(UInt16(NFNL_SUBSYS_NFTABLES))
        return edge
    }

    /// Makes the table, whatever of it is there: sets keep their elements, rules are thrown away
    /// and written anew, so that a table that somebody edited is right again.
    static func installation(of table: Table) -> [MessageWriter] {
        var messages = [addition(of: table)]
        for (index, set) in table.sets.enumerated() {
            messages.append(self.set(set, of: table, id: UInt32(index + 1)))
        }
        messages += table.chains.map { chain($0, of: table) }
        for chain in table.chains {
            messages.append(ruleFlush(chain.name, of: table))
            messages += chain.rules.map { rule($0, chain.name, of: table) }
        }
        return messages
    }

    /// Where in ``installation(of:)`` the chains are made, in their order.
    static func chainsStart(in table: Table) -> Int { 1 + table.sets.count }

    /// Everything of the table goes, in one message; ENOENT when there is none.
    static func removal(ofTable name: String, _ family: TableFamily) -> MessageWriter {
        var message = change(NFT_MSG_DELTABLE, family)
        message.attribute(NFTA_TABLE_NAME.rawValue, text: name)
        return message
    }

    /// A chain that the table's value does not have goes, with its rules.
    static func removal(ofChain name: String, of table: Table) -> [MessageWriter] {
        var chain = change(NFT_MSG_DELCHAIN, table.family)
        chain.attribute(NFTA_CHAIN_TABLE.rawValue, text: table.name)
        chain.attribute(NFTA_CHAIN_NAME.rawValue, text: name)
        return [ruleFlush(name, of: table), chain]
    }

    /// A message inside a batch: acknowledged, so that a refusal says which one it was.
    static func change(
        _ type: nf_tables_msg_types, _ family: TableFamily, flags: Int32 = 0
    ) -> MessageWriter {
        message(type, family, flags: NLM_F_REQUEST | NLM_F_ACK | flags)
    }

    /// Any message about what belongs to a table.
    static func message(
        _ type: nf_tables_msg_types, _ family: TableFamily, flags: Int32
    ) -> MessageWriter {
        var message = MessageWriter(
            type: UInt32(NFNL_SUBSYS_NFTABLES) << 8 | type.rawValue, flags: flags)
        message.append([family.number, 0, 0, 0])
        return message
    }

    private static func addition(of table: Table) -> MessageWriter {
        var message = change(NFT_MSG_NEWTABLE, table.family, flags: NLM_F_CREATE)
        message.attribute(NFTA_TABLE_NAME.rawValue, text: table.name)
        // Said, and not left out: so a table that somebody made dormant awakes.
        message.attribute(NFTA_TABLE_FLAGS.rawValue, network: UInt32(0))
        return message
    }

    private static func chain(_ chain: Chain, of table: Table) -> MessageWriter {
        var message = change(NFT_MSG_NEWCHAIN, table.family, flags: NLM_F_CREATE)
        message.attribute(NFTA_CHAIN_TABLE.rawValue, text: table.name)
        message.attribute(NFTA_CHAIN_NAME.rawValue, text: chain.name)
        guard let hook = chain.hook else { return message }
        message.nested(NFTA_CHAIN_HOOK.rawValue) {
            $0.attribute(NFTA_HOOK_HOOKNUM.rawValue, network: hook.number)
            $0.attribute(NFTA_HOOK_PRIORITY.rawValue, network: hook.priority)
            if let device = hook.device {
                $0.attribute(NFTA_HOOK_DEV.rawValue, text: device)
            }
        }
        message.attribute(NFTA_CHAIN_POLICY.rawValue, network: UInt32(NF_ACCEPT))
        message.attribute(NFTA_CHAIN_TYPE.rawValue, text: "filter")
        return message
    }

    private static func set(_ set: NamedSet, of table: Table, id: UInt32) -> MessageWriter {
        var message = change(NFT_MSG_NEWSET, table.family, flags: NLM_F_CREATE)
        message.attribute(NFTA_SET_TABLE.rawValue, text: table.name)
        message.attribute(NFTA_SET_NAME.rawValue, text: set.name)
        message.attribute(
            NFTA_SET_FLAGS.rawValue, network: set.expires ? NFT_SET_TIMEOUT.rawValue : 0)
        message.attribute(NFTA_SET_KEY_TYPE.rawValue, network: set.key.type)
        message.attribute(NFTA_SET_KEY_LEN.rawValue, network: set.key.length)
        // Names the set inside this batch only; the kernel demands one.
        message.attribute(NFTA_SET_ID.rawValue, network: id)
        return message
    }

    private static func ruleFlush(_ chain: String, of table: Table) -> MessageWriter {
        var flush = change(NFT_MSG_DELRULE, table.family)
        flush.attribute(NFTA_RULE_TABLE.rawValue, text: table.name)
        flush.attribute(NFTA_RULE_CHAIN.rawValue, text: chain)
        return flush
    }

    private static func rule(_ rule: Rule, _ chain: String, of table: Table) -> MessageWriter {
        var message = change(NFT_MSG_NEWRULE, table.family, flags: NLM_F_CREATE | NLM_F_APPEND)
        message.attribute(NFTA_RULE_TABLE.rawValue, text: table.name)
        message.attribute(NFTA_RULE_CHAIN.rawValue, text: chain)
        message.nested(NFTA_RULE_EXPRESSIONS.rawValue) { rule.write(to: &$0, in: table.family) }
        message.attribute(
            NFTA_RULE_USERDATA.rawValue, octets: RuleComment.octets(of: rule.comment))
        return message
    }
}

/// How `nft` keeps a rule's comment in the octets that the kernel stores unread: a type (0 is the
/// comment's), a length, the text with its terminating zero.
enum RuleComment {
    private static let type: UInt8 = 0

    static func octets(of comment: String) -> [UInt8] {
        let text = Array(comment.utf8) + [0]
        return [type, UInt8(text.count)] + text
    }

    /// `nil` where there is none, or nothing that `nft` would have written.
    static func read(_ octets: ArraySlice<UInt8>) -> String? {
        var rest = octets
        while let type = rest.first, let length = rest.dropFirst().first {
            let value = rest.dropFirst(2)
            guard Int(length) <= value.count else { return nil }
            if type == self.type {
                let text = value.prefix(Int(length)).prefix { $0 != 0 }
                return String(decoding: text, as: UTF8.self)
            }
            rest = value.dropFirst(Int(length))
        }
        return nil
    }
}

extension NamedSet.Key {
    /// nft's own numbers for `ipv4_addr`, `ipv6_addr` and `inet_service`; the kernel only stores
    /// them.
    fileprivate var type: UInt32 {
        switch self {
        case .ipv4: 7
        case .ipv6: 8
        case .port: 13
        }
    }

    /// Octets of a key.
    var length: UInt32 {
        switch self {
        case .ipv4: 4
        case .ipv6: 16
        case .port: 2
        }
    }
}
