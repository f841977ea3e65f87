internal import Addressing
internal import MonotonicTime
internal import NodeCore
internal import RESP
internal import SentinelCore

/// The field lists by which Sentinel describes a primary, a replica and another Sentinel.
///
/// Names and order are Sentinel's: clients index some of them by position. Fields that Baton does
/// not track have the value that claims nothing: 0 for a pending ping, a link's count or a voted
/// epoch, `?` for a voted leader.
struct InstanceMap {
    private var pairs: [RESPPair] = []

    /// A map in RESP3, a flat array in RESP2.
    var value: RESPValue { .map(pairs) }

    private mutating func add(_ name: String, _ text: String) {
        pairs.append(RESPPair(.bulk(name), .bulk(text)))
    }

    private mutating func add(_ name: String, _ number: some BinaryInteger) {
        add(name, String(number))
    }

    /// `SENTINEL MASTER`.
    init(primaryOf group: NodeStatus.Group) {
        let server = group.servers.first { $0.isPrimary && $0.endpoint == group.primary }
        var flags: [String] = []
        if server?.isSubjectivelyDown == true { flags.append("s_down") }
        if group.isObjectivelyDown { flags.append("o_down") }
        flags.append("master")
        if server?.isConnected != true { flags.append("disconnected") }
        if group.failoverState != "none" { flags.append("failover_in_progress") }

        addHead(
            name: group.settings.name, endpoint: group.primary,
            runID: server?.report?.runID?.description ?? "", flags: flags)
        if group.failoverState != "none" { add("failover-state", group.failoverState) }
        addHealth(
            silence: server?.silence, isDown: server?.isSubjectivelyDown ?? false,
            isObjectivelyDown: group.isObjectivelyDown, settings: group.settings)
        addRole(server, expected: "master")
        add("config-epoch", group.configEpoch)
        add("num-slaves", group.servers.count { !$0.isPrimary })
        add("num-other-sentinels", group.peers.count)
        add("quorum", group.settings.quorum)
        add("failover-timeout", group.settings.failoverTimeout.milliseconds)
        add("parallel-syncs", group.settings.parallelSyncs)
    }

    /// One element of `SENTINEL REPLICAS`.
    init(replica: NodeStatus.Server, of group: NodeStatus.Group) {
        var flags: [String] = []
        if replica.isSubjectivelyDown { flags.append("s_down") }
        flags.append("slave")
        if !replica.isConnected { flags.append("disconnected") }

        addHead(
            name: replica.endpoint.description, endpoint: replica.endpoint,
            runID: replica.report?.runID?.description ?? "", flags: flags)
        addHealth(
            silence: replica.silence, isDown: replica.isSubjectivelyDown,
            isObjectivelyDown: false, settings: group.settings)
        addRole(replica, expected: "slave")

        let report = replica.report
        var primary: Endpoint?
        if case .replica(of: let endpoint)? = report?.role { primary = endpoint }
        let isLinkUp = primary != nil && report?.isLinkUp == true
        add("master-link-down-time", min(report?.linkDownSeconds ?? 0, Int(Int32.max)) * 1000)
        add("master-link-status", isLinkUp ? "ok" : "err")
        add("master-host", primary?.address.description ?? "?")
        add("master-port", primary?.port ?? 0)
        add("slave-priority", report?.priority ?? 100)
        add("slave-repl-offset", report?.offset ?? 0)
        add("replica-announced", report?.isAnnounced == false ? 0 : 1)
    }

    /// One element of `SENTINEL SENTINELS`. A node that has not said its identity yet goes by its
    /// declared name.
    init(peer: NodeStatus.Peer, of group: NodeStatus.Group) {
        var flags: [String] = []
        if peer.isSubjectivelyDown { flags.append("s_down") }
        flags.append("sentinel")
        if !peer.isConnected { flags.append("disconnected") }

        let runID = peer.id?.description ?? ""
        addHead(
            name: runID.isEmpty ? peer.name : runID, endpoint: peer.endpoint, runID: runID,
            flags: flags)
        addHealth(
            silence: peer.silence, isDown: peer.isSubjectivelyDown, isObjectivelyDown: false,
            settings: group.settings)
        add("last-hello-message", peer.silence?.milliseconds ?? 0)
        add("voted-leader", "?")
        add("voted-leader-epoch", 0)
    }

    private mutating func addHead(
        name: String, endpoint: Endpoint, runID: String, flags: [String]
    ) {
        add("name", name)
        add("ip", endpoint.address.description)
        add("port", endpoint.port)
        add("runid", runID)
        add("flags", flags.joined(separator: ","))
        add("link-pending-commands", 0)
        add("link-refcount", 1)
    }

    private mutating func addHealth(
        silence: Interval?, isDown: Bool, isObjectivelyDown: Bool, settings: Settings.Group
    ) {
        let age = silence?.milliseconds ?? 0
        add("last-ping-sent", 0)
        add("last-ok-ping-reply", age)
        add("last-ping-reply", age)
        if isDown { add("s-down-time", max(0, age - settings.downAfter.milliseconds)) }
        if isObjectivelyDown { add("o-down-time", 0) }
        add("down-after-milliseconds", settings.downAfter.milliseconds)
    }

    private mutating func addRole(_ server: NodeStatus.Server?, expected: String) {
        let reported = server?.report.map { $0.isPrimary ? "master" : "slave" }
        let age = server?.reportAge?.milliseconds ?? 0
        add("info-refresh", age)
        add("role-reported", reported ?? expected)
        add("role-reported-time", age)
    }
}
