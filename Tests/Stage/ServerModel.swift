package import Addressing
import NodeCore
package import SentinelCore

/// A Redis server, as far as a node can tell.
package struct ServerModel {
    package let endpoint: Endpoint
    package internal(set) var isRunning = true
    /// Stopped by SIGSTOP: connections are accepted, nothing is answered.
    package internal(set) var isHung = false
    package var runID: RunID
    package var processID: Int32
    package var role: ServerReport.Role
    /// The replication history that it holds.
    package var history: RunID
    /// The history before the promotion, and how far it is shared.
    package var formerHistory: RunID?
    package var formerOffset: UInt64?
    package var offset: UInt64 = 1000
    package var priority = 100
    package var version = "7.0.15"
    package var isLoading = false
    /// It keeps what it sends to replicas: since the first of them attached.
    package var hasBacklog = true
    /// Told to pause writes.
    package internal(set) var isPaused = false
    package var isSyncing = false
    /// It has the data of the server that it follows.
    package var isSynced = true
    package var linkDownSeconds = 0
    /// It has had a link since its process began.
    package var hasFollowed = true
    /// `min-replicas-to-write` and `-max-lag`, as it was last told or as a test has them.
    package var limit = WriteLimit(replicas: 0, lagSeconds: nil)
    /// What it answers to `CONFIG SET` by the names of the present, and by the former ones.
    package var limitError: String?
    package var oldLimitError: String?
    /// What it answers to PING, to INFO and to an order to change its role, when not as it should.
    package var pingError: String?
    package var infoError: String?
    package var orderError: String?
    /// Addresses that it lists as replicas beside the real ones.
    package var attachedToo: [Endpoint] = []
    /// Grows with each start.
    var life = 0

    init(
        endpoint: Endpoint, runID: RunID, processID: Int32, role: ServerReport.Role, history: RunID
    ) {
        self.endpoint = endpoint
        self.runID = runID
        self.processID = processID
        self.role = role
        self.history = history
    }

    package var isPrimary: Bool { role == .primary }
}

extension Stage {
    /// What the server of a host says of itself now.
    package func report(_ number: Int) -> ServerReport? {
        guard let server = hosts[number - 1].server else { return nil }
        var report = ServerReport(role: server.role)
        report.runID = server.runID
        report.processID = server.processID
        report.replicationID = server.history
        report.formerReplicationID = server.formerHistory
        report.formerOffset = server.formerOffset
        report.offset = server.offset
        report.priority = server.priority
        report.isLoading = server.isLoading
        report.hasBacklog = server.hasBacklog
        report.isSyncing = server.isSyncing
        report.version = server.version
        if server.limit.replicas > 0 {
            report.goodReplicas = hosts.compactMap(\.server).count {
                $0.isRunning && $0.isSynced && $0.role == .replica(of: server.endpoint)
            }
        }
        switch server.role {
        case .primary:
            for replica in hosts.compactMap(\.server)
            where replica.isRunning && replica.role == .replica(of: server.endpoint) {
                report.attached.append(.init(endpoint: replica.endpoint, offset: replica.offset))
            }
            report.attached += server.attachedToo.map { .init(endpoint: $0, offset: 0) }
        case .replica(let followed):
            report.isLinkUp = server.isSynced && isReplicating(number, from: followed)
            report.linkDownSeconds = report.isLinkUp ? 0 : server.linkDownSeconds
            report.hasFollowed = server.hasFollowed
        }
        return report
    }

    private func isReplicating(_ number: Int, from followed: Endpoint) -> Bool {
        guard let other = host(of: followed), let server = hosts[other - 1].server else {
            return false
        }
        return server.endpoint == followed && server.isRunning && !server.isHung
            && isReachable(number, other)
    }

    /// An acknowledged write of so many bytes, replicated at once to whoever is in contact.
    package func write(to number: Int, bytes: UInt64) {
        guard let endpoint = hosts[number - 1].server?.endpoint else { return }
        hosts[number - 1].server?.offset += bytes
        for other in 1...hosts.count where hosts[other - 1].server?.role == .replica(of: endpoint) {
            if hosts[other - 1].server?.isSynced == true, isReplicating(other, from: endpoint) {
                hosts[other - 1].server?.offset += bytes
            }
        }
    }

    /// `nil` when nothing comes back.
    func serve(_ request: Request, on number: Int, for key: ConnectionKey) -> Reply? {
        guard let server = hosts[number - 1].server else { return nil }
        switch request {
        case .ping(let sentAt):
            guard let error = server.pingError else { return .pong(sentAt: sentAt) }
            return .pongRefused(sentAt: sentAt, error: error)
        case .info(let sentAt):
            if let error = server.infoError {
                return .reportRefused(sentAt: sentAt, error: error)
            }
            return report(number).map { .report(sentAt: sentAt, $0) }
        case .publish(let hello):
            publish(hello.text, on: number)
            return .published
        case .promote(let sentAt):
            if server.orderError == nil { promote(number, sparing: key) }
            return .reconfigured(sentAt: sentAt, error: server.orderError)
        case .follow(let primary, let sentAt):
            if server.orderError == nil { follow(number, primary, sparing: key) }
            return .reconfigured(sentAt: sentAt, error: server.orderError)
        case .pauseWrites(_, let sentAt):
            hosts[number - 1].server?.isPaused = server.orderError == nil
            return .paused(sentAt: sentAt, error: server.orderError)
        case .resumeWrites(let sentAt):
            hosts[number - 1].server?.isPaused = false
            return .resumed(sentAt: sentAt)
        case .limitWrites(let limit, let names, let sentAt):
            let error =
                switch names {
                case .replicas: server.limitError
                case .slaves: server.oldLimitError
                }
            if error == nil { hosts[number - 1].server?.limit = limit }
            return .limited(sentAt: sentAt, error: error)
        case .tell:
            return nil
        }
    }

    /// Somebody publishes a text on the hello channel of a server.
    package func publish(_ text: String, on number: Int) {
        for (key, connection) in sortedConnections()
        where connection.host == number && connection.isSubscription {
            after(delay) { [self] in
                guard connections[key] != nil, isReachable(number, key.node) else { return }
                deliver(.sentinel(.heard(key.link, text)), to: key.node, life: key.life)
            }
        }
    }

    private func promote(_ number: Int, sparing key: ConnectionKey) {
        guard let server = hosts[number - 1].server, !server.isPrimary else { return }
        hosts[number - 1].server?.role = .primary
        hosts[number - 1].server?.formerHistory = server.history
        hosts[number - 1].server?.formerOffset = server.offset
        hosts[number - 1].server?.history = identity()
        closeConnections(to: number, isNode: false, sparing: key)
    }

    private func follow(_ number: Int, _ primary: Endpoint, sparing key: ConnectionKey) {
        pointServer(number, at: primary)
        closeConnections(to: number, isNode: false, sparing: key)
    }

    /// `REPLICAOF`: the data comes after ``syncDelay``.
    package func pointServer(_ number: Int, at primary: Endpoint) {
        hosts[number - 1].server?.role = .replica(of: primary)
        hosts[number - 1].server?.isSynced = false
        after(syncDelay) { [self] in
            guard let other = host(of: primary), let source = hosts[other - 1].server,
                source.isRunning, hosts[number - 1].server?.role == .replica(of: primary)
            else { return }
            hosts[number - 1].server?.isSynced = true
            hosts[number - 1].server?.offset = source.offset
            hosts[number - 1].server?.history = source.history
            hosts[number - 1].server?.formerHistory = source.formerHistory
            hosts[number - 1].server?.formerOffset = source.formerOffset
        }
    }
}
