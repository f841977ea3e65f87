internal import Addressing
internal import DropInCore
internal import MonotonicTime
internal import NIOCore
internal import RESP
internal import SentinelPort

/// A Sentinel's port on one event loop: its connections, and between them and the Sentinel
/// ``SentinelPort/Port``.
final class PortServer {
    private var port: Port
    private unowned let service: any PortService
    private let surroundings: ServiceSurroundings
    private let eventLoop: any EventLoop
    /// Told of users when they have changed: the lines of the configuration file, or `nil` when
    /// they have a file of their own.
    var usersChanged: ([String]?) -> Void = { _ in }
    private var seenUsersRevision = -1
    /// By number; the order never matters, since the port names each that it means.
    private var connections: [PortClient.ID: PortConnection] = [:]
    private var connectionCount = 0
    private var resumption: Scheduled<Void>?
    private var idleWatch: Scheduled<Void>?

    init(_ port: Port, service: any PortService, eventLoop: any EventLoop) {
        self.port = port
        self.service = service
        self.eventLoop = eventLoop
        surroundings = ServiceSurroundings(service: service)
    }

    /// An event of the Sentinel, to whoever subscribed to it.
    func publish(channel: String, message: String) {
        apply(port.publish(channel: channel, message: message))
    }

    // MARK: Connections

    /// Puts a new connection to work, or turns it away.
    func accept(_ channel: any Channel) throws {
        connectionCount += 1
        let connection = PortConnection(server: self, id: connectionCount)
        try channel.pipeline.syncOperations.addHandler(connection)
        connections[connectionCount] = connection
        // As Redis shows it: by the file for both ends, whatever the client calls its own.
        let isByFile = channel.localAddress?.pathname != nil
        let arrival = PortClient.Arrival(
            id: connectionCount,
            remote: Self.text(isByFile ? channel.localAddress : channel.remoteAddress),
            local: Self.text(channel.localAddress), descriptor: -1,
            isLoopback: Self.isLoopback(channel.remoteAddress))
        apply(port.arrive(arrival, at: .now()))
    }

    func left(_ id: PortClient.ID) {
        connections[id] = nil
        port.leave(id)
    }

    /// From now on closes connections that are idle for too long, if the file wants that.
    func watchIdle() {
        guard port.settings.idleSecondsMax > 0 else { return }
        idleWatch = eventLoop.assumeIsolated().scheduleTask(in: .seconds(1)) { [weak self] in
            guard let self else { return }
            self.apply(self.port.closeIdle(at: .now()))
            self.watchIdle()
        }
    }

    /// Closes every connection, without a word.
    func closeAll() {
        idleWatch?.cancel()
        resumption?.cancel()
        for connection in connections.values {
            connection.close()
            connection.flush()
        }
    }

    private static func plainHost(_ address: SocketAddress?) -> String? {
        // A dual-stack socket shows IPv4 clients as `::ffff:a.b.c.d`.
        address?.ipAddress.map { $0.hasPrefix("::ffff:") ? String($0.dropFirst(7)) : $0 }
    }

    private static func text(_ address: SocketAddress?) -> String {
        guard let host = plainHost(address), let port = address?.port else {
            return (address?.pathname ?? "?") + ":0"
        }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    private static func isLoopback(_ address: SocketAddress?) -> Bool {
        guard let host = plainHost(address) else { return address?.pathname != nil }
        switch IPAddress(host) {
        case .v4(let address)?: return address.bits >> 24 == 127
        case .v6(let address)?: return address.high == 0 && address.low == 1
        case nil: return false
        }
    }

    // MARK: What connections ask

    func mayRead(_ id: PortClient.ID) -> Bool {
        let now = Moment.now()
        if let end = port.pausedUntil(now) { resume(at: end, now) }
        return port.mayRead(id, at: now)
    }

    /// When a pause ends, everybody goes on.
    private func resume(at end: Instant, _ now: Moment) {
        guard resumption == nil else { return }
        let delay = TimeAmount.nanoseconds((end - now.monotonic).nanoseconds)
        resumption = eventLoop.assumeIsolated().scheduleTask(in: delay) { [weak self] in
            guard let self else { return }
            self.resumption = nil
            for client in self.port.clients { self.connections[client.id]?.proceed() }
        }
    }

    func isAuthenticated(_ id: PortClient.ID) -> Bool { port.isAuthenticated(id) }

    func handle(_ request: [[UInt8]], from id: PortClient.ID) {
        apply(port.handle(request, from: id, at: .now(), surroundings))
    }

    func refuse(_ error: RESPError, from id: PortClient.ID) {
        apply(port.refuse(error, from: id))
    }

    func unreadBytesMax(of id: PortClient.ID) -> Int {
        port[id]?.isSubscribed == true
            ? PortConnection.subscriberBytesMax : PortConnection.unreadBytesMax
    }

    func countInput(_ byteCount: Int) { port.count(input: byteCount) }

    func countOutput(_ byteCount: Int) { port.count(output: byteCount) }

    func log(_ level: LogLevel, _ text: String) { service.log(level, text) }

    // MARK: Effects

    /// Tells of users that have changed since it was last told of them.
    func tellOfUsers() {
        guard port.usersRevision != seenUsersRevision else { return }
        seenUsersRevision = port.usersRevision
        usersChanged(port.settings.usersPath == nil ? port.userLines : nil)
    }

    private func apply(_ effects: [PortEffect]) {
        tellOfUsers()
        var touched: [PortClient.ID] = []
        for effect in effects {
            switch effect {
            case .send(let id, let value, let version):
                connections[id]?.send(value, version: version)
                touched.append(id)
            case .close(let id):
                connections[id]?.close()
                touched.append(id)
            case .order, .ask, .resolve, .saveUsers, .loadUsers:
                forward(effect)
            case .hello(let text): service.receiveHello(text)
            case .setLogLevel(let level): service.setLogLevel(level)
            case .shutDown: service.shutDown()
            case .log(let level, let text): service.log(level, text)
            }
        }
        // Each once, in the order in which they were first meant.
        var done: Set<PortClient.ID> = []
        for id in touched where done.insert(id).inserted { connections[id]?.flush() }
    }

    /// What is answered by the Sentinel, or by a file.
    private func forward(_ effect: PortEffect) {
        switch effect {
        case .order(let order, let ticket):
            service.order(order) { [weak self] outcome in
                self?.settle(ticket) { $0.answer(outcome, to: ticket) }
            }
        case .ask(let question, let ticket):
            service.ask(question) { [weak self] answer in
                self?.settle(ticket) { $0.answer(answer, to: ticket) }
            }
        case .resolve(let name, let ticket):
            service.resolve(name) { [weak self] address in
                self?.settle(ticket) { $0.resolved(address, to: ticket) }
            }
        case .saveUsers(let text, let ticket):
            let isSaved = saveUsers(text)
            settle(ticket) { $0.saved(isSaved, to: ticket) }
        case .loadUsers(let ticket):
            let text = try? port.settings.usersPath.map {
                try DurableFile.bytes(of: $0, byteCountMax: Self.usersBytesMax)
            }
            settle(ticket) { $0.loaded(text ?? nil, to: ticket, surroundings) }
        case .send, .close, .hello, .setLogLevel, .shutDown, .log:
            break
        }
    }

    /// What came of an errand; its client goes on then.
    private func settle(_ ticket: Ticket, _ settle: (inout Port) -> [PortEffect]) {
        let client = port.client(of: ticket)
        apply(settle(&port))
        if let client { connections[client]?.proceed() }
    }

    /// Bytes of a file of users.
    static let usersBytesMax = 4 << 20

    private func saveUsers(_ text: String) -> Bool {
        guard let path = port.settings.usersPath else { return false }
        do throws(DurableFile.Failure) {
            try DurableFile.replace(path, with: Array(text.utf8), mode: 0o600)
            return true
        } catch {
            service.log(.warning, "The file of users was not saved: \(error)")
            return false
        }
    }
}
