import Addressing
import MonotonicTime
import SentinelCore

/// The servers' lives and what they answer.
extension World {
    // MARK: Life

    mutating func startServer(_ index: Int) {
        guard hosts[servers[index].host].isUp, !servers[index].isRunning else { return }
        guard hosts[servers[index].host].standstill == nil else {
            let boot = hosts[servers[index].host].boot
            return schedule(
                .startServer(server: Int32(index), boot: boot), after: .milliseconds(100))
        }
        processCount += 1
        servers[index].isRunning = true
        servers[index].isHung = false
        servers[index].isLoading = true
        servers[index].life += 1
        servers[index].processID = processCount
        servers[index].runID = RunID(
            high: 0x5E12, middle: UInt64(processCount), low: UInt32(index))
        servers[index].upstream = .down
        servers[index].hasFollowed = false
        servers[index].upstreamDownSince = now
        servers[index].formerHistory = nil
        servers[index].writesPausedUntil = nil
        // What `CONFIG SET` said is forgotten.
        servers[index].limit = WriteLimit(replicas: 0, lagSeconds: nil)
        servers[index].goodReplicas = 0
        restoreData(index)
        disturbedAt = now
        isServiceStale = true
        let isEmpty = servers[index].offset == 0
        record(.started(isEmpty: isEmpty), server: index)
        let life = servers[index].life
        let isQuick = servers[index].offset == 0 || random.happens(1, in: 2)
        let load = isQuick ? Interval.milliseconds(20) : random.between(.zero, .seconds(3))
        schedule(.loaded(server: Int32(index), life: life), after: load)
        schedule(.serverCron(server: Int32(index), life: life), after: .milliseconds(100))
    }

    /// What the process finds on its disk: nothing; or its data set, of which it seldom still knows
    /// the history that it belongs to, so that it counts as a new one.
    private mutating func restoreData(_ index: Int) {
        let isFirst = servers[index].life == 1
        guard !isFirst else { return }
        // What a primary loses by starting anew, no failover has lost.
        let isPrimary = servers[index].role == .primary
        if isPrimary, written[servers[index].group]?.history == servers[index].history {
            written[servers[index].group] = nil
        }
        let kept = scenario.keepsData ? servers[index].durable : nil
        let knowsHistory = servers[index].role != .primary && random.happens(1, in: 2)
        if let kept, knowsHistory {
            servers[index].history = kept.history
            servers[index].offset = kept.offset
        } else {
            servers[index].history = histories.begin(from: kept)
            servers[index].offset = 0
        }
        servers[index].durable = .init(
            history: servers[index].history, offset: servers[index].offset)
    }

    mutating func serverLoaded(_ index: Int, life: UInt32) {
        guard servers[index].life == life, servers[index].isRunning else { return }
        servers[index].isLoading = false
        disturbedAt = now
        isServiceStale = true
        record(.loaded, server: index)
    }

    /// The process ends. Its data up to the last moment is in the kernel's hands, unless the
    /// host goes with it.
    mutating func endServer(_ index: Int, losesPower: Bool) {
        guard servers[index].isRunning else { return }
        record(.ended, server: index)
        servers[index].isRunning = false
        servers[index].isHung = false
        servers[index].generation += 1
        servers[index].isReplicationDue = false
        disturbedAt = now
        isServiceStale = true
        if !losesPower {
            servers[index].durable = .init(
                history: servers[index].history, offset: servers[index].offset)
            tellWatcher(of: index)
        }
        for slot in connections.indices where isConnection(slot, to: index) {
            if losesPower { targetSilenced(slot) } else { targetEnded(slot) }
        }
        if !losesPower { dropReplicas(of: index) }
        releaseDeferred(ofServer: index)
    }

    private mutating func tellWatcher(of index: Int) {
        let (host, group) = (servers[index].host, servers[index].group)
        guard hosts[host].daemon != .stopped,
            hosts[host].watched[group] == servers[index].processID
        else { return }
        hosts[host].watched[group] = 0
        schedule(
            .processEnded(
                host: Int32(host), life: hosts[host].life, server: Int32(index),
                processID: servers[index].processID),
            after: random.between(.microseconds(100), .milliseconds(2)))
    }

    mutating func hangServer(_ index: Int) {
        guard servers[index].answers else { return }
        servers[index].isHung = true
        isServiceStale = true
        record(.hung, server: index)
    }

    mutating func wakeServer(_ index: Int, life: UInt32) {
        guard servers[index].life == life, servers[index].isHung else { return }
        servers[index].isHung = false
        disturbedAt = now
        isServiceStale = true
        record(.answersAgain, server: index)
        releaseDeferred(ofServer: index)
    }

    private mutating func releaseDeferred(ofServer index: Int) {
        let waiting = servers[index].deferred
        servers[index].deferred.removeAll()
        for occurrence in waiting { queue.schedule(occurrence, at: now) }
    }

    private func isConnection(_ slot: Int, to server: Int) -> Bool {
        connections[slot].target == .server(server)
            || connections[slot].target == .subscription(server)
    }

    // MARK: Answers

    mutating func serverReceives(_ payload: Payload, server index: Int, slot: Int) {
        guard case .request(let request) = payload else {
            if case .finished = payload { release(slot) }
            return
        }
        let reply: Reply
        switch request {
        case .ping(let sentAt):
            reply = .pong(sentAt: sentAt)
        case .info(let sentAt):
            reply = .report(sentAt: sentAt, report(of: index))
        case .publish(let hello):
            broadcast(hello, by: index)
            reply = .published
        case .pauseWrites(let length, let sentAt):
            let clock = hosts[servers[index].host].clock
            servers[index].writesPausedUntil = now + clock.trueLength(of: length)
            reply = .paused(sentAt: sentAt, error: nil)
        case .resumeWrites(let sentAt):
            servers[index].writesPausedUntil = nil
            reply = .resumed(sentAt: sentAt)
        case .limitWrites(let limit, _, let sentAt):
            servers[index].limit = limit
            reply = .limited(sentAt: sentAt, error: nil)
        case .promote(let sentAt):
            checkHandover(to: index)
            checkLoss(by: index)
            checkPaused(index)
            let error = reconfigure(index, as: .primary, by: slot)
            reply = .reconfigured(sentAt: sentAt, error: error)
        case .follow(let primary, let sentAt):
            let error = reconfigure(index, as: .replica(of: primary), by: slot)
            reply = .reconfigured(sentAt: sentAt, error: error)
        case .tell(_, let sentAt):
            reply = .reconfigured(sentAt: sentAt, error: "ERR unknown command")
        }
        if connections[slot].stage == .open { send(.reply(reply), slot, .inward) }
    }

    private func report(of index: Int) -> ServerReport {
        var report = servers[index].report(histories: histories, at: now)
        if servers[index].limit.replicas > 0 { report.goodReplicas = servers[index].goodReplicas }
        for replica in servers.indices
        where servers[replica].role == .replica(of: servers[index].endpoint)
            && servers[replica].upstream != .down
        {
            // While the data is being replaced nothing is acknowledged.
            let offset = servers[replica].upstream == .up ? servers[replica].offset : 0
            report.attached.append(
                .init(endpoint: servers[replica].endpoint, offset: offset))
        }
        return report
    }

    private mutating func broadcast(_ hello: Hello, by index: Int) {
        let text = hello.text
        for slot in connections.indices
        where connections[slot].target == .subscription(index) && connections[slot].isAccepted
            && !connections[slot].isTargetGone
        {
            switch connections[slot].stage {
            case .open, .connecting: send(.heard(text), slot, .inward)
            case .free, .closing: break
            }
        }
    }

    /// `MULTI; REPLICAOF …; CONFIG REWRITE; CLIENT KILL …; EXEC`; returns the error, if any.
    private mutating func reconfigure(
        _ index: Int, as role: SimulatedServer.Role, by slot: Int
    ) -> String? {
        guard !servers[index].isLoading else {
            return "LOADING Redis is loading the dataset in memory"
        }
        if servers[index].role != role {
            servers[index].role = role
            isServiceStale = true
            switch role {
            case .primary: becomePrimary(index)
            case .replica(let primary): follow(primary, index)
            }
        }
        for other in connections.indices where other != slot && isConnection(other, to: index) {
            dropClient(other)
        }
        return nil
    }

    /// `CLIENT KILL`: the process lives on.
    private mutating func dropClient(_ slot: Int) {
        targetEnded(slot)
    }

    private mutating func becomePrimary(_ index: Int) {
        record(.promoted, server: index)
        let origin = History.Origin(
            history: servers[index].history, offset: servers[index].offset)
        stopReplicating(index)
        servers[index].formerHistory = origin
        servers[index].history = histories.begin(from: origin)
        // The numbering goes on where the former history ended.
        dropReplicas(of: index)
    }

    private mutating func follow(_ primary: Endpoint, _ index: Int) {
        record(.follows(primary), server: index)
        stopReplicating(index)
        dropReplicas(of: index)
        connectUpstream(index)
    }

    // MARK: Clients

    /// A client writes through the address, wherever that leads.
    mutating func write(_ group: Int) {
        schedule(.write(group: Int32(group)), after: Self.writePeriod)
        var chosen: Int?
        var count = 0
        for index in servers.indices where servers[index].group == group && isReached(index) {
            count += 1
            if count == 1 || random.happens(1, in: count) { chosen = index }
        }
        guard let index = chosen else { return }
        if let end = servers[index].writesPausedUntil, now < end, mutation != .neverPauses {
            return
        }
        guard servers[index].goodReplicas >= servers[index].limit.replicas else { return }
        servers[index].offset += UInt64(30 + random.below(70))
        histories.acknowledge(servers[index].offset, in: servers[index].history, at: now)
        // What a machine that stood still takes when it goes on, another primary being in force, no
        // failover loses that comes after: it was replaced before.
        if primaryServer(of: group) == index {
            written[group] = .init(history: servers[index].history, offset: servers[index].offset)
        }
        checkPause(of: index)
        for replica in servers.indices
        where servers[replica].role == .replica(of: servers[index].endpoint)
            && servers[replica].upstream == .up
        {
            replicate(to: replica, from: index)
        }
    }

    /// A client that comes by the write address reaches a running primary here.
    func isReached(_ index: Int) -> Bool {
        servers[index].isServingPrimary
            && hosts[servers[index].host].addresses[servers[index].group].isOpen(at: now)
    }

    mutating func noteService() {
        isServiceStale = false
        for group in ledgers.indices {
            var count = 0
            for index in servers.indices where servers[index].group == group && isReached(index) {
                count += 1
            }
            let changes = ledgers[group].note(holderCount: count, at: now)
            if changes { record(.served(group: group, holders: count)) }
        }
    }
}
