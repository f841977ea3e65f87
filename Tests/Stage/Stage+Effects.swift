import Addressing
import MonotonicTime
package import NodeCore
package import SentinelCore

/// Which connection of which life of which node.
struct ConnectionKey: Hashable, Comparable {
    var node: Int
    var life: Int
    var link: LinkID

    static func < (left: ConnectionKey, right: ConnectionKey) -> Bool {
        (left.node, left.life, left.link.number) < (right.node, right.life, right.link.number)
    }
}

struct Connection {
    var target: LinkTarget
    /// The host at the other end, and which life of its server or daemon.
    var host: Int
    var life: Int

    var isSubscription: Bool {
        switch target {
        case .subscription: true
        case .server, .peer: false
        }
    }

    var isNode: Bool {
        switch target {
        case .peer: true
        case .server, .subscription: false
        }
    }
}

struct Query {
    var key: ConnectionKey
    var sentAt: Instant
}

/// Carrying out what the nodes want.
extension Stage {
    /// Gives a node an event and does what it wants; returns what it wanted.
    @discardableResult
    package func give(_ event: Event, to number: Int) -> [NodeEffect] {
        deliver(.sentinel(event), to: number, life: hosts[number - 1].life)
    }

    @discardableResult
    package func give(_ event: AddressEvent, to number: Int) -> [NodeEffect] {
        deliver(.address(event), to: number, life: hosts[number - 1].life)
    }

    /// The node's whole host stood still, or may have.
    @discardableResult
    package func tellStoodStill(to number: Int) -> [NodeEffect] {
        deliver(.stoodStill, to: number, life: hosts[number - 1].life)
    }

    /// Puts a message into a peer's mouth. The answer is ``replies``' of the same number.
    @discardableResult
    package func ask(_ number: Int, _ message: PeerMessage) -> QueryID {
        let query = QueryID(number: nextQuery)
        nextQuery += 1
        give(.asked(query, message), to: number)
        return query
    }

    /// An operator's order to a node. The answer is ``responses``' of the same number.
    @discardableResult
    package func orderFailover(
        on number: Int, group: String = Stage.group, _ order: FailoverOrder = FailoverOrder()
    ) -> QueryID {
        let query = QueryID(number: nextQuery)
        nextQuery += 1
        give(.failoverOrdered(query, group: group, order), to: number)
        return query
    }

    /// An operator's order to a node to pause a group or resume it.
    @discardableResult
    package func orderPause(
        on number: Int, group: String = Stage.group, _ order: PauseOrder
    ) -> QueryID {
        let query = QueryID(number: nextQuery)
        nextQuery += 1
        give(.pauseOrdered(query, group: group, order), to: number)
        return query
    }

    @discardableResult
    func deliver(_ event: NodeEvent, to number: Int, life: Int) -> [NodeEffect] {
        guard hosts[number - 1].life == life, hosts[number - 1].node != nil else { return [] }
        guard hosts[number - 1].stoppedAt == nil else {
            hosts[number - 1].waiting.append((event, life))
            return []
        }
        var effects: [NodeEffect] = []
        let time = hosts[number - 1].time(at: now)
        hosts[number - 1].node?.handle(event, at: time, effects: &effects)
        moves += hosts[number - 1].node?.sentinel.moves ?? []
        for effect in effects {
            switch effect {
            case .sentinel(let effect): carryOut(effect, for: number, life)
            case .address(let effect): carryOut(effect, for: number, life)
            }
        }
        planTick(number, life)
        return effects
    }

    private func planTick(_ number: Int, _ life: Int) {
        let time = hosts[number - 1].time(at: now)
        guard let period = hosts[number - 1].node?.tickPeriod(at: time) else { return }
        let due = now + period
        if let planned = hosts[number - 1].tickAt, planned <= due, planned > now { return }
        hosts[number - 1].tickAt = due
        after(period) { [self] in
            guard hosts[number - 1].tickAt == due else { return }
            deliver(.sentinel(.tick), to: number, life: life)
        }
    }

    private func carryOut(_ effect: Effect, for number: Int, _ life: Int) {
        switch effect {
        case .open(let link, let target):
            opened.append((time, number, target))
            open(ConnectionKey(node: number, life: life, link: link), target)
        case .close(let link):
            connections[ConnectionKey(node: number, life: life, link: link)] = nil
        case .request(let link, let request):
            send(request, on: ConnectionKey(node: number, life: life, link: link))
        case .reply(let query, let reply):
            answer(query, reply, by: number)
        case .respond(let query, let error):
            responses[query] = .some(error)
        case .persist(let state, let sequence):
            persist(state, sequence, number, life)
        case .record(let record):
            records.append((number, record))
        case .clientsMoved:
            break  // For scripts; the stage has none.
        case .announce(let announcement):
            log.append(Line(at: time, node: number, announcement: announcement))
        case .watchProcess(let endpoint, let processID):
            hosts[number - 1].watched[endpoint] = processID
            watches.append((time, number, endpoint))
        }
    }

    // MARK: Connections

    func sortedConnections() -> [(key: ConnectionKey, value: Connection)] {
        connections.sorted { $0.key < $1.key }
    }

    private func open(_ key: ConnectionKey, _ target: LinkTarget) {
        let endpoint =
            switch target {
            case .server(let endpoint, _), .subscription(let endpoint, _), .peer(let endpoint):
                endpoint
            }
        let connection = host(of: endpoint).map { host in
            Connection(target: target, host: host, life: 0)
        }
        after(delay) { [self] in
            guard var connection, isReachable(key.node, connection.host) else {
                let rest = Sentinel.connectTimeout - delay
                return after(rest) { [self] in closed(key, .unreachable) }
            }
            if let denial = denials[endpoint] {
                return after(delay) { [self] in closed(key, denial) }
            }
            guard let life = listeningLife(connection) else {
                return after(delay) { [self] in closed(key, .refused) }
            }
            connection.life = life
            connections[key] = connection
            after(delay) { [self] in
                guard connections[key] != nil else { return }
                deliver(.sentinel(.linkOpened(key.link)), to: key.node, life: key.life)
            }
        }
    }

    /// The present life of whoever listens there.
    private func listeningLife(_ connection: Connection) -> Int? {
        let host = hosts[connection.host - 1]
        if connection.isNode { return host.node == nil ? nil : host.life }
        guard let server = host.server, server.isRunning else { return nil }
        return server.life
    }

    func closed(_ key: ConnectionKey, _ failure: LinkFailure) {
        deliver(.sentinel(.linkClosed(key.link, failure)), to: key.node, life: key.life)
    }

    /// The other end closes what it has, as a process that ends does.
    func closeConnections(to number: Int, isNode: Bool, sparing spared: ConnectionKey? = nil) {
        for (key, connection) in sortedConnections()
        where connection.host == number && connection.isNode == isNode && key != spared {
            after(delay) { [self] in
                guard isReachable(number, key.node), connections[key] != nil else { return }
                connections[key] = nil
                closed(key, .closed)
            }
        }
    }

    private func send(_ request: Request, on key: ConnectionKey) {
        guard let connection = connections[key] else { return }
        sent.append((time, key.node, connection.target, request))
        if let loses, loses(key.node, connection.target, request) { return }
        after(delay) { [self] in
            guard isReachable(key.node, connection.host), connections[key] != nil else { return }
            receive(request, key, connection)
        }
    }

    private func receive(_ request: Request, _ key: ConnectionKey, _ connection: Connection) {
        guard listeningLife(connection) == connection.life else { return }
        if connection.isNode {
            switch request {
            case .ping(let sentAt):
                comeBack(.pong(sentAt: sentAt), key, connection.host)
            case .tell(let message, let sentAt):
                let query = QueryID(number: nextQuery)
                nextQuery += 1
                queries[query] = Query(key: key, sentAt: sentAt)
                deliver(
                    .sentinel(.asked(query, message)), to: connection.host, life: connection.life)
            case .info, .publish, .promote, .follow, .pauseWrites, .resumeWrites,
                .limitWrites:
                break  // Nodes are not asked for these.
            }
        } else if hosts[connection.host - 1].server?.isHung == false,
            let reply = serve(request, on: connection.host, for: key)
        {
            comeBack(reply, key, connection.host)
        }
    }

    private func comeBack(_ reply: Reply, _ key: ConnectionKey, _ host: Int) {
        after(delay + (isNode(key) ? answerDelays[host] ?? .zero : .zero)) { [self] in
            guard connections[key] != nil, isReachable(host, key.node) else { return }
            deliver(.sentinel(.replied(key.link, reply)), to: key.node, life: key.life)
        }
    }

    private func isNode(_ key: ConnectionKey) -> Bool { connections[key]?.isNode == true }

    private func answer(_ query: QueryID, _ reply: PeerReply, by number: Int) {
        replies[query] = reply
        guard let asker = queries.removeValue(forKey: query) else { return }
        if let losesReply, losesReply(number, reply) { return }
        comeBack(.peer(reply, sentAt: asker.sentAt), asker.key, number)
    }

    // MARK: Disk and address

    private func persist(
        _ state: PersistentState, _ sequence: UInt64, _ number: Int, _ life: Int
    ) {
        after(hosts[number - 1].persistDelay) { [self] in
            guard hosts[number - 1].life == life else { return }
            switch hosts[number - 1].disk {
            case .works:
                hosts[number - 1].state = state
                deliver(.sentinel(.persisted(sequence: sequence)), to: number, life: life)
            case .hangs:
                break
            case .fails(let reason):
                deliver(
                    .sentinel(.persistFailed(sequence: sequence, reason: reason)), to: number,
                    life: life)
            }
        }
    }

    private func carryOut(_ effect: AddressEffect, for number: Int, _ life: Int) {
        addressLog.append(AddressStep(at: time, node: number, effect: effect))
        // A question to the network waits for no other step.
        if hosts[number - 1].address.holdsSteps, effect.step != .probe {
            hosts[number - 1].address.held.append(effect)
        } else {
            after(hosts[number - 1].address.stepDelay) { [self] in finish(effect, number, life) }
        }
    }

    /// Whoever else answers for the address does so at once: other hosts of the stage as well.
    private func answerProbe(_ number: Int, _ life: Int) {
        let peers = holders.filter { $0 != number }.map { ("02:00:00:00:00:0\($0)", true) }
        let strangers = [hosts[number - 1].address.stranger].compactMap { $0 }.map { ($0, false) }
        for (owner, isPeer) in peers + strangers {
            after(delay) { [self] in
                deliver(
                    .address(.claimed(group: Self.group, by: owner, isPeer: isPeer)), to: number,
                    life: life)
            }
        }
    }

    func finish(_ effect: AddressEffect, _ number: Int, _ life: Int) {
        guard hosts[number - 1].life == life else { return }
        let step = effect.step
        if let reason = hosts[number - 1].address.failures[step] {
            deliver(
                .address(.failed(group: Self.group, step, reason: reason)), to: number, life: life)
        } else {
            let time = hosts[number - 1].time(at: now)
            let outcome = hosts[number - 1].address.apply(effect, at: time)
            deliver(.address(outcome), to: number, life: life)
            if step == .probe { answerProbe(number, life) }
        }
    }
}
