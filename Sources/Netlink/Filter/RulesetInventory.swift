internal import CLinux
internal import Glibc

/// What the kernel has of some tables, as far as it takes to know whether they are as they should
/// be. Rules are known by their comments: whoever changes one replaces it.
struct RulesetInventory: Equatable {
    struct TableRecord: Equatable {
        var family: TableFamily
        var name: String
        /// Its chains are not entered.
        var isDormant: Bool
    }

    struct ChainRecord: Equatable {
        var table: String
        var name: String
        var hook: Hook?
        var comments: [String?] = []
    }

    struct RuleRecord: Equatable {
        var table: String
        var chain: String
        var comment: String?
    }

    var tables: [TableRecord] = []
    var chains: [ChainRecord] = []

    /// What is wrong with a table, in words; empty when it is complete. To be asked of an inventory
    /// of that table alone.
    func faults(in table: Table) -> [String] {
        let what = "table \(table.family.word) \(table.name)"
        guard let record = tables.first(where: { $0.family == table.family }) else {
            return ["\(what) is missing"]
        }
        if record.isDormant { return ["\(what) is dormant"] }
        return table.chains.compactMap { chain in
            guard let present = chains.first(where: { $0.name == chain.name }) else {
                return "\(what) lacks chain \(chain.name)"
            }
            if present.hook != chain.hook {
                return "chain \(chain.name) of \(what) hangs elsewhere"
            }
            return present.comments == chain.rules.map(\.comment)
                ? nil : "chain \(chain.name) of \(what) has other rules"
        }
    }
}

extension RulesetInventory {
    static func tableListRequest(_ family: TableFamily) -> MessageWriter {
        listRequest(NFT_MSG_GETTABLE, family)
    }

    static func chainListRequest(_ family: TableFamily) -> MessageWriter {
        listRequest(NFT_MSG_GETCHAIN, family)
    }

    static func ruleListRequest(_ table: Table) -> MessageWriter {
        var request = listRequest(NFT_MSG_GETRULE, table.family)
        request.attribute(NFTA_RULE_TABLE.rawValue, text: table.name)
        return request
    }

    private static func listRequest(
        _ type: nf_tables_msg_types, _ family: TableFamily
    ) -> MessageWriter {
        RulesetMessages.message(type, family, flags: NLM_F_REQUEST | NLM_F_DUMP)
    }
}

extension RulesetInventory.TableRecord {
    /// `nil` for what is no table of a family that we know.
    init?(_ message: Message) {
        guard let number = message.payload.native(UInt8.self),
            let family = [TableFamily.inet, .arp, .netdev].first(where: { $0.number == number }),
            let attributes = Attribute.scan(message.payload.dropFirst(4)),
            let name = attributes.text(NFTA_TABLE_NAME.rawValue)
        else { return nil }
        let flags = attributes.value(NFTA_TABLE_FLAGS.rawValue)?.network(UInt32.self) ?? 0
        self.init(
            family: family, name: name,
            isDormant: flags & UInt32(NFT_TABLE_F_DORMANT.rawValue) != 0)
    }
}

extension RulesetInventory.ChainRecord {
    init?(_ message: Message) {
        guard let attributes = Attribute.scan(message.payload.dropFirst(4)),
            let table = attributes.text(NFTA_CHAIN_TABLE.rawValue),
            let name = attributes.text(NFTA_CHAIN_NAME.rawValue)
        else { return nil }
        let hook = attributes.value(NFTA_CHAIN_HOOK.rawValue).flatMap(Hook.init)
        self.init(table: table, name: name, hook: hook)
    }
}

extension RulesetInventory.RuleRecord {
    init?(_ message: Message) {
        guard let attributes = Attribute.scan(message.payload.dropFirst(4)),
            let table = attributes.text(NFTA_RULE_TABLE.rawValue),
            let chain = attributes.text(NFTA_RULE_CHAIN.rawValue)
        else { return nil }
        let comment = attributes.value(NFTA_RULE_USERDATA.rawValue).flatMap(RuleComment.read)
        self.init(table: table, chain: chain, comment: comment)
    }
}

extension Hook {
    /// Reads NFTA_CHAIN_HOOK.
    fileprivate init?(_ octets: ArraySlice<UInt8>) {
        guard let attributes = Attribute.scan(octets),
            let number = attributes.value(NFTA_HOOK_HOOKNUM.rawValue)?.network(UInt32.self),
            let priority = attributes.value(NFTA_HOOK_PRIORITY.rawValue)?.network(Int32.self)
        else { return nil }
        // Of the list of devices that newer kernels give besides, ours has one.
        let list = attributes.value(NFTA_HOOK_DEVS.rawValue).flatMap(Attribute.scan)
        self.init(
            number: number, priority: priority,
            device: attributes.text(NFTA_HOOK_DEV.rawValue) ?? list?.first?.text)
    }
}

extension LeaseFilter {
    /// Whether all that ``install(guarding:interfaces:trusted:)`` made is there and as it was.
    public mutating func isIntact() throws(NetlinkError) -> Bool { try faults().isEmpty }

    /// What somebody took from Baton's tables, in words.
    public mutating func faults() throws(NetlinkError) -> [String] {
        let operation = "inspect tables \(ruleset.name)"
        var faults: [String] = []
        for table in tables {
            let found = try inventory([table]).faults(in: table)
            faults += found
            guard found.isEmpty else { continue }
            for (set, wanted) in standingElements(of: table) {
                let present = try elements(of: reference(table.family, set), operation) ?? []
                let keys = Set(present.map(\.key))
                if keys != Set(wanted.map(\.key)) {
                    faults.append("set \(set) of table \(table.family.word) \(table.name) differs")
                }
            }
        }
        return faults
    }

    /// What the kernel has of these tables.
    mutating func inventory(_ tables: [Table]) throws(NetlinkError) -> RulesetInventory {
        let operation = "inspect tables \(ruleset.name)"
        var inventory = RulesetInventory()
        for table in tables {
            let records = try list(RulesetInventory.tableListRequest(table.family), operation)
                .compactMap(RulesetInventory.TableRecord.init)
            inventory.tables += records.filter {
                $0.family == table.family && $0.name == table.name
            }
            var chains = try list(RulesetInventory.chainListRequest(table.family), operation)
                .compactMap(RulesetInventory.ChainRecord.init).filter { $0.table == table.name }
            let rules = try list(RulesetInventory.ruleListRequest(table), operation)
                .compactMap(RulesetInventory.RuleRecord.init).filter { $0.table == table.name }
            for index in chains.indices {
                chains[index].comments =
                    rules.filter { $0.chain == chains[index].name }.map(\.comment)
            }
            inventory.chains += chains
        }
        return inventory
    }

    private mutating func list(
        _ request: MessageWriter, _ operation: String
    ) throws(NetlinkError) -> [Message] {
        do throws(NetlinkError) {
            return try session.dump(request, operation)
        } catch {
            // No such table, or no such family in this kernel.
            if [ENOENT, EOPNOTSUPP, EAFNOSUPPORT, EPROTONOSUPPORT].contains(error.errno) {
                return []
            }
            throw error
        }
    }
}
