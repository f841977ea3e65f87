internal import Addressing
internal import MonotonicTime
internal import NodeCore
internal import RESP
internal import SentinelCore

/// `SENTINEL …`, answered from the node's status.
///
/// Never a vote: `IS-MASTER-DOWN-BY-ADDR` tells a real Sentinel whether the primary is down here,
/// and votes are only given to declared nodes, over `BATON ASK`.
struct SentinelCommand {
    /// The words behind `SENTINEL`, at least one.
    let words: [String]
    let status: NodeStatus
    /// The client has shown the secret, or is on this host.
    let isTrusted: Bool

    private static let unknownGroup = CommandOutcome.refuse("ERR No such master with that name")

    func run() -> CommandOutcome {
        let name = words[0].lowercased()
        let wordCounts = [
            "myid": 1, "masters": 1, "primaries": 1, "help": 1, "master": 2, "primary": 2,
            "replicas": 2, "slaves": 2, "sentinels": 2, "ckquorum": 2, "failover": 2,
            "pause": 2, "resume": 2,
            "get-master-addr-by-name": 2, "get-primary-addr-by-name": 2,
            "is-master-down-by-addr": 5, "is-primary-down-by-addr": 5,
        ]
        guard let wordCount = wordCounts[name] else {
            return .refuse("ERR unknown subcommand '\(words[0].prefix(128))'. Try SENTINEL HELP.")
        }
        let hasOptions =
            name == "failover" && words.count > wordCount
            || name == "pause" && words.count == wordCount + 1
        guard words.count == wordCount || hasOptions else {
            return .wrongArgumentCount("sentinel|\(name)")
        }
        switch name {
        case "myid":
            return .reply(.bulk(status.id.description))
        case "masters", "primaries":
            return .reply(.array(status.groups.map { InstanceMap(primaryOf: $0).value }))
        case "help":
            return .reply(.array(Self.help.map { .simple($0) }))
        case "is-master-down-by-addr", "is-primary-down-by-addr":
            return isPrimaryDown()
        default:
            return runOnGroup(name)
        }
    }

    private func runOnGroup(_ name: String) -> CommandOutcome {
        let group = status.groups.first { $0.settings.name == words[1] }
        if name.hasPrefix("get-") {
            guard let group else { return .reply(.nullArray) }
            let primary = group.primary
            return .reply(
                .array([.bulk(primary.address.description), .bulk(String(primary.port))]))
        }
        guard let group else { return Self.unknownGroup }
        switch name {
        case "master", "primary":
            return .reply(InstanceMap(primaryOf: group).value)
        case "replicas", "slaves":
            let replicas = group.servers.filter { !$0.isPrimary && $0.report?.isAnnounced != false }
            return .reply(.array(replicas.map { InstanceMap(replica: $0, of: group).value }))
        case "sentinels":
            return .reply(.array(group.peers.map { InstanceMap(peer: $0, of: group).value }))
        case "ckquorum":
            return checkQuorum(of: group)
        case _:  // The orders.
            guard isTrusted else {
                return .refuse(
                    "NOPERM SENTINEL \(name.uppercased()) needs AUTH with the cluster's secret, or"
                        + " a client on this host")
            }
            if name != "failover" { return pauseOrder(name) }
            guard let order = FailoverOrder(words: words.dropFirst(2)) else {
                return .refuse(
                    "ERR syntax error: SENTINEL FAILOVER <name> [COORDINATED] [TO <ip> <port>]")
            }
            return .failover(group: words[1], order)
        }
    }

    private func pauseOrder(_ name: String) -> CommandOutcome {
        if name == "resume" { return .pause(group: words[1], .resume) }
        guard words.count > 2 else { return .pause(group: words[1], .pause(for: nil)) }
        guard let length = Int(words[2]), length > 0,
            length <= PauseWord.lengthMax.milliseconds
        else {
            return .refuse(
                "ERR a pause lasts from 1 to \(PauseWord.lengthMax.milliseconds) milliseconds")
        }
        return .pause(group: words[1], .pause(for: .milliseconds(length)))
    }

    private func checkQuorum(of group: NodeStatus.Group) -> CommandOutcome {
        let usable = 1 + group.peers.count { $0.isConnected && !$0.isSubjectivelyDown }
        let majority = (group.peers.count + 1) / 2 + 1
        if usable >= group.settings.quorum, usable >= majority {
            return .reply(
                .simple(
                    "OK \(usable) usable Sentinels. Quorum and failover authorization can be"
                        + " reached"))
        }
        var text = "NOQUORUM \(usable) usable Sentinels."
        if usable < group.settings.quorum {
            text += " Not enough available Sentinels to reach the specified quorum for this master"
        }
        if usable < majority {
            text += usable < group.settings.quorum ? ". " : " "
            text += "Not enough available Sentinels to reach the majority and authorize a failover"
        }
        return .refuse(text)
    }

    private func isPrimaryDown() -> CommandOutcome {
        guard let address = IPAddress(words[1]), let port = UInt16(words[2]),
            UInt64(words[3]) != nil
        else { return .refuse("ERR value is not an integer or out of range") }
        let endpoint = Endpoint(address: address, port: port)
        let isDown = status.groups.contains { group in
            group.primary == endpoint
                && group.servers.contains {
                    $0.isPrimary && $0.endpoint == endpoint && $0.isSubjectivelyDown
                }
        }
        return .reply(.array([.integer(isDown ? 1 : 0), .bulk("*"), .integer(0)]))
    }

    private static let help = [
        "SENTINEL <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "CKQUORUM <master-name>",
        "    Check whether quorum and majority can be reached.",
        "FAILOVER <master-name> [COORDINATED] [TO <ip> <port>]",
        "    Fail over now; COORDINATED: pause writes until the replica has them all.",
        "    Needs the cluster's secret, or a client on this host.",
        "GET-MASTER-ADDR-BY-NAME <master-name>",
        "    The address and port of the primary.",
        "IS-MASTER-DOWN-BY-ADDR <ip> <port> <current-epoch> <runid>",
        "    Whether the primary at that address is down for this node. Never a vote.",
        "MASTER <master-name>",
        "    State of one primary.",
        "MASTERS",
        "    State of every primary.",
        "MYID",
        "    This node's identity.",
        "PAUSE <master-name> [<milliseconds>]",
        "    No failover by itself, at most for so long. Needs the same.",
        "REPLICAS <master-name>",
        "    State of its replicas.",
        "RESUME <master-name>",
        "    End a pause. Needs the same.",
        "SENTINELS <master-name>",
        "    State of the other nodes.",
        "HELP",
        "    Print this help.",
    ]
}

extension FailoverOrder {
    /// Reads `[COORDINATED] [TO ip port]`; `nil` for anything else.
    init?(words: ArraySlice<String>) {
        self.init()
        var rest = words
        while let word = rest.popFirst() {
            switch word.uppercased() {
            case "COORDINATED" where !isCoordinated:
                isCoordinated = true
            case "TO" where target == nil:
                guard let address = rest.popFirst().flatMap({ IPAddress($0) }),
                    let port = rest.popFirst().flatMap({ UInt16($0) }), port != 0
                else { return nil }
                target = Endpoint(address: address, port: port)
            default:
                return nil
            }
        }
    }
}
