import Addressing
import MonotonicTime
import SentinelCore

@testable import DropInCore

/// The network and the disks.
extension Stage {
    func carryOut(_ effects: [DropInEffect], of number: Int) {
        let life = nodes[number - 1].life
        for effect in effects {
            switch effect {
            case .open(let link, let target): open(link, target, by: number)
            case .close(let link): connections[key(number, link)] = nil
            case .request(let link, let request, let names):
                send(request, names, on: key(number, link))
            case .resolve(let host):
                after(delay) { [self] in
                    guard nodes[number - 1].life == life else { return }
                    deliver(.resolved(host, names[host]), to: number)
                }
            case .answer(let query, let answer): answers[query.number] = answer
            case .outcome(let query, let outcome): outcomes[query.number] = outcome
            case .persist(let ledger, let globals, let sequence):
                after(persistDelay) { [self] in
                    guard nodes[number - 1].life == life else { return }
                    guard nodes[number - 1].canSave else {
                        let failure = DropInEvent.persistFailed(
                            sequence: sequence, reason: "No space left on device")
                        return deliver(failure, to: number)
                    }
                    nodes[number - 1].durable = ledger
                    nodes[number - 1].globals = globals
                    deliver(.persisted(sequence: sequence), to: number)
                }
            case .announce(let announcement):
                log.append(Line(at: time, node: number, announcement: announcement))
            case .announceDelay: break
            case .runScript(let script, let path, let arguments):
                scripts.append((number, [path] + arguments))
                after(delay) { [self] in
                    guard nodes[number - 1].life == life else { return }
                    deliver(.scriptStarted(script, processID: 42), to: number)
                    deliver(.scriptEnded(script, .exited(0)), to: number)
                }
            case .killScript: break
            case .crash: crash(number)
            }
        }
    }

    private func key(_ number: Int, _ link: LinkID) -> ConnectionKey {
        ConnectionKey(node: number, life: nodes[number - 1].life, link: link.number)
    }

    /// Who listens at an endpoint, and whether it answers.
    private enum Listener {
        case server(Int)
        case node(Int)
        case nobody
        case unreachable
    }

    private func listener(at endpoint: Endpoint, for number: Int) -> Listener {
        guard !cuts.contains(Pair(node: number, other: endpoint.address)) else {
            return .unreachable
        }
        if let server = servers.indices.first(where: { Self.server($0 + 1) == endpoint }) {
            return servers[server].isRunning ? .server(server + 1) : .nobody
        }
        if let node = nodes.indices.first(where: { Self.node($0 + 1) == endpoint }) {
            let isBack = cuts.contains(Pair(node: node + 1, other: Self.node(number).address))
            guard !isBack else { return .unreachable }
            return nodes[node].isRunning ? .node(node + 1) : .nobody
        }
        return .unreachable
    }

    private func open(_ link: LinkID, _ target: DropInTarget, by number: Int) {
        let key = key(number, link)
        connections[key] = Connection(target: target)
        after(delay * 2) { [self] in
            guard connections[key] != nil else { return }
            switch listener(at: target.endpoint, for: number) {
            case .nobody: close(key, .refused)
            case .unreachable: break
            case .server, .node: opened(key)
            }
        }
    }

    private func opened(_ key: ConnectionKey) {
        connections[key]?.isOpen = true
        let unsent = connections[key]?.unsent ?? []
        connections[key]?.unsent = []
        let local = Self.node(key.node).address
        deliver(.linkOpened(LinkID(number: key.link), local: local), to: key.node)
        for (request, names) in unsent { send(request, names, on: key) }
    }

    func close(_ key: ConnectionKey, _ failure: LinkFailure) {
        guard connections.removeValue(forKey: key) != nil,
            nodes[key.node - 1].life == key.life
        else { return }
        deliver(.linkClosed(LinkID(number: key.link), failure), to: key.node)
    }

    /// The other end closes its connections, as a process that ends does.
    func closeConnections(to endpoint: Endpoint, sparing spared: ConnectionKey?) {
        let keys = connections.filter { $0.value.target.endpoint == endpoint && $0.key != spared }
            .keys.sorted()
        for key in keys {
            after(delay) { [self] in
                let isCut = cuts.contains(Pair(node: key.node, other: endpoint.address))
                if !isCut { close(key, .closed) }
            }
        }
    }

    private func send(
        _ request: DropInRequest, _ names: [MasterSettings.RenamedCommand],
        on key: ConnectionKey
    ) {
        guard let connection = connections[key] else { return }
        guard connection.isOpen else {
            connections[key]?.unsent.append((request, names))
            return
        }
        after(delay) { [self] in
            guard connections[key] != nil else { return }
            switch listener(at: connection.target.endpoint, for: key.node) {
            case .server(let server): serve(request, names, by: server, key)
            case .node(let node): serve(request, by: node, key)
            case .nobody, .unreachable: break
            }
        }
    }

    func reply(_ reply: DropInReply, to key: ConnectionKey) {
        after(delay) { [self] in
            guard let connection = connections[key], nodes[key.node - 1].life == key.life
            else { return }
            switch listener(at: connection.target.endpoint, for: key.node) {
            case .server, .node:
                deliver(.replied(LinkID(number: key.link), reply), to: key.node)
            case .nobody, .unreachable: break
            }
        }
    }

    /// Another Sentinel answers.
    private func serve(_ request: DropInRequest, by node: Int, _ key: ConnectionKey) {
        switch request {
        case .ping: reply(.pong, to: key)
        case .publish(let text):
            deliver(.published(text), to: node)
            reply(.noted(count: 1), to: key)
        case .askDown(let host, let port, let epoch, let candidate, let group):
            let place = Place(host: host, address: IPAddress(host), port: port)
            let question = DownQuestion(primary: place, currentEpoch: epoch, candidate: candidate)
            let query = ask(question, of: node)
            awaitAnswer(query, group, key, life: nodes[node - 1].life, node)
        case .info, .promote, .follow, .killScript, .handOver, .finishHandover, .abortHandover:
            reply(.noted(count: request.replyCount), to: key)
        }
    }

    private func awaitAnswer(
        _ query: UInt64, _ group: GroupKey, _ key: ConnectionKey, life: Int, _ node: Int
    ) {
        if let answer = answers.removeValue(forKey: query) {
            return reply(.down(answer, group: group), to: key)
        }
        guard nodes[node - 1].life == life else { return }
        after(.milliseconds(1)) { [self] in awaitAnswer(query, group, key, life: life, node) }
    }
}
