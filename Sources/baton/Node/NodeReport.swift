/// What one node said of itself and its groups: the JSON of `BATON STATUS`, as far as it is shown.
struct NodeReport: Equatable {
    struct Group: Equatable {
        var name: String
        var primary: String
        var configEpoch: Int
        var quorum: Int
        var isObjectivelyDown: Bool
        var isConfirmed: Bool
        var failoverState: String
        /// This node's relation to the write address; `nil` where the group has none.
        var address: String?
        /// This host's lease of it; `nil` while it asks for none.
        var lease: Lease?
        /// By what this host's kernel ends a lease; `nil` without a write address.
        var enforcement: Enforcement?
        /// Who keeps this host from taking the write address.
        var stranger: String?
        /// What it heard of another holder; `nil` while it has not asked.
        var sighting: Sighting?
        /// Baton leaves the group alone; `nil` when it does not.
        var pause: Pause?
        /// What a failover may lose; `nil` where nothing is declared.
        var writeSafety: WriteSafety?
        /// The primary first.
        var servers: [Server]
        /// Without the node itself.
        var peers: [Peer]
    }

    struct Sighting: Equatable {
        var answering: String?
        var isConfirmed: Bool
    }

    struct Lease: Equatable {
        var remainingMilliseconds: Int
        var granted: Int
        var voters: Int
    }

    struct Enforcement: Equatable {
        /// `packet-filter` or `address-lifetime`.
        var by: String
        var latenessMilliseconds: Int
        /// The least L that leaves time for renewals.
        var leaseMillisecondsMin: Int
        /// False where the lease in force is shorter: then this host holds nothing.
        var isPossible: Bool
    }

    struct Pause: Equatable {
        /// `nil`: until somebody ends it.
        var remainingMilliseconds: Int?
    }

    struct WriteSafety: Equatable {
        /// `nil` for `async`.
        var boundSeconds: Int?
        /// The primary takes no writes because no replica is attached.
        var refusesWrites: Bool
    }

    struct Server: Equatable {
        var endpoint: String
        var isPrimary: Bool
        var isLocal: Bool
        var isConnected: Bool
        var isSubjectivelyDown: Bool
        var silenceMilliseconds: Int?
        var lagBytes: Int?
        /// What its `INFO` said; `nil` before the first.
        var report: Report?
    }

    struct Report: Equatable {
        var role: String
        /// Whom a replica follows.
        var primary: String?
        var isLinkUp: Bool
        var isSyncing: Bool
        var isLoading: Bool
        var priority: Int
    }

    struct Peer: Equatable {
        var name: String
        var endpoint: String
        var isConnected: Bool
        var isSubjectivelyDown: Bool
        var silenceMilliseconds: Int?
        var primary: String?
        var configEpoch: Int
        var holdsAddress: Bool
        var addressSeenMilliseconds: Int?
    }

    var name: String
    var endpoint: String
    var currentEpoch: Int
    var mayVote: Bool
    var voters: Voters?
    var groups: [Group]

    /// Who has a voice.
    struct Voters: Equatable {
        /// 0 before the first set.
        var number: Int
        var names: [String]
        var leaseMilliseconds: Int?
        var declared: [String]
        var declaredLeaseMilliseconds: Int
        var waitingFor: String?
        /// Nodes whose files differ from this one's.
        var differing: [String]
    }

    /// The only schema there is.
    static let schema = 1

    /// Why a node's answer can't be shown.
    enum Unreadable: Error, Equatable {
        case notJSON
        /// A schema of another version of Baton.
        case otherSchema(Int)
        /// A key is missing, or of another type.
        case lacks(String)
    }

    init(json: [UInt8]) throws(Unreadable) {
        let root: JSONValue
        do { root = try JSONValue(json) } catch { throw .notJSON }
        let schema = try root.integer("schema")
        guard schema == Self.schema else { throw .otherSchema(schema) }
        name = try root.string("name")
        endpoint = try root.string("endpoint")
        currentEpoch = try root.integer("currentEpoch")
        mayVote = try root.boolean("mayVote")
        if root.optional("voters") != nil, let voters = root["voters"] {
            self.voters = try Voters(voters)
        }
        groups = []
        for group in try root.array("groups") { groups.append(try Group(group)) }
    }
}

extension NodeReport.Voters {
    fileprivate init(_ json: JSONValue) throws(NodeReport.Unreadable) {
        number = try json.integer("number")
        names = try json.strings("names")
        leaseMilliseconds = try json.optional("leaseMilliseconds")?.integer("leaseMilliseconds")
        declared = try json.strings("declared")
        declaredLeaseMilliseconds = try json.integer("declaredLeaseMilliseconds")
        waitingFor = try json.optional("waitingFor")?.string("waitingFor")
        differing = try json.strings("differing")
    }
}

extension NodeReport.Group {
    fileprivate init(_ json: JSONValue) throws(NodeReport.Unreadable) {
        name = try json.string("name")
        primary = try json.string("primary")
        configEpoch = try json.integer("configEpoch")
        quorum = try json.integer("quorum")
        isObjectivelyDown = try json.boolean("isObjectivelyDown")
        isConfirmed = try json.boolean("isConfirmed")
        failoverState = try json.string("failoverState")
        address = try json.optional("address")?.string("address")
        if json.optional("lease") != nil, let lease = json["lease"] {
            self.lease = NodeReport.Lease(
                remainingMilliseconds: try lease.integer("remainingMilliseconds"),
                granted: try lease.integer("granted"), voters: try lease.integer("voters"))
        }
        // A node of before this version says nothing of these.
        if json.optional("enforcement") != nil, let enforcement = json["enforcement"] {
            self.enforcement = NodeReport.Enforcement(
                by: try enforcement.string("by"),
                latenessMilliseconds: try enforcement.integer("latenessMilliseconds"),
                leaseMillisecondsMin: try enforcement.integer("leaseMillisecondsMin"),
                isPossible: try enforcement.boolean("isPossible"))
        }
        stranger = try json.optional("stranger")?.string("stranger")
        if json.optional("sighting") != nil, let sighting = json["sighting"] {
            self.sighting = NodeReport.Sighting(
                answering: try sighting.optional("answering")?.string("answering"),
                isConfirmed: try sighting.boolean("isConfirmed"))
        }
        if json.optional("pause") != nil, let pause = json["pause"] {
            self.pause = NodeReport.Pause(
                remainingMilliseconds: try pause.optional("remainingMilliseconds")?
                    .integer("remainingMilliseconds"))
        }
        if json.optional("writeSafety") != nil, let safety = json["writeSafety"] {
            writeSafety = NodeReport.WriteSafety(
                boundSeconds: try safety.optional("boundSeconds")?.integer("boundSeconds"),
                refusesWrites: try safety.boolean("refusesWrites"))
        }
        servers = []
        for server in try json.array("servers") { servers.append(try NodeReport.Server(server)) }
        peers = []
        for peer in try json.array("peers") { peers.append(try NodeReport.Peer(peer)) }
    }
}

extension NodeReport.Server {
    fileprivate init(_ json: JSONValue) throws(NodeReport.Unreadable) {
        endpoint = try json.string("endpoint")
        isPrimary = try json.boolean("isPrimary")
        isLocal = try json.boolean("isLocal")
        isConnected = try json.boolean("isConnected")
        isSubjectivelyDown = try json.boolean("isSubjectivelyDown")
        silenceMilliseconds = try json.optional("silenceMilliseconds")?
            .integer("silenceMilliseconds")
        lagBytes = try json.optional("lagBytes")?.integer("lagBytes")
        if json.optional("report") != nil, let report = json["report"] {
            self.report = try NodeReport.Report(report)
        }
    }
}

extension NodeReport.Report {
    fileprivate init(_ json: JSONValue) throws(NodeReport.Unreadable) {
        role = try json.string("role")
        primary = try json.optional("primary")?.string("primary")
        isLinkUp = try json.boolean("isLinkUp")
        isSyncing = try json.boolean("isSyncing")
        isLoading = try json.boolean("isLoading")
        priority = try json.integer("priority")
    }
}

extension NodeReport.Peer {
    fileprivate init(_ json: JSONValue) throws(NodeReport.Unreadable) {
        name = try json.string("name")
        endpoint = try json.string("endpoint")
        isConnected = try json.boolean("isConnected")
        isSubjectivelyDown = try json.boolean("isSubjectivelyDown")
        silenceMilliseconds = try json.optional("silenceMilliseconds")?
            .integer("silenceMilliseconds")
        primary = try json.optional("primary")?.string("primary")
        configEpoch = try json.integer("configEpoch")
        holdsAddress = try json.boolean("holdsAddress")
        addressSeenMilliseconds = try json.optional("addressSeenMilliseconds")?
            .integer("addressSeenMilliseconds")
    }
}

extension JSONValue {
    /// The object itself where `key` stands in it and is not null.
    fileprivate func optional(_ key: String) -> JSONValue? {
        guard let value = self[key], value != .null else { return nil }
        return self
    }

    fileprivate func string(_ key: String) throws(NodeReport.Unreadable) -> String {
        guard let value = self[key]?.text else { throw .lacks(key) }
        return value
    }

    fileprivate func integer(_ key: String) throws(NodeReport.Unreadable) -> Int {
        guard let value = self[key]?.integer else { throw .lacks(key) }
        return value
    }

    fileprivate func boolean(_ key: String) throws(NodeReport.Unreadable) -> Bool {
        guard let value = self[key]?.truth else { throw .lacks(key) }
        return value
    }

    fileprivate func strings(_ key: String) throws(NodeReport.Unreadable) -> [String] {
        var strings: [String] = []
        for value in try array(key) {
            guard let text = value.text else { throw .lacks(key) }
            strings.append(text)
        }
        return strings
    }

    fileprivate func array(_ key: String) throws(NodeReport.Unreadable) -> [JSONValue] {
        guard let value = self[key]?.elements else { throw .lacks(key) }
        return value
    }
}
