internal import Addressing
internal import LeaseCore
internal import MonotonicTime
public import NodeCore
internal import SentinelCore

extension NodeStatus {
    /// The status as one JSON object: what `BATON STATUS` answers and `baton status --json` prints.
    ///
    /// Keys stand in the order below; endpoints are `ip:port` (`[ip]:port`), times are ages in
    /// milliseconds, `null` where a thing is not known. Keys may be added, never renamed.
    ///
    ///     schema          1
    ///     name, id, endpoint, currentEpoch
    ///     mayVote         false while the state file can't be trusted or written
    ///     voters          null where nodes don't agree on voter sets, else
    ///       number        of the set in force, 0 before the first
    ///       names[], leaseMilliseconds
    ///       declared[], declaredLeaseMilliseconds
    ///                     what this host's file says
    ///       waitingFor    why there is none yet, else null
    ///       differing[]   nodes whose files differ from this host's
    ///     groups[]
    ///       name, primary, configEpoch, quorum
    ///       downAfterMilliseconds, failoverTimeoutMilliseconds, parallelSyncs
    ///       isObjectivelyDown, isConfirmed
    ///       failoverState Sentinel's word, "none" while there is none
    ///       address       inspecting | clearing | released | taking | held | hushing | hushed |
    ///                     barring | resetting | barred | removing; null when the group has no
    ///                     write address
    ///       lease         { epoch, remainingMilliseconds, granted, voters }: this host's; null
    ///                     while it asks for none
    ///       stranger      the hardware address of somebody else that answers for the write
    ///                     address, which this host would take otherwise; null while there is none
    ///       sighting      { answering, holder, milliseconds, isConfirmed }: the hardware addresses
    ///                     that this host heard answer for the write address and for the holder's
    ///                     own address, when another host came to hold it; null while it has not
    ///                     asked
    ///       writeSafety   { mode: "async" | "bounded", boundSeconds, refusesWrites }; null where
    ///                     the servers' own settings are left alone
    ///       pause         { number, remainingMilliseconds }: no failover by itself; null when not
    ///                     paused, remainingMilliseconds null when it has no end
    ///       servers[]     the primary first
    ///         endpoint, isPrimary, isLocal, isConnected, isSubjectivelyDown
    ///         silenceMilliseconds, reportAgeMilliseconds, lagBytes
    ///         report      null before the first INFO, else
    ///           role      "primary" | "replica"
    ///           primary   whom a replica follows, else null
    ///           runID, replicationID, offset, priority, isLinkUp, linkDownSeconds, isSyncing,
    ///           isLoading, isAnnounced, processID, version, goodReplicas
    ///           attached[] { endpoint, offset }
    ///       peers[]
    ///         name, endpoint, id, isConnected, isSubjectivelyDown, silenceMilliseconds,
    ///         primary, configEpoch, holdsAddress
    ///         addressSeenMilliseconds  so long after it knew of the holder it heard it answer for
    ///                     the write address; null while it has not
    public var json: String {
        var json = JSONText()
        json.object {
            $0.integer("schema", 1)
            $0.string("name", name)
            $0.string("id", id.description)
            $0.string("endpoint", endpoint.description)
            $0.integer("currentEpoch", currentEpoch)
            $0.boolean("mayVote", mayVote)
            if let voters { voters.write(to: &$0) } else { $0.null("voters") }
            $0.array("groups", groups) { json, group in json.object { group.write(to: &$0) } }
        }
        return json.text
    }
}

extension NodeStatus.Voters {
    fileprivate func write(to json: inout JSONText) {
        json.object("voters") {
            $0.integer("number", inForce?.number ?? 0)
            $0.strings("names", inForce?.names ?? [])
            $0.integer("leaseMilliseconds", inForce?.promise.milliseconds)
            $0.strings("declared", declared.names)
            $0.integer("declaredLeaseMilliseconds", declared.promise.milliseconds)
            $0.string("waitingFor", isWaitingFor.isEmpty ? nil : isWaitingFor)
            $0.strings("differing", differing)
        }
    }
}

extension NodeStatus.Group {
    fileprivate func write(to json: inout JSONText) {
        json.string("name", settings.name)
        json.string("primary", primary.description)
        json.integer("configEpoch", configEpoch)
        json.integer("quorum", settings.quorum)
        json.integer("downAfterMilliseconds", settings.downAfter.milliseconds)
        json.integer("failoverTimeoutMilliseconds", settings.failoverTimeout.milliseconds)
        json.integer("parallelSyncs", settings.parallelSyncs)
        json.boolean("isObjectivelyDown", isObjectivelyDown)
        json.boolean("isConfirmed", isConfirmed)
        json.string("failoverState", failoverState)
        json.string("address", address?.rawValue)
        if let lease {
            json.object("lease") {
                $0.integer("epoch", lease.epoch)
                $0.integer("remainingMilliseconds", lease.remaining.milliseconds)
                $0.integer("granted", lease.granted)
                $0.integer("voters", lease.voters)
            }
        } else {
            json.null("lease")
        }
        if let terms {
            json.object("enforcement") {
                $0.string("by", terms.enforcement.rawValue)
                $0.integer("latenessMilliseconds", terms.lateness.milliseconds)
                $0.integer("useMilliseconds", terms.use.milliseconds)
                $0.integer("leaseMillisecondsMin", terms.promiseMin.milliseconds)
                $0.boolean("isPossible", terms.objection == nil)
            }
        } else {
            json.null("enforcement")
        }
        json.string("stranger", stranger)
        if let sighting {
            json.object("sighting") {
                $0.string("answering", sighting.answering)
                $0.string("holder", sighting.holder)
                $0.integer("milliseconds", sighting.after.milliseconds)
                $0.boolean("isConfirmed", sighting.isConfirmed)
            }
        } else {
            json.null("sighting")
        }
        if let safety = settings.writeSafety {
            json.object("writeSafety") {
                $0.string("mode", safety.boundSeconds == nil ? "async" : "bounded")
                $0.integer("boundSeconds", safety.boundSeconds)
                $0.boolean("refusesWrites", refusesWrites)
            }
        } else {
            json.null("writeSafety")
        }
        if let pause {
            json.object("pause") {
                $0.integer("number", pause.number)
                $0.integer("remainingMilliseconds", pause.remaining?.milliseconds)
            }
        } else {
            json.null("pause")
        }
        json.array("servers", servers) { json, server in json.object { server.write(to: &$0) } }
        json.array("peers", peers) { json, peer in json.object { peer.write(to: &$0) } }
    }
}

extension NodeStatus.Server {
    fileprivate func write(to json: inout JSONText) {
        json.string("endpoint", endpoint.description)
        json.boolean("isPrimary", isPrimary)
        json.boolean("isLocal", isLocal)
        json.boolean("isConnected", isConnected)
        json.boolean("isSubjectivelyDown", isSubjectivelyDown)
        json.integer("silenceMilliseconds", silence?.milliseconds)
        json.integer("reportAgeMilliseconds", reportAge?.milliseconds)
        json.integer("lagBytes", lagBytes)
        if let report {
            json.object("report") { report.write(to: &$0) }
        } else {
            json.null("report")
        }
    }
}

extension ServerReport {
    fileprivate func write(to json: inout JSONText) {
        var followed: Endpoint?
        if case .replica(of: let endpoint) = role { followed = endpoint }
        json.string("role", isPrimary ? "primary" : "replica")
        json.string("primary", followed?.description)
        json.string("runID", runID?.description)
        json.string("replicationID", replicationID?.description)
        json.integer("offset", offset)
        json.integer("priority", priority)
        json.boolean("isLinkUp", isLinkUp)
        json.integer("linkDownSeconds", linkDownSeconds)
        json.boolean("isSyncing", isSyncing)
        json.boolean("isLoading", isLoading)
        json.boolean("isAnnounced", isAnnounced)
        json.integer("processID", processID)
        json.string("version", version)
        json.integer("goodReplicas", goodReplicas)
        json.array("attached", attached) { json, replica in
            json.object {
                $0.string("endpoint", replica.endpoint.description)
                $0.integer("offset", replica.offset)
            }
        }
    }
}

extension NodeStatus.Peer {
    fileprivate func write(to json: inout JSONText) {
        json.string("name", name)
        json.string("endpoint", endpoint.description)
        json.string("id", id?.description)
        json.boolean("isConnected", isConnected)
        json.boolean("isSubjectivelyDown", isSubjectivelyDown)
        json.integer("silenceMilliseconds", silence?.milliseconds)
        json.string("primary", primary?.description)
        json.integer("configEpoch", configEpoch)
        json.boolean("holdsAddress", holdsAddress)
        json.integer("addressSeenMilliseconds", addressSeenAfter?.milliseconds)
    }
}
