internal import DropInCore
public import MonotonicTime
internal import RESP

/// The port of a Sentinel: every client's requests go in, replies and orders come out.
///
/// It holds who is connected, who they are and what they may do, and nothing of what the Sentinel
/// knows: that it asks for (``PortSurroundings``). Requests of one client are to be given one by
/// one, and none while ``mayRead(_:now:)`` is false; so replies leave in the order of the
/// requests.
public struct Port: Sendable {
    public internal(set) var settings: PortSettings
    /// In the order of their arrival, which is that of their numbers.
    public internal(set) var clients: [PortClient] = []
    var book = UserBook() {
        didSet { usersRevision += 1 }
    }
    /// Counts changes of users, so that whoever keeps them sees that there is something new.
    public private(set) var usersRevision = 0
    var accessLog = AccessLog()
    public internal(set) var statistics = PortStatistics()
    var pause: Pause?
    var errands: [(ticket: Ticket, errand: Errand)] = []
    var ticketCount = 0
    var effects: [PortEffect] = []

    /// `CLIENT PAUSE`: no requests are read until then.
    struct Pause: Equatable, Sendable {
        var end: Instant
        /// All requests, or only those that write, of which a Sentinel has `PUBLISH` alone.
        var isOfAll: Bool
    }

    public init(_ settings: PortSettings) {
        self.settings = settings
    }

    // MARK: Connections

    /// A connection has come. It is turned away by `.send` and `.close` when there are too many,
    /// or when protected mode forbids it; then it is no client.
    public mutating func arrive(_ arrival: PortClient.Arrival, at now: Moment) -> [PortEffect] {
        statistics.connectionCount += 1
        if clients.count >= settings.clientCountMax {
            statistics.rejectedCount += 1
            return turnAway(arrival.id, "ERR max number of clients reached")
        }
        let isOpen = book.defaultUser.needsNoPassword
        if settings.isProtected, isOpen, !arrival.isLoopback {
            return turnAway(
                arrival.id,
                "DENIED Redis is running in protected mode: clients of other hosts are turned away"
                    + " because protected-mode is yes and the default user has no password. Give it"
                    + " one (requirepass), or say protected-mode no where nobody else reaches this"
                    + " port")
        }
        var client = PortClient(arrival, now: now.monotonic, version: settings.firstVersion)
        client.isAuthenticated = !book.needsAuthentication
        clients.append(client)
        return []
    }

    private func turnAway(_ id: PortClient.ID, _ text: String) -> [PortEffect] {
        [.send(id, .failure(text), settings.firstVersion), .close(id)]
    }

    /// A connection has ended. What it waits for is carried out all the same.
    public mutating func leave(_ id: PortClient.ID) {
        if let index = index(of: id) { clients.remove(at: index) }
    }

    /// Closes clients that have asked nothing for too long. To be asked every few seconds.
    public mutating func closeIdle(at now: Moment) -> [PortEffect] {
        guard settings.idleSecondsMax > 0 else { return [] }
        let silence = Interval.seconds(settings.idleSecondsMax)
        for client in clients
        where !client.isSubscribed && !client.isWaiting && !client.isClosing
            && now.monotonic - client.lastRequestAt > silence
        {
            close(client.id)
        }
        return drain()
    }

    /// Whether the client's next request may be given to ``handle(_:from:at:_:)``.
    public func mayRead(_ id: PortClient.ID, at now: Moment) -> Bool {
        guard let client = self[id], !client.isWaiting, !client.isClosing else { return false }
        return pausedUntil(now) == nil
    }

    /// When requests are read again, if that is held up (`CLIENT PAUSE ALL`).
    public func pausedUntil(_ now: Moment) -> Instant? {
        guard let pause, pause.isOfAll, pause.end > now.monotonic else { return nil }
        return pause.end
    }

    /// Whether the client has shown a password, or needs none; others may send but little.
    public func isAuthenticated(_ id: PortClient.ID) -> Bool {
        self[id].map { !mustAuthenticate($0) } ?? false
    }

    /// Whether whoever connects may do what the default user may, without a password.
    public var isOpenToStrangers: Bool { !book.needsAuthentication }

    func mustAuthenticate(_ client: PortClient) -> Bool {
        book.needsAuthentication && !client.isAuthenticated
    }

    /// The client of that number, if it is connected.
    public subscript(id: PortClient.ID) -> PortClient? {
        index(of: id).map { clients[$0] }
    }

    func index(of id: PortClient.ID) -> Int? {
        var low = 0
        var high = clients.count
        while low < high {
            let middle = low + (high - low) / 2
            if clients[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low < clients.count && clients[low].id == id ? low : nil
    }

    mutating func change(_ id: PortClient.ID, _ change: (inout PortClient) -> Void) {
        if let index = index(of: id) { change(&clients[index]) }
    }

    // MARK: Replies

    mutating func reply(_ id: PortClient.ID, _ value: RESPValue) {
        guard let client = self[id] else { return }
        if value.errorBytes != nil { statistics.errorCount += 1 }
        switch client.answering {
        case .always, .notTheNext: effects.append(.send(id, value, client.version))
        case .never, .notThis: break
        }
    }

    mutating func refuse(_ id: PortClient.ID, _ text: String) {
        reply(id, .failure(text))
    }

    /// Data that is sent whatever `CLIENT REPLY` says.
    mutating func push(_ id: PortClient.ID, _ value: RESPValue) {
        guard let client = self[id] else { return }
        effects.append(.send(id, value, client.version))
    }

    mutating func close(_ id: PortClient.ID) {
        change(id) { $0.isClosing = true }
        effects.append(.close(id))
    }

    mutating func drain() -> [PortEffect] {
        defer { effects = [] }
        return effects
    }

    // MARK: Events

    /// An event of the Sentinel, to whoever subscribed to it.
    public mutating func publish(channel: String, message: String) -> [PortEffect] {
        let channel = Array(channel.utf8)
        let message = Array(message.utf8)
        return clients.lazy.filter(\.isSubscribed).flatMap { client in
            client.messages(channel: channel, message).map {
                PortEffect.send(client.id, $0, client.version)
            }
        }
    }

    /// Bytes that the driver has read or given to sockets.
    public mutating func count(input: Int = 0, output: Int = 0) {
        statistics.inputByteCount += input
        statistics.outputByteCount += output
    }

    /// The log's level was set from elsewhere.
    public mutating func setLogLevel(_ level: LogLevel) {
        settings.logLevel = level
    }
}

/// What the port counts, for `INFO stats`.
public struct PortStatistics: Equatable, Sendable {
    public var connectionCount = 0
    public var rejectedCount = 0
    public var commandCount = 0
    public var errorCount = 0
    /// Counted by the driver.
    public var inputByteCount = 0
    public var outputByteCount = 0

    public init() {}
}
