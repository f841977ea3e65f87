import Addressing
import MonotonicTime
import NodeCore
import SentinelCore

/// Connections: ordered, retransmitted while a path is cut, reset when a process dies, silent
/// when a host does.
extension World {
    func slot(_ key: ConnectionKey) -> Int? {
        let slot = Int(key.slot)
        let connection = connections[slot]
        return connection.generation == key.generation && connection.stage != .free ? slot : nil
    }

    private func key(_ slot: Int) -> ConnectionKey {
        ConnectionKey(slot: Int32(slot), generation: connections[slot].generation)
    }

    // MARK: Opening and closing

    mutating func open(_ link: LinkID, to target: LinkTarget, from host: Int) {
        let slot = freeSlots.popLast() ?? connections.count
        if slot == connections.count { connections.append(Connection()) }
        let (end, targetHost) = self.end(of: target)
        connections[slot].begin(link, from: host, to: end, at: targetHost)
        hosts[host].links.append((link.number, slot))
        let patience = hosts[host].clock.trueLength(of: Sentinel.connectTimeout)
        schedule(.connectTimedOut(key(slot)), after: patience)
        // A lost request is repeated after a second, which is later than anybody waits.
        guard end != .nowhere, !network.isLost(random: &random) else { return }
        let delay = network.delay(from: host, to: targetHost, random: &random)
        schedule(.connect(key(slot)), after: delay)
    }

    private func end(of target: LinkTarget) -> (Connection.Target, Int) {
        switch target {
        case .server(let endpoint, _):
            guard let server = serverIndex(endpoint) else { return (.nowhere, 0) }
            return (.server(server), servers[server].host)
        case .subscription(let endpoint, _):
            guard let server = serverIndex(endpoint) else { return (.nowhere, 0) }
            return (.subscription(server), servers[server].host)
        case .peer(let endpoint):
            guard let host = hostIndex(endpoint.address) else { return (.nowhere, 0) }
            return (.peer(host), host)
        }
    }

    func hostIndex(_ address: IPAddress) -> Int? {
        guard case .v4(let address) = address else { return nil }
        let host = Int(address.bits & 0xFF) - 1
        return hosts.indices.contains(host) && .v4(address) == Scenario.address(ofHost: host)
            ? host : nil
    }

    func serverIndex(_ endpoint: Endpoint) -> Int? {
        guard let host = hostIndex(endpoint.address), host < scenario.serverHostCount else {
            return nil
        }
        let group = Int(endpoint.port) - 6379
        guard (0..<scenario.groupCount).contains(group) else { return nil }
        return group * scenario.serverHostCount + host
    }

    /// The request has reached the target's host.
    mutating func connectionRequested(_ key: ConnectionKey) {
        guard let slot = slot(key), connections[slot].stage == .connecting else { return }
        let target = connections[slot].targetHost
        guard hosts[target].isUp, !network.isCut(from: connections[slot].client, to: target) else {
            return
        }
        switch connections[slot].target {
        case .server(let server), .subscription(let server):
            guard servers[server].isRunning else { return send(.refused, slot, .inward) }
            guard !servers[server].isHung else {
                servers[server].deferred.append(.connect(key))
                return
            }
        case .peer(let host):
            guard hosts[host].daemon != .stopped else { return send(.refused, slot, .inward) }
            guard !waits(.connect(key), forDaemonOf: host) else { return }
        case .nowhere:
            return
        }
        connections[slot].isAccepted = true
        send(.accepted, slot, .inward)
    }

    mutating func connectionTimedOut(_ key: ConnectionKey) {
        guard let slot = slot(key), connections[slot].stage == .connecting else { return }
        let host = connections[slot].client
        guard !waits(.connectTimedOut(key), forDaemonOf: host) else { return }
        lose(slot, .unreachable)
    }

    /// The node has closed the link, or its process has ended.
    mutating func closeByClient(_ slot: Int) {
        forget(slot)
        switch connections[slot].stage {
        case .free, .closing:
            break
        case .connecting:
            release(slot)
        case .open:
            connections[slot].stage = .closing
            send(.finished, slot, .outward)
        }
    }

    /// The connection is no more, and its node is told.
    private mutating func lose(_ slot: Int, _ failure: LinkFailure) {
        let (host, link) = (connections[slot].client, connections[slot].link)
        forget(slot)
        release(slot)
        deliver(.linkClosed(link, failure), to: host)
    }

    private mutating func forget(_ slot: Int) {
        let (host, number) = (connections[slot].client, connections[slot].link.number)
        guard let place = hosts[host].links.firstIndex(where: { $0.slot == slot }) else { return }
        if hosts[host].links[place].number == number { hosts[host].links.remove(at: place) }
    }

    mutating func release(_ slot: Int) {
        guard connections[slot].stage != .free else { return }
        connections[slot].stage = .free
        connections[slot].generation += 1
        freeSlots.append(slot)
    }

    /// The process at the target has ended: the kernel resets what it had.
    mutating func targetEnded(_ slot: Int) {
        guard connections[slot].stage != .free, connections[slot].isAccepted,
            !connections[slot].isTargetGone
        else { return }
        connections[slot].isTargetGone = true
        connections[slot].owed.removeAll()
        send(.reset, slot, .inward)
    }

    /// The target's host has lost power: what it sent is lost as well, and nobody is told.
    mutating func targetSilenced(_ slot: Int) {
        guard connections[slot].stage != .free else { return }
        connections[slot].isTargetGone = true
        connections[slot].owed.removeAll()
        connections[slot].inward.clear()
    }

    // MARK: Segments

    mutating func send(_ payload: consuming Payload, _ slot: Int, _ way: Way) {
        let client = connections[slot].client
        let target = connections[slot].targetHost
        switch way {
        case .outward:
            let delay = network.delay(from: client, to: target, random: &random)
            let arrival = max(now + delay, connections[slot].outward.lastArrival)
            connections[slot].outward.append(.init(arrival: arrival, payload: payload))
            guard !connections[slot].isOutwardDue else { return }
            connections[slot].isOutwardDue = true
            queue.schedule(.arrival(key(slot), .outward), at: arrival)
        case .inward:
            var delay = network.delay(from: target, to: client, random: &random)
            // Name and secret take one more round.
            if case .accepted = payload { delay = delay * 3 }
            let arrival = max(now + delay, connections[slot].inward.lastArrival)
            connections[slot].inward.append(.init(arrival: arrival, payload: payload))
            guard !connections[slot].isInwardDue else { return }
            connections[slot].isInwardDue = true
            queue.schedule(.arrival(key(slot), .inward), at: arrival)
        }
    }

    mutating func segmentArrives(_ key: ConnectionKey, _ way: Way) {
        guard let slot = slot(key) else { return }
        switch way {
        case .outward: arrivesOutward(slot)
        case .inward: arrivesInward(slot)
        }
    }

    private mutating func arrivesOutward(_ slot: Int) {
        guard !connections[slot].outward.isEmpty else {
            connections[slot].isOutwardDue = false
            return
        }
        let (client, target) = (connections[slot].client, connections[slot].targetHost)
        guard hosts[target].isUp, !network.isCut(from: client, to: target) else {
            if stalls(slot, .outward) {
                guard connections[slot].stage != .closing else { return release(slot) }
                guard !waits(.arrival(key(slot), .outward), forDaemonOf: client) else { return }
                lose(slot, .unreachable)
            }
            return
        }
        if connections[slot].isTargetGone {
            connections[slot].outward.clear()
            connections[slot].isOutwardDue = false
            if connections[slot].stage == .closing { return release(slot) }
            return send(.reset, slot, .inward)
        }
        switch connections[slot].target {
        case .server(let server), .subscription(let server):
            guard !servers[server].isHung else {
                servers[server].deferred.append(.arrival(key(slot), .outward))
                return
            }
            let payload = takeOutward(slot)
            serverReceives(payload, server: server, slot: slot)
        case .peer(let host):
            guard !waits(.arrival(key(slot), .outward), forDaemonOf: host) else { return }
            let payload = takeOutward(slot)
            peerReceives(payload, host: host, slot: slot)
        case .nowhere:
            _ = takeOutward(slot)
        }
    }

    private mutating func takeOutward(_ slot: Int) -> Payload {
        let payload = connections[slot].outward.takeFirst()
        connections[slot].isOutwardDue = !connections[slot].outward.isEmpty
        if connections[slot].isOutwardDue {
            queue.schedule(
                .arrival(key(slot), .outward), at: max(now, connections[slot].outward.nextArrival))
        }
        return payload
    }

    private mutating func arrivesInward(_ slot: Int) {
        guard !connections[slot].inward.isEmpty else {
            connections[slot].isInwardDue = false
            return
        }
        let (client, target) = (connections[slot].client, connections[slot].targetHost)
        guard connections[slot].stage != .closing else {
            connections[slot].inward.clear()
            connections[slot].isInwardDue = false
            return
        }
        guard hosts[target].isUp, !network.isCut(from: target, to: client) else {
            if connections[slot].isTargetGone {
                // Nobody is left to send it again.
                connections[slot].inward.clear()
                connections[slot].isInwardDue = false
            } else if stalls(slot, .inward) {
                targetSilenced(slot)
                connections[slot].isInwardDue = false
            }
            return
        }
        guard !waits(.arrival(key(slot), .inward), forDaemonOf: client) else { return }
        let payload = connections[slot].inward.takeFirst()
        connections[slot].isInwardDue = !connections[slot].inward.isEmpty
        if connections[slot].isInwardDue {
            queue.schedule(
                .arrival(key(slot), .inward), at: max(now, connections[slot].inward.nextArrival))
        }
        clientReceives(payload, host: client, slot: slot)
    }

    /// Tries again later; returns whether the sender gives up.
    private mutating func stalls(_ slot: Int, _ way: Way) -> Bool {
        let backoff =
            switch way {
            case .outward: connections[slot].outward.stall(at: now)
            case .inward: connections[slot].inward.stall(at: now)
            }
        guard let backoff else { return true }
        schedule(.arrival(key(slot), way), after: backoff)
        return false
    }

    private mutating func clientReceives(_ payload: consuming Payload, host: Int, slot: Int) {
        let link = connections[slot].link
        switch consume payload {
        case .accepted:
            guard connections[slot].stage == .connecting else { return }
            connections[slot].stage = .open
            deliver(.linkOpened(link), to: host)
        case .refused: lose(slot, .refused)
        case .reset: lose(slot, .closed)
        case .reply(let reply): deliver(.replied(link, reply), to: host)
        case .heard(let text): if !isDeaf(host) { deliver(.heard(link, text), to: host) }
        case .request, .finished: break  // These only go outward.
        }
    }
}
