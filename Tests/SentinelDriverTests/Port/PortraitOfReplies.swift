import DropInCore
import MonotonicTime
import RESP
import SentinelCore

/// Makes of a real Sentinel's replies the portrait that would be shown so.
struct PortraitOfReplies {
    /// Sends a request to it.
    let ask: ([String]) throws -> RESPValue

    func portrait() throws -> NodePortrait {
        var portrait = NodePortrait(
            id: try RunID(ask(["SENTINEL", "MYID"]).string ?? "")
                ?? RunID(high: 0, middle: 0, low: 0),
            currentEpoch: 0, globals: GlobalSettings(), periods: Periods())
        for master in try ask(["SENTINEL", "MASTERS"]).elements ?? [] {
            portrait.groups.append(try group(Fields(master)))
        }
        return portrait
    }

    private func group(_ fields: Fields) throws -> GroupPortrait {
        let name = fields["name"]
        var settings = MasterSettings(name: name, quorum: fields.number("quorum"))
        settings.failoverTimeout = .milliseconds(fields.number("failover-timeout"))
        settings.parallelSyncs = fields.number("parallel-syncs")
        settings.downAfter = .milliseconds(fields.number("down-after-milliseconds"))
        let facts = MasterFacts(
            configEpoch: Epoch(fields.number("config-epoch")),
            replicaCount: fields.number("num-slaves"),
            sentinelCount: fields.number("num-other-sentinels"), settings: settings)
        let place = try ask(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", name]).elements ?? []
        var group = GroupPortrait(
            master: instance(fields, .master(facts)), clientHost: place.first?.string ?? "",
            clientPort: UInt16(place.last?.string ?? "") ?? 0)
        for value in try ask(["SENTINEL", "REPLICAS", name]).elements ?? [] {
            group.replicas.append(replica(Fields(value)))
        }
        for value in try ask(["SENTINEL", "SENTINELS", name]).elements ?? [] {
            let fields = Fields(value)
            let facts = SentinelFacts(
                lastHello: .milliseconds(fields.number("last-hello-message")),
                votedLeader: RunID(fields["voted-leader"]),
                votedLeaderEpoch: Epoch(fields.number("voted-leader-epoch")))
            group.sentinels.append(instance(fields, .sentinel(facts)))
        }
        group.usableSentinelCount = 1 + group.sentinels.count
        let reports = try ask(["SENTINEL", "INFO-CACHE", name]).elements?.last?.elements ?? []
        group.reports = reports.map {
            GroupPortrait.CachedReport(
                age: .milliseconds($0.elements?.first?.number ?? 0),
                text: $0.elements?.last?.string)
        }
        return group
    }

    private func replica(_ fields: Fields) -> InstancePortrait {
        var facts = ReplicaFacts()
        facts.linkDownFor = .milliseconds(fields.number("master-link-down-time"))
        facts.isLinkUp = fields["master-link-status"] == "ok"
        facts.followedHost = fields["master-host"]
        facts.followedPort = UInt16(fields.number("master-port"))
        facts.priority = fields.number("slave-priority")
        facts.offset = UInt64(fields.number("slave-repl-offset"))
        return instance(fields, .replica(facts))
    }

    private func instance(
        _ fields: Fields, _ kind: InstancePortrait.Kind
    ) -> InstancePortrait {
        var instance = InstancePortrait(
            kind: kind, name: fields["name"], host: fields["ip"],
            port: UInt16(fields.number("port")), runID: RunID(fields["runid"]),
            flags: fields["flags"].split(separator: ",").map(String.init),
            downAfter: .milliseconds(fields.number("down-after-milliseconds")))
        instance.linkReferenceCount = fields.number("link-refcount")
        if let down = fields.value("s-down-time").flatMap({ Int($0) }) {
            instance.subjectivelyDownFor = .milliseconds(down)
        }
        if let role = fields.value("role-reported") {
            instance.role = RoleFacts(
                infoAge: .milliseconds(fields.number("info-refresh")),
                reportsMaster: role == "master",
                reportedFor: .milliseconds(fields.number("role-reported-time")))
        }
        return instance
    }

    /// The fields of one instance.
    private struct Fields {
        let pairs: [RESPPair]

        init(_ value: RESPValue) { pairs = value.pairs ?? [] }

        func value(_ name: String) -> String? {
            pairs.first { $0.key.string == name }?.value.string
        }
        subscript(name: String) -> String { value(name) ?? "" }
        func number(_ name: String) -> Int { Int(self[name]) ?? 0 }
    }
}
