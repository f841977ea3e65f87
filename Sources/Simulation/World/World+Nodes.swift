import MonotonicTime
import NodeCore
import SentinelCore

/// A node between its core and the world: the driver's part.
extension World {
    /// A signal-stopped process takes nothing in: what comes for it waits in the kernel. Returns
    /// whether it does.
    mutating func waits(_ occurrence: Occurrence, forDaemonOf host: Int) -> Bool {
        guard hosts[host].daemon == .paused else { return false }
        hosts[host].deferred.append(occurrence)
        return true
    }

    /// Whether a daemon that was started `life` times ago and again is still the same.
    func isDaemon(_ host: Int, life: UInt32) -> Bool {
        hosts[host].life == life && hosts[host].daemon != .stopped
    }

    mutating func deliver(_ event: NodeEvent, to host: Int) {
        guard hosts[host].daemon != .stopped else { return }
        if hosts[host].owesStandstill {
            // The driver compares its clocks before it decides anything.
            hosts[host].owesStandstill = false
            if mutation != .oversleeps { deliver(.stoodStill, to: host) }
        }
        if trace.isKept { record(.event(event), host: host) }
        let instant = hosts[host].clock.instant(at: now)
        let period = hosts[host].handle(event, at: instant, effects: &effects)
        for index in effects.indices {
            let effect = effects[index]
            if trace.isKept { record(.effect(effect), host: host) }
            digest.mix(effect, host: host)
            apply(effect, from: host)
        }
        if !effects.isEmpty { effects.removeAll(keepingCapacity: true) }
        let hasTicked = if case .sentinel(.tick) = event { true } else { false }
        planTick(of: host, period: period, hasTicked: hasTicked)
    }

    mutating func deliver(_ event: SentinelCore.Event, to host: Int) {
        deliver(.sentinel(event), to: host)
    }

    /// The driver's timer: it is set anew after a tick, or when the core has become more hurried.
    private mutating func planTick(of host: Int, period: Interval, hasTicked: Bool) {
        let lateness = random.between(.zero, .microseconds(500))
        let due = now + hosts[host].clock.trueLength(of: period) + lateness
        guard hasTicked || due < hosts[host].tickDue else { return }
        hosts[host].tickGeneration += 1
        hosts[host].tickDue = due
        queue.schedule(
            .tick(host: Int32(host), generation: hosts[host].tickGeneration), at: due)
    }

    mutating func tick(_ host: Int, generation: UInt32) {
        guard hosts[host].tickGeneration == generation, hosts[host].daemon != .stopped else {
            return
        }
        guard !waits(.tick(host: Int32(host), generation: generation), forDaemonOf: host) else {
            return
        }
        deliver(.tick, to: host)
    }

    private mutating func apply(_ effect: NodeEffect, from host: Int) {
        switch effect {
        case .sentinel(.open(let link, let target)):
            open(link, to: target, from: host)
        case .sentinel(.close(let link)):
            if let slot = hosts[host].slot(of: link) { closeByClient(slot) }
        case .sentinel(.request(let link, let request)):
            ask(link, request, from: host)
        case .sentinel(.reply(let query, let reply)):
            answer(query, reply, from: host)
        case .sentinel(.respond(let query, let error)):
            noteAnswer(to: query, error: error)
        case .sentinel(.clientsMoved), .sentinel(.record):
            break  // An operator reads it, a script runs; nothing follows in the world.
        case .sentinel(.persist(let state, let sequence)):
            persist(state, sequence: sequence, on: host)
        case .sentinel(.announce(let announcement)):
            noteAnnouncement(announcement, from: host)
        case .sentinel(.watchProcess(let endpoint, let processID)):
            if let server = serverIndex(endpoint), servers[server].host == host,
                servers[server].isRunning, servers[server].processID == processID
            {
                hosts[host].watched[servers[server].group] = processID
            }
        case .address(let effect):
            addressOrdered(effect, on: host)
        }
    }

    mutating func processEnded(_ host: Int, life: UInt32, server: Int, processID: Int32) {
        guard isDaemon(host, life: life) else { return }
        let occurrence = Occurrence.processEnded(
            host: Int32(host), life: life, server: Int32(server), processID: processID)
        guard !waits(occurrence, forDaemonOf: host) else { return }
        deliver(.processEnded(servers[server].endpoint, processID: processID), to: host)
    }

    // MARK: Life

    mutating func startDaemon(_ host: Int) {
        guard hosts[host].isUp, hosts[host].isListed, hosts[host].daemon == .stopped else {
            return
        }
        guard hosts[host].standstill == nil else {
            let boot = hosts[host].boot
            return schedule(.startDaemon(host: Int32(host), boot: boot), after: .milliseconds(100))
        }
        hosts[host].owesStandstill = false
        hosts[host].daemon = .running
        hosts[host].life += 1
        hosts[host].tickDue = now
        let instant = hosts[host].clock.instant(at: now)
        let file = hosts[host].file
        if mutation == .votersAtOnce { putInForce(file.voters, on: host) }
        hosts[host].node = Node(
            settings: scenario.settings(ofHost: host, file: file), leases: leases(file, host: host),
            state: hosts[host].disk.durable, at: instant)
        disturbedAt = now
        record(.daemon(.started), host: host)
        deliver(.tick, to: host)
    }

    /// A file that was changed counts without anybody's leave (only under a ``Mutation``).
    private mutating func putInForce(_ declared: VoterSet, on host: Int) {
        guard let known = hosts[host].disk.durable.voters.inForce, !known.isSame(as: declared)
        else { return }
        hosts[host].disk.durable.voters.inForce = VoterSet(
            number: known.number + 1, names: declared.names, promise: declared.promise)
    }

    /// The process ends; the kernel closes its connections and keeps its addresses.
    mutating func endDaemon(_ host: Int) {
        guard hosts[host].daemon != .stopped else { return }
        record(.daemon(.ended), host: host)
        hosts[host].daemon = .stopped
        excuseLonger(host)
        disturbedAt = now
        hosts[host].disk.interrupt(random: &random)
        noteDurable(of: host)
        for group in hosts[host].addresses.indices {
            let steps = hosts[host].addresses[group].steps
            if let first = steps.first, first.deadline == nil, random.happens(1, in: 2) {
                hosts[host].addresses[group].apply(first.parts.step)
                isServiceStale = true
            }
            hosts[host].addresses[group].steps.removeAll()
            hosts[host].watched[group] = 0
        }
        for entry in hosts[host].links.reversed() { closeByClient(entry.slot) }
        hosts[host].links.removeAll()
        for slot in connections.indices where connections[slot].target == .peer(host) {
            targetEnded(slot)
        }
        releaseDeferred(of: host)
    }

    mutating func pauseDaemon(_ host: Int) {
        guard hosts[host].daemon == .running else { return }
        record(.daemon(.paused), host: host)
        hosts[host].daemon = .paused
        excuseLonger(host)
    }

    mutating func resumeDaemon(_ host: Int, life: UInt32) {
        guard hosts[host].daemon == .paused, hosts[host].life == life,
            hosts[host].standstill == nil
        else { return }
        record(.daemon(.resumed), host: host)
        hosts[host].daemon = .running
        hosts[host].resumedAt = now
        // Whether timers or sockets come first is up to the event loop.
        if random.happens(1, in: 2) { deliver(.tick, to: host) }
        releaseDeferred(of: host)
    }

    private mutating func releaseDeferred(of host: Int) {
        let waiting = hosts[host].deferred
        hosts[host].deferred.removeAll()
        for occurrence in waiting { queue.schedule(occurrence, at: now) }
    }

    // MARK: Disk

    private mutating func persist(_ state: PersistentState, sequence: UInt64, on host: Int) {
        let life = hosts[host].life
        switch mutation {
        case .sendsBeforePersist, .forgetsState:
            schedule(
                .diskPretends(
                    host: Int32(host), life: life, sequence: UInt32(truncatingIfNeeded: sequence)),
                after: .microseconds(5))
            if mutation == .forgetsState { return }
        case .votesTwice, .reusesEpoch, .neverFailsOver, .keepsAddress, .ignoresReturnedPrimary,
            .keepsEverything, .deafNode, .usesTooLong, .grantsTwice,
            .lateKernel, .deadKernel, .wildClocks, .neverPauses, .neverLimits, .forgetsPause,
            .releasesAndStays, .votersAtOnce, .oversleeps, .overhearsStranger, .forgetsLateness,
            nil:
            break
        }
        hosts[host].disk.waiting.append(.init(state: state, sequence: sequence))
        if hosts[host].disk.waiting.count == 1 { beginWrite(on: host) }
    }

    private mutating func beginWrite(on host: Int) {
        let duration = hosts[host].disk.duration(random: &random)
        schedule(.diskDone(host: Int32(host), life: hosts[host].life), after: duration)
    }

    mutating func diskDone(_ host: Int, life: UInt32) {
        guard isDaemon(host, life: life) else { return }
        guard !waits(.diskDone(host: Int32(host), life: life), forDaemonOf: host) else { return }
        let write = hosts[host].disk.waiting.removeFirst()
        if !hosts[host].disk.waiting.isEmpty { beginWrite(on: host) }
        let isLying = mutation == .sendsBeforePersist
        if hosts[host].disk.fails(random: &random) {
            guard !isLying else { return }
            deliver(
                .persistFailed(sequence: write.sequence, reason: "No space left on device."),
                to: host)
        } else {
            hosts[host].disk.durable = write.state
            record(.durable(sequence: write.sequence), host: host)
            noteDurable(of: host)
            guard !isLying else { return }
            deliver(.persisted(sequence: write.sequence), to: host)
        }
    }

    mutating func diskPretends(_ host: Int, life: UInt32, sequence: UInt64) {
        guard isDaemon(host, life: life) else { return }
        let occurrence = Occurrence.diskPretends(
            host: Int32(host), life: life, sequence: UInt32(truncatingIfNeeded: sequence))
        guard !waits(occurrence, forDaemonOf: host) else { return }
        deliver(.persisted(sequence: sequence), to: host)
    }
}
