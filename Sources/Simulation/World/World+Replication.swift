import Addressing
import MonotonicTime
import SentinelCore

/// Asynchronous replication: a replica follows a little behind, and is made a copy from scratch
/// when its data is not a beginning of its primary's.
extension World {
    /// Redis' `repl-timeout`: a silent link counts as up for so long.
    static let replicationTimeout = Interval.seconds(60)

    mutating func stopReplicating(_ index: Int) {
        servers[index].generation += 1
        servers[index].isReplicationDue = false
        servers[index].isStreamStuck = false
        if servers[index].upstream != .down {
            servers[index].upstream = .down
            servers[index].upstreamDownSince = now
            if case .replica(let primary) = servers[index].role,
                let upstream = serverIndex(primary), servers[upstream].answers
            {
                countGoodReplicas(upstream)
            }
        }
    }

    /// The replicas of a server that hear it lose their link at once.
    mutating func dropReplicas(of index: Int) {
        for replica in servers.indices
        where servers[replica].role == .replica(of: servers[index].endpoint)
            && servers[replica].upstream != .down
            && !network.isCut(from: servers[index].host, to: servers[replica].host)
        {
            loseUpstream(replica)
        }
    }

    private mutating func loseUpstream(_ index: Int) {
        stopReplicating(index)
        record(.linkDown, server: index)
    }

    /// Once a second: the file is synchronised, and a replica looks after its link.
    mutating func serverCron(_ index: Int, life: UInt32) {
        guard servers[index].life == life, servers[index].isRunning else { return }
        schedule(.serverCron(server: Int32(index), life: life), after: .seconds(1))
        guard !servers[index].isHung else { return }
        servers[index].durable = .init(
            history: servers[index].history, offset: servers[index].offset)
        countGoodReplicas(index)
        guard !servers[index].isLoading, case .replica(let primary) = servers[index].role else {
            return
        }
        switch servers[index].upstream {
        case .down: connectUpstream(index)
        case .syncing, .up: checkUpstream(index, primary)
        }
    }

    private mutating func checkUpstream(_ index: Int, _ primary: Endpoint) {
        guard let upstream = serverIndex(primary) else { return }
        if network.isWhole(between: servers[index].host, and: servers[upstream].host),
            hosts[servers[upstream].host].isUp
        {
            // What it acknowledges is answered by a reset when the process is another.
            let isSame =
                servers[upstream].isRunning && servers[upstream].life == servers[index].upstreamLife
            if !isSame { return loseUpstream(index) }
            servers[index].upstreamHeardAt =
                servers[upstream].isHung
                ? servers[index].upstreamHeardAt : now
            if !servers[index].isStreamStuck {
                servers[index].acknowledgedAt = Self.wholeSeconds(now)
            }
        }
        if now - servers[index].upstreamHeardAt > Self.replicationTimeout { loseUpstream(index) }
    }

    /// Redis looks once a second, and when a replica comes or goes, how many were heard within
    /// `min-replicas-max-lag`, in whole seconds of the clock.
    mutating func countGoodReplicas(_ index: Int) {
        guard servers[index].limit.replicas > 0, let lag = servers[index].limit.lagSeconds else {
            return
        }
        let second = Self.wholeSeconds(now)
        servers[index].goodReplicas = servers.indices.count { replica in
            servers[replica].role == .replica(of: servers[index].endpoint)
                && servers[replica].upstream == .up
                && servers[replica].upstreamLife == servers[index].life
                && second - servers[replica].acknowledgedAt <= lag
        }
    }

    static func wholeSeconds(_ moment: Moment) -> Int {
        Int(moment.nanoseconds / 1_000_000_000)
    }

    mutating func connectUpstream(_ index: Int) {
        guard case .replica(let primary) = servers[index].role,
            let upstream = serverIndex(primary), upstream != index,
            canServe(upstream, replica: index)
        else { return }
        // A process that is gone left its stream under way: this link begins a new one.
        servers[index].generation += 1
        servers[index].isReplicationDue = false
        servers[index].isStreamStuck = false
        servers[index].upstreamLife = servers[upstream].life
        servers[index].upstreamHeardAt = now
        let origin = History.Origin(
            history: servers[index].history, offset: servers[index].offset)
        let duration: Interval
        if servers[upstream].continues(origin) {
            duration = random.between(.milliseconds(1), .milliseconds(10))
        } else {
            duration = random.between(.milliseconds(50), .seconds(random.choose([1, 1, 4])))
            servers[index].upstream = .syncing
            record(.fullSync, server: index)
        }
        schedule(
            .synchronised(server: Int32(index), generation: servers[index].generation),
            after: duration)
    }

    private func canServe(_ upstream: Int, replica: Int) -> Bool {
        guard servers[upstream].answers, !servers[upstream].isLoading,
            hosts[servers[upstream].host].isUp,
            network.isWhole(between: servers[upstream].host, and: servers[replica].host)
        else { return false }
        return servers[upstream].role == .primary || servers[upstream].upstream == .up
    }

    /// A partial or a full synchronisation has come to its end.
    mutating func synchronised(_ index: Int, generation: UInt32) {
        guard servers[index].generation == generation, servers[index].isRunning,
            case .replica(let primary) = servers[index].role, let upstream = serverIndex(primary)
        else { return }
        guard canServe(upstream, replica: index),
            servers[upstream].life == servers[index].upstreamLife
        else {
            return loseUpstream(index)
        }
        let isOther = servers[index].history != servers[upstream].history
        servers[index].upstream = .up
        servers[index].hasFollowed = true
        servers[index].history = servers[upstream].history
        servers[index].offset = servers[upstream].offset
        servers[index].formerHistory = servers[upstream].formerHistory
        record(.linkUp, server: index)
        servers[index].acknowledgedAt = Self.wholeSeconds(now)
        countGoodReplicas(upstream)
        if isOther { dropReplicas(of: index) }
    }

    /// Sends what a replica lacks, unless something is under way already.
    mutating func replicate(to replica: Int, from upstream: Int) {
        guard !servers[replica].isReplicationDue else { return }
        servers[replica].isReplicationDue = true
        servers[replica].offsetUnderWay = servers[upstream].offset
        let delay = network.delay(
            from: servers[upstream].host, to: servers[replica].host, random: &random)
        schedule(
            .replicated(server: Int32(replica), generation: servers[replica].generation),
            after: delay)
    }

    mutating func replicated(_ index: Int, generation: UInt32) {
        guard servers[index].generation == generation, servers[index].isRunning,
            servers[index].upstream == .up,
            case .replica(let primary) = servers[index].role, let upstream = serverIndex(primary)
        else { return }
        let isCut = network.isCut(from: servers[upstream].host, to: servers[index].host)
        guard !isCut, hosts[servers[upstream].host].isUp, !servers[index].isHung else {
            servers[index].isStreamStuck = true
            schedule(
                .replicated(server: Int32(index), generation: generation), after: .seconds(1))
            return
        }
        servers[index].isStreamStuck = false
        servers[index].isReplicationDue = false
        guard servers[upstream].isRunning, servers[upstream].life == servers[index].upstreamLife,
            servers[upstream].history == servers[index].history
        else {
            // Sent again by nobody, or the stream of another history: the link is void.
            return loseUpstream(index)
        }
        servers[index].offset = max(servers[index].offset, servers[index].offsetUnderWay)
        for replica in servers.indices
        where servers[replica].role == .replica(of: servers[index].endpoint)
            && servers[replica].upstream == .up
        {
            replicate(to: replica, from: index)
        }
        if servers[upstream].offset > servers[index].offset {
            replicate(to: index, from: upstream)
        }
    }
}
