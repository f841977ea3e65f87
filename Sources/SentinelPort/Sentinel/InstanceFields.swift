internal import DropInCore
internal import MonotonicTime
internal import RESP
internal import SentinelCore

/// The field lists by which Sentinel describes a master, a replica and another Sentinel.
///
/// Names and order are Sentinel's: clients index some of them by position.
struct InstanceFields {
    private var pairs: [RESPPair] = []

    /// A map in RESP3, a flat array in RESP2; numbers are strings in both.
    static func value(_ instance: InstancePortrait) -> RESPValue {
        var fields = InstanceFields()
        fields.addCommon(instance)
        switch instance.kind {
        case .master(let facts):
            fields.add(instance.role)
            fields.add(facts)
        case .replica(let facts):
            fields.add(instance.role)
            fields.add(facts)
        case .sentinel(let facts):
            fields.add(facts)
        }
        return .map(fields.pairs)
    }

    private mutating func add(_ name: String, _ text: String) {
        pairs.append(RESPPair(.bulk(name), .bulk(text)))
    }

    private mutating func add(_ name: String, _ number: some BinaryInteger) {
        add(name, String(number))
    }

    private mutating func addCommon(_ instance: InstancePortrait) {
        add("name", instance.name)
        add("ip", instance.host)
        add("port", instance.port)
        add("runid", instance.runID?.description ?? "")
        add("flags", instance.flags.joined(separator: ","))
        add("link-pending-commands", instance.pendingCommandCount)
        add("link-refcount", instance.linkReferenceCount)
        if let state = instance.failoverState { add("failover-state", state) }
        add("last-ping-sent", instance.lastPingSent.milliseconds)
        add("last-ok-ping-reply", instance.lastOkPingReply.milliseconds)
        add("last-ping-reply", instance.lastPingReply.milliseconds)
        if let time = instance.subjectivelyDownFor { add("s-down-time", time.milliseconds) }
        if let time = instance.objectivelyDownFor { add("o-down-time", time.milliseconds) }
        add("down-after-milliseconds", instance.downAfter.milliseconds)
    }

    private mutating func add(_ role: RoleFacts?) {
        guard let role else { return }
        add("info-refresh", role.infoAge?.milliseconds ?? 0)
        add("role-reported", role.reportsMaster ? "master" : "slave")
        add("role-reported-time", role.reportedFor.milliseconds)
    }

    private mutating func add(_ facts: MasterFacts) {
        add("config-epoch", facts.configEpoch)
        add("num-slaves", facts.replicaCount)
        add("num-other-sentinels", facts.sentinelCount)
        add("quorum", facts.settings.quorum)
        add("failover-timeout", facts.settings.failoverTimeout.milliseconds)
        add("parallel-syncs", facts.settings.parallelSyncs)
        if let path = facts.settings.notificationScript { add("notification-script", path) }
        if let path = facts.settings.clientReconfigScript { add("client-reconfig-script", path) }
    }

    private mutating func add(_ facts: ReplicaFacts) {
        add("master-link-down-time", facts.linkDownFor.milliseconds)
        add("master-link-status", facts.isLinkUp ? "ok" : "err")
        add("master-host", facts.followedHost ?? "?")
        add("master-port", facts.followedPort)
        add("slave-priority", facts.priority)
        add("slave-repl-offset", facts.offset)
        add("replica-announced", facts.isAnnounced ? 1 : 0)
    }

    private mutating func add(_ facts: SentinelFacts) {
        add("last-hello-message", facts.lastHello.milliseconds)
        add("voted-leader", facts.votedLeader?.description ?? "?")
        add("voted-leader-epoch", facts.votedLeaderEpoch)
    }
}
