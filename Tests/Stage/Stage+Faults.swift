import Addressing
import LeaseCore
package import MonotonicTime
package import NodeCore
package import SentinelCore

/// What a test or a dialogue does to the cluster.
extension Stage {
    // MARK: Servers

    /// kill -9: connections are reset, its own host sees the process end.
    package func kill(server number: Int) {
        guard let server = hosts[number - 1].server, server.isRunning else { return }
        hosts[number - 1].server?.isRunning = false
        closeConnections(to: number, isNode: false)
        let life = hosts[number - 1].life
        after(delay) { [self] in
            guard hosts[number - 1].seesProcesses,
                hosts[number - 1].watched[server.endpoint] == server.processID
            else { return }
            deliver(
                .sentinel(.processEnded(server.endpoint, processID: server.processID)),
                to: number, life: life)
        }
    }

    /// Starts it again in the role in which it ended, as another process.
    package func start(server number: Int) {
        guard let server = hosts[number - 1].server, !server.isRunning else { return }
        hosts[number - 1].server?.isRunning = true
        hosts[number - 1].server?.isHung = false
        hosts[number - 1].server?.life += 1
        hosts[number - 1].server?.runID = identity()
        hosts[number - 1].server?.processID += 1
        if case .replica(let primary) = server.role { pointServer(number, at: primary) }
    }

    package func hang(server number: Int) {
        hosts[number - 1].server?.isHung = true
    }

    package func resume(server number: Int) {
        hosts[number - 1].server?.isHung = false
    }

    // MARK: Daemons

    package func stopNode(_ number: Int) {
        hosts[number - 1].node = nil
        hosts[number - 1].tickAt = nil
        hosts[number - 1].watched = [:]
        for (key, _) in sortedConnections() where key.node == number { connections[key] = nil }
        closeConnections(to: number, isNode: true)
    }

    /// Starts the daemon with what its disk holds.
    package func startNode(_ number: Int, mayVote: Bool = true) {
        hosts[number - 1].life += 1
        let terms = files[number - 1].map { LeaseTerms(promise: $0.promise) } ?? shape.terms
        hosts[number - 1].node = Node(
            settings: settings(number),
            leases: shape.hasWriteAddress ? [(Self.group, terms)] : [],
            state: hosts[number - 1].state, mayVote: mayVote,
            at: hosts[number - 1].time(at: now))
        deliver(.sentinel(.tick), to: number, life: hosts[number - 1].life)
    }

    package func node(_ number: Int) -> Node? { hosts[number - 1].node }

    /// What a node thinks. Only of nodes that run.
    package func sentinel(_ number: Int) -> Sentinel {
        guard let node = hosts[number - 1].node else { preconditionFailure("node is stopped") }
        return node.sentinel
    }

    /// The group as a node sees it. Only of nodes that run.
    package func view(_ number: Int) -> Group { sentinel(number).groups[0] }

    // MARK: Hosts and network

    /// Power off: nothing is reset, nobody answers.
    package func crash(host number: Int) {
        isolate(host: number)
        hosts[number - 1].server?.isRunning = false
        stopNode(number)
        hosts[number - 1].address = AddressModel()
    }

    /// A virtual machine is stopped: its server, its node, its clocks and its kernel's timers.
    package func stop(machine number: Int) {
        hang(server: number)
        hosts[number - 1].stoppedAt = now
    }

    /// It goes on where it stood, and takes in what came meanwhile.
    package func goOn(machine number: Int) {
        guard let since = hosts[number - 1].stoppedAt else { return }
        hosts[number - 1].stoppedAt = nil
        hosts[number - 1].stoodFor = hosts[number - 1].stoodFor + (now - since)
        resume(server: number)
        let waiting = hosts[number - 1].waiting
        hosts[number - 1].waiting = []
        for (event, life) in waiting { deliver(event, to: number, life: life) }
    }

    package func isolate(host number: Int) {
        for other in 1...hosts.count where other != number { cut(number, other) }
    }

    package func heal(host number: Int) {
        for other in 1...hosts.count where other != number { join(number, other) }
    }

    package func cut(_ one: Int, _ other: Int) {
        cuts.insert(Path(from: one, to: other))
        cuts.insert(Path(from: other, to: one))
    }

    package func join(_ one: Int, _ other: Int) {
        cuts.remove(Path(from: one, to: other))
        cuts.remove(Path(from: other, to: one))
    }

    func isReachable(_ from: Int, _ to: Int) -> Bool {
        !cuts.contains(Path(from: from, to: to))
    }

    /// The daemon's link to a server breaks, by a reset on the way.
    package func reset(node number: Int, server: Int) {
        for (key, connection) in sortedConnections()
        where key.node == number && connection.host == server && !connection.isNode {
            connections[key] = nil
            closed(key, .closed)
        }
    }

    // MARK: Address

    /// What a node did with the address, beside announcing it and renewing its lease again and
    /// again, and beside what it did with the server's port.
    package func addressSteps(on number: Int) -> [AddressEvent.Step] {
        addressLog.filter { $0.node == number }.map(\.effect.step)
            .filter {
                ![.announce, .renew, .fence, .unfence, .watch, .probe, .verify].contains($0)
            }
    }

    /// When a node first did this with the address.
    package func firstStep(_ step: AddressEvent.Step, on number: Int) -> Interval? {
        addressLog.first { $0.node == number && $0.effect.step == step }?.at
    }

    /// What a node did with the port of its host's server.
    package func fenceSteps(on number: Int) -> [AddressEvent.Step] {
        addressLog.filter { $0.node == number }.map(\.effect.step)
            .filter { $0 == .fence || $0 == .unfence }
    }

    /// Nodes through whose host a client reaches the write address.
    package var holders: [Int] {
        (1...hosts.count).filter { number in
            let host = hosts[number - 1]
            return host.stoppedAt == nil && host.address.isOpen(at: host.time(at: now))
        }
    }

    /// Somebody removes the address from the interface.
    package func removeAddress(on number: Int) {
        hosts[number - 1].address.isPresent = false
        give(AddressEvent.vanished(group: Self.group), to: number)
    }

    /// Ends the steps that ``AddressModel/holdsSteps`` kept back so far; the next is kept
    /// back again.
    package func finishSteps(on number: Int) {
        let held = hosts[number - 1].address.held
        hosts[number - 1].address.held = []
        for effect in held { finish(effect, number, hosts[number - 1].life) }
    }

    // MARK: What was said

    /// What a node announced since ``settle(_:)``, as it stands in the log; other nodes' and its
    /// own identity by name.
    package func lines(by number: Int? = nil) -> [String] {
        log.filter { number == nil || $0.node == number }.map { readable($0.announcement.line) }
    }

    /// The names of what a node announced, in order.
    package func names(by number: Int) -> [Announcement.Name] {
        log.filter { $0.node == number }.map(\.announcement.name)
    }

    /// When a node announced this first.
    package func firstTime(_ name: Announcement.Name, by number: Int) -> Interval? {
        log.first { $0.node == number && $0.announcement.name == name }?.at
    }

    package func count(_ name: Announcement.Name, by number: Int? = nil) -> Int {
        log.count { $0.announcement.name == name && (number == nil || $0.node == number) }
    }

    package func readable(_ text: String) -> String {
        var words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        for index in words.indices {
            for number in 1...hosts.count where words[index] == Self.nodeID(number).description {
                words[index] = "n\(number)"
            }
        }
        return words.joined(separator: " ")
    }
}
