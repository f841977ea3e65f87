import Addressing
import MonotonicTime

/// Bringing servers into line with the configuration outside of a failover: a former primary that
/// returned, a replica of a wrong address.
extension Sentinel {
    /// Called on each report. A server's own host corrects it; others only when that host does
    /// not.
    mutating func reconcile(_ group: Int, _ server: Int, _ effects: inout [Effect]) {
        guard server != groups[group].primary, groups[group].failover == .none,
            !isPaused(group),
            let report = groups[group].servers[server].report
        else {
            groups[group].servers[server].returnCheckSince = nil
            return
        }
        switch report.role {
        case .primary:
            if groups[group].servers[server].isLocal {
                checkReturn(group, server, &effects)
            } else {
                convertFromAfar(group, server, &effects)
            }
        case .replica(let followed):
            groups[group].servers[server].returnCheckSince = nil
            if followed != groups[group].primaryEndpoint {
                fixReplica(group, server, &effects)
            }
        }
    }

    // MARK: A returned primary on this host

    /// A server of this host takes itself for the primary and is not. Before it is made a replica
    /// the others are asked: it may just have been promoted, and the news be on its way. Whoever
    /// promoted it has the votes of a majority, so a majority that knows of no failover, asked
    /// after the server spoke, rules that out.
    private mutating func checkReturn(
        _ group: Int, _ server: Int, _ effects: inout [Effect]
    ) {
        guard !isFailoverUnderWay(group), canFollow(group, server) else { return }
        guard groups[group].servers[server].returnCheckSince == nil else {
            return concludeReturn(group, server, &effects)
        }
        groups[group].servers[server].returnCheckSince =
            groups[group].servers[server].reportSentAt
        for peer in peers.indices { greet(peer, group) }
        concludeReturn(group, server, &effects)
    }

    mutating func concludeReturn(_ group: Int, _ server: Int, _ effects: inout [Effect]) {
        guard let since = groups[group].servers[server].returnCheckSince,
            server != groups[group].primary, !isFailoverUnderWay(group), !isPaused(group)
        else { return }
        var sure = PeerSet()
        for peer in peers.indices {
            guard let (greeting, asOf) = groups[group].views[peer].answered, asOf >= since,
                greeting.hello.configEpoch == groups[group].configEpoch,
                greeting.hello.primary == groups[group].primaryEndpoint,
                !greeting.isFailoverUnderWay
            else { continue }
            sure.insert(peer)
        }
        guard electorate.voices(sure) >= electorate.majority, canFollow(group, server) else {
            return
        }
        groups[group].servers[server].returnCheckSince = nil
        announce(.convertToReplica, groups[group].subject(server), "", &effects)
        _ = follow(group, server, &effects)
    }

    // MARK: From afar, and replicas

    /// Sentinel's rule, for servers whose own host has no node or a silent one. A node that was
    /// stopped meanwhile may have missed that this server was promoted.
    private mutating func convertFromAfar(
        _ group: Int, _ server: Int, _ effects: inout [Effect]
    ) {
        guard now - groups[group].servers[server].roleSince > Rhythm.convertPatience,
            isPrimarySane(group), !hasRecentVote(group), isConfirmed(group, isSettled: true),
            canFollow(group, server)
        else { return }
        announce(.convertToReplica, groups[group].subject(server), "", &effects)
        _ = follow(group, server, &effects)
    }

    private mutating func fixReplica(_ group: Int, _ server: Int, _ effects: inout [Effect]) {
        let timeout = groups[group].settings.failoverTimeout
        let isAwaited = groups[group].servers[groups[group].primary].report?.goodReplicas == 0
        let patience =
            groups[group].servers[server].isLocal
            ? min(timeout, isAwaited ? Rhythm.awaitedFixPatience : Rhythm.localFixPatience)
            : timeout
        guard now - groups[group].servers[server].roleSince > patience,
            isPrimarySane(group), !hasRecentVote(group), isConfirmed(group),
            canFollow(group, server)
        else { return }
        announce(.fixReplicaConfig, groups[group].subject(server), "", &effects)
        _ = follow(group, server, &effects)
    }

    /// Not told within the last second already.
    private func canFollow(_ group: Int, _ server: Int) -> Bool {
        let entry = groups[group].servers[server]
        guard entry.isConnected, mayVote else { return false }
        return entry.lastFollow.map { now - $0 > Rhythm.followRetry } ?? true
    }

    /// A primary that others may be pointed at (Sentinel behaviour).
    private func isPrimarySane(_ group: Int) -> Bool {
        let primary = groups[group].servers[groups[group].primary]
        guard !primary.isDown, let report = primary.report, let asOf = primary.reportSentAt else {
            return false
        }
        return report.isPrimary && now - asOf <= Rhythm.infoPeriod * 2
    }
}
