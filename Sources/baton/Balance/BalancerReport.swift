import SentinelDriver

/// What one balancer says of itself: the JSON that its port answers to `BATON STATUS`, written by
/// `baton run` and read by `baton status`.
///
/// Keys stand in the order below; endpoints are `ip:port`, `null` is what is not known. Keys may be
/// added, never renamed.
///
///     schema          1
///     role            "balancer"
///     name, endpoint
///     groups[]
///       name, primary, epoch
///       isNamed       whether a node has said so; before, the primary is the file's, or a guess
///       places[]      where clients are served
///       services[]    what is served at each of them: "read" | "write" | "auto"
///       transports[]  how: "plain" | "tls"
///       serverTransport
///                     how the servers are spoken to, likewise
///       router        null without a read address, else
///         id, state   "active" | "backup" | "waiting"
///         address, priority
///       clients, refused, pinned
///       held          requests that wait for a primary that takes writes
///       requestsPerSecond, medianMicroseconds, worstPercentMicroseconds
///                     of the last seconds; null before the first
///       servers[]
///         endpoint, isPrimary, state, lagMilliseconds, lagBytes
///         weight      its share of the reads against the others', 0 to 256
///         sharePercent
///                     of the requests of the last seconds; null where there were none
///         awaited     requests that it has not answered
struct BalancerReport: Equatable {
    struct Group: Equatable {
        var name: String
        var primary: String
        var epoch: Int
        var isNamed = true
        var places: [Place]
        var serverTransport = Transport.plain
        var router: Router?
        var clients: Int
        var refused: Int
        var pinned: Int
        var held = 0
        var requestsPerSecond: Int?
        var medianMicroseconds: Int?
        /// What 99 of 100 requests do not exceed.
        var worstPercentMicroseconds: Int?
        var servers: [Server]
    }

    /// Where clients are served.
    struct Place: Equatable {
        var endpoint: String
        /// What: "read", "write" or "auto".
        var service: String
        var transport = Transport.plain
    }

    enum Transport: String, Equatable {
        case plain, tls
    }

    struct Router: Equatable {
        var id: Int
        var state: String
        var address: String
        var priority: Int
    }

    struct Server: Equatable {
        var endpoint: String
        var isPrimary: Bool
        var state: String
        var lagMilliseconds: Int?
        var lagBytes: Int?
        var weight: Int
        var sharePercent: Int?
        var awaited: Int
    }

    var name: String
    var endpoint: String
    var groups: [Group]

    static let schema = 1
    static let role = "balancer"
}

extension BalancerReport {
    var json: String {
        var json = JSONText()
        json.object {
            $0.integer("schema", Self.schema)
            $0.string("role", Self.role)
            $0.string("name", name)
            $0.string("endpoint", endpoint)
            $0.array("groups", groups) { json, group in json.object { group.write(to: &$0) } }
        }
        return json.text
    }

    /// Reads what another balancer wrote.
    ///
    /// - Returns: `nil` when the text is no balancer's: then it is a node's, or nobody's.
    init?(json text: [UInt8]) {
        guard let json = try? JSONValue(text), json["role"]?.text == Self.role,
            json["schema"]?.integer == Self.schema, let name = json["name"]?.text,
            let endpoint = json["endpoint"]?.text, let groups = json["groups"]?.elements
        else { return nil }
        self.name = name
        self.endpoint = endpoint
        self.groups = groups.compactMap(Group.init)
        guard self.groups.count == groups.count else { return nil }
    }
}

extension BalancerReport.Group {
    fileprivate func write(to json: inout JSONText) {
        json.string("name", name)
        json.string("primary", primary)
        json.integer("epoch", epoch)
        json.boolean("isNamed", isNamed)
        json.strings("places", places.map(\.endpoint))
        json.strings("services", places.map(\.service))
        json.strings("transports", places.map(\.transport.rawValue))
        json.string("serverTransport", serverTransport.rawValue)
        if let router {
            json.object("router") {
                $0.integer("id", router.id)
                $0.string("state", router.state)
                $0.string("address", router.address)
                $0.integer("priority", router.priority)
            }
        } else {
            json.null("router")
        }
        json.integer("clients", clients)
        json.integer("refused", refused)
        json.integer("pinned", pinned)
        json.integer("held", held)
        json.integer("requestsPerSecond", requestsPerSecond)
        json.integer("medianMicroseconds", medianMicroseconds)
        json.integer("worstPercentMicroseconds", worstPercentMicroseconds)
        json.array("servers", servers) { json, server in
            json.object {
                $0.string("endpoint", server.endpoint)
                $0.boolean("isPrimary", server.isPrimary)
                $0.string("state", server.state)
                $0.integer("lagMilliseconds", server.lagMilliseconds)
                $0.integer("lagBytes", server.lagBytes)
                $0.integer("weight", server.weight)
                $0.integer("sharePercent", server.sharePercent)
                $0.integer("awaited", server.awaited)
            }
        }
    }

    fileprivate init?(_ json: JSONValue) {
        guard let name = json["name"]?.text, let primary = json["primary"]?.text,
            let epoch = json["epoch"]?.integer, let places = json["places"]?.elements,
            let clients = json["clients"]?.integer, let refused = json["refused"]?.integer,
            let pinned = json["pinned"]?.integer, let servers = json["servers"]?.elements
        else { return nil }
        self.name = name
        self.primary = primary
        self.epoch = epoch
        isNamed = json["isNamed"]?.truth ?? true
        // A balancer of the first release says no kinds: it serves reads alone.
        let services = json["services"]?.elements?.compactMap(\.text) ?? []
        // One that does not say how it serves may do it either way: nothing is marked then.
        let transports = json["transports"]?.elements?.map { $0.text ?? "" } ?? []
        self.places = places.compactMap(\.text).enumerated().map { index, endpoint in
            BalancerReport.Place(
                endpoint: endpoint, service: index < services.count ? services[index] : "read",
                transport: index < transports.count
                    ? BalancerReport.Transport(rawValue: transports[index]) ?? .plain : .plain)
        }
        serverTransport =
            json["serverTransport"]?.text.flatMap(BalancerReport.Transport.init) ?? .plain
        router = json["router"].flatMap(BalancerReport.Router.init)
        self.clients = clients
        self.refused = refused
        self.pinned = pinned
        held = json["held"]?.integer ?? 0
        requestsPerSecond = json["requestsPerSecond"]?.integer
        medianMicroseconds = json["medianMicroseconds"]?.integer
        worstPercentMicroseconds = json["worstPercentMicroseconds"]?.integer
        self.servers = servers.compactMap(BalancerReport.Server.init)
        guard self.servers.count == servers.count else { return nil }
    }
}

extension BalancerReport.Router {
    fileprivate init?(_ json: JSONValue) {
        guard let id = json["id"]?.integer, let state = json["state"]?.text,
            let address = json["address"]?.text, let priority = json["priority"]?.integer
        else { return nil }
        self.init(id: id, state: state, address: address, priority: priority)
    }
}

extension BalancerReport.Server {
    fileprivate init?(_ json: JSONValue) {
        guard let endpoint = json["endpoint"]?.text, let isPrimary = json["isPrimary"]?.truth,
            let state = json["state"]?.text, let weight = json["weight"]?.integer,
            let awaited = json["awaited"]?.integer
        else { return nil }
        self.init(
            endpoint: endpoint, isPrimary: isPrimary, state: state,
            lagMilliseconds: json["lagMilliseconds"]?.integer,
            lagBytes: json["lagBytes"]?.integer, weight: weight,
            sharePercent: json["sharePercent"]?.integer, awaited: awaited)
    }
}
