internal import LeaseCore
public import MonotonicTime
import SentinelCore

extension Node {
    /// What this node knows at the moment.
    public func status(at now: Instant) -> NodeStatus {
        NodeStatus(
            name: sentinel.settings.name, id: sentinel.id, endpoint: sentinel.settings.endpoint,
            currentEpoch: sentinel.currentEpoch, mayVote: sentinel.mayVote,
            voters: voters,
            groups: sentinel.groups.indices.map { groupStatus($0, at: now) })
    }

    private var voters: NodeStatus.Voters? {
        guard let declared = sentinel.settings.declaredVoters else { return nil }
        let own = sentinel.settings.configurationDigest
        return NodeStatus.Voters(
            inForce: sentinel.voters.inForce, declared: declared,
            isWaitingFor: sentinel.voters.inForce == nil ? sentinel.missing(declared) : "",
            differing: sentinel.peers.filter { peer in
                peer.standing.map { $0.configuration != own } ?? false
            }.map(\.name))
    }

    private func groupStatus(_ index: Int, at now: Instant) -> NodeStatus.Group {
        let group = sentinel.groups[index]
        let others = group.servers.indices.filter { $0 != group.primary }
            .sorted { group.servers[$0].endpoint < group.servers[$1].endpoint }
        return NodeStatus.Group(
            settings: group.settings, primary: group.primaryEndpoint,
            configEpoch: group.configEpoch, isObjectivelyDown: group.isObjectivelyDown,
            failoverState: group.failover.phase.rawValue,
            servers: ([group.primary] + others).map { serverStatus(group, $0, at: now) },
            peers: sentinel.peers.indices.map { peerStatus($0, group, at: now) },
            address: addresses.first { $0.group == index }?.custody.state,
            lease: addresses.first { $0.group == index }.flatMap { lease($0, at: now) },
            terms: addresses.first { $0.group == index }?.holder.terms,
            stranger: addresses.first { $0.group == index }?.stranger,
            sighting: addresses.first { $0.group == index }?.sighting,
            isConfirmed: sentinel.isConfirmed(index),
            pause: group.isPaused
                ? group.pause.map { pause in
                    NodeStatus.Pause(
                        number: pause.word.number,
                        remaining: pause.until.map { max($0 - now, .zero) })
                } : nil)
    }

    private func lease(_ address: Address, at now: Instant) -> NodeStatus.Lease? {
        guard let epoch = address.holder.epoch else { return nil }
        let end = address.holder.deadline ?? now
        return NodeStatus.Lease(
            epoch: epoch, remaining: max(end - now, .zero),
            granted: address.holder.grantedCount(at: now), voters: sentinel.electorate.count)
    }

    private func serverStatus(
        _ group: Group, _ index: Int, at now: Instant
    ) -> NodeStatus.Server {
        let server = group.servers[index]
        var lag: UInt64?
        if index != group.primary, let own = server.report?.offset,
            let ahead = group.servers[group.primary].report?.offset
        {
            lag = ahead > own ? ahead - own : 0
        }
        return NodeStatus.Server(
            endpoint: server.endpoint, isPrimary: index == group.primary, isLocal: server.isLocal,
            isConnected: server.isConnected, isSubjectivelyDown: server.isDown,
            silence: server.hasAnswered ? now - server.lastAnswer : nil,
            reportAge: server.reportSentAt.map { now - $0 }, report: server.report, lagBytes: lag)
    }

    private func peerStatus(_ index: Int, _ group: Group, at now: Instant) -> NodeStatus.Peer {
        let peer = sentinel.peers[index]
        let view = group.views[index]
        return NodeStatus.Peer(
            name: peer.name, endpoint: peer.endpoint, id: peer.id, isConnected: peer.isConnected,
            isSubjectivelyDown: view.isDown, silence: peer.contact.map { now - $0 },
            primary: view.greeting?.hello.primary,
            configEpoch: view.greeting?.hello.configEpoch ?? 0,
            holdsAddress: view.greeting?.holdsAddress ?? false,
            addressSeenAfter: view.greeting.flatMap {
                $0.hello.configEpoch == group.configEpoch ? $0.addressSeenAfter : nil
            })
    }
}
