internal import Addressing
internal import MonotonicTime
internal import RESP
internal import SentinelCore

/// One connection's conversation with a server or a peer: bytes in, signals and bytes out, no
/// socket.
///
///     greeting ──every handshake reply in──▶ open ──▶ …
///         └────────────── a fault ─────────────┴────▶ over
///
/// Replies come in the order of the requests, so the head of the queue says what a value answers.
struct LinkSession: Conversation {
    typealias Signal = LinkSignal<Reply>

    /// What is awaited, in order.
    private enum Awaited {
        case authentication
        case introduction
        case clientName
        case subscription
        case request(Request)
        case transaction(Transaction)
        /// Settings, one reply each.
        case settings(Transaction)
    }

    /// A promotion or a following: six replies that make one.
    private struct Transaction {
        var sentAt: Instant
        /// Replies to come, `EXEC`'s the last.
        var repliesLeft: Int
        /// The first refusal among the commands; before `EXEC` it aborts it.
        var error: String?
    }

    private enum Phase { case greeting, open, over }

    /// What a server may send before it is taken for broken. The largest honest reply is an
    /// `INFO` of some tens of kilobytes.
    static let limits = RESPLimits(
        lineBytesMax: 64 * 1024, elementCountMax: 1024, bulkBytesMax: 1024 * 1024, depthMax: 8,
        valueBytesMax: 2 * 1024 * 1024)

    /// Requests that may be unanswered: Sentinel's figure. Beyond it requests are withheld, since a
    /// hung server needs no further question to be known as hung.
    static let awaitedCountMax = 100

    /// The channel on which nodes and Sentinels gossip.
    static let helloChannel = "__sentinel__:hello"

    private let target: LinkTarget
    private let handshake: [[String]]
    private let secret: ClusterSecret
    private let nonce: [UInt8]
    /// With a peer that has introduced itself: from then on everything is sealed.
    private var session: PeerSession?
    private var scanner = ReplyScanner(limits: Self.limits)
    private var awaited: [Awaited] = []
    private var phase = Phase.greeting

    /// `credentials` are a server's; `secret` is what peers must know, and never sent. `clientName`
    /// is shown by the server's `CLIENT LIST`. `nonce` was drawn for this connection.
    init(
        target: LinkTarget, clientName: String, credentials: Credentials?, secret: ClusterSecret,
        nonce: [UInt8]
    ) {
        self.target = target
        self.secret = secret
        self.nonce = nonce
        var handshake: [[String]] = []
        switch target {
        case .server, .subscription:
            if let credentials {
                let user = credentials.user.map { [$0] } ?? []
                handshake.append(["AUTH"] + user + [credentials.password])
                awaited.append(.authentication)
            }
        case .peer:
            if secret != .none {
                handshake.append(["BATON", "HELLO", Hexadecimal.text(nonce)])
                awaited.append(.introduction)
            }
        }
        handshake.append(["CLIENT", "SETNAME", clientName])
        awaited.append(.clientName)
        if case .subscription = target {
            handshake.append(["SUBSCRIBE", Self.helloChannel])
            awaited.append(.subscription)
        }
        self.handshake = handshake
    }

    func greeting() -> [UInt8] {
        var bytes: [UInt8] = []
        for words in handshake { RESPEncoder.appendRequest(words, to: &bytes) }
        return bytes
    }

    /// The bytes of a request; `nil` when it is withheld.
    mutating func ask(_ request: Request) -> [UInt8]? {
        guard case .open = phase, awaited.count < Self.awaitedCountMax else { return nil }
        let commands: [[String]]
        switch request {
        case .ping: commands = [["PING"]]
        case .info: commands = [["INFO"]]
        case .publish(let hello): commands = [["PUBLISH", Self.helloChannel, hello.text]]
        case .pauseWrites(let length, _):
            commands = [["CLIENT", "PAUSE", String(length.milliseconds), "WRITE"]]
        case .resumeWrites: commands = [["CLIENT", "UNPAUSE"]]
        case .limitWrites(let limit, let names, let sentAt):
            return settings(limit, names, sentAt: sentAt)
        case .tell(let message, _): commands = [PeerWire.request(message)]
        case .promote(let sentAt):
            return transaction(["SLAVEOF", "NO", "ONE"], sentAt: sentAt)
        case .follow(let primary, let sentAt):
            return transaction(
                ["SLAVEOF", primary.address.description, String(primary.port)], sentAt: sentAt)
        }
        awaited.append(.request(request))
        let bytes = Self.bytes(commands)
        guard let tag = session?.seal(bytes) else { return bytes }
        return Self.bytes([PeerWire.sealed(bytes, tag: tag)])
    }

    /// All or nothing, as Sentinel sends it: the role, the server's own file, and the clients that
    /// must notice.
    private mutating func transaction(_ order: [String], sentAt: Instant) -> [UInt8] {
        let commands = [
            ["MULTI"], order, ["CONFIG", "REWRITE"], ["CLIENT", "KILL", "TYPE", "normal"],
            ["CLIENT", "KILL", "TYPE", "pubsub"], ["EXEC"],
        ]
        awaited.append(.transaction(Transaction(sentAt: sentAt, repliesLeft: commands.count)))
        return Self.bytes(commands)
    }

    /// The lag first, so that writes are never refused by another figure than is wanted.
    private mutating func settings(
        _ limit: WriteLimit, _ names: WriteLimit.Names, sentAt: Instant
    ) -> [UInt8] {
        let stem =
            switch names {
            case .replicas: "min-replicas"
            case .slaves: "min-slaves"
            }
        var commands = [["CONFIG", "SET", stem + "-to-write", String(limit.replicas)]]
        if let lag = limit.lagSeconds {
            commands.insert(["CONFIG", "SET", stem + "-max-lag", String(lag)], at: 0)
        }
        awaited.append(.settings(Transaction(sentAt: sentAt, repliesLeft: commands.count)))
        return Self.bytes(commands)
    }

    private static func bytes(_ commands: [[String]]) -> [UInt8] {
        var bytes: [UInt8] = []
        for words in commands { RESPEncoder.appendRequest(words, to: &bytes) }
        return bytes
    }

    mutating func receive(_ unread: RawSpan, signals: inout [Signal]) -> Int {
        var offset = 0
        while phase != .over {
            let rest = unread.extracting(offset..<unread.byteCount)
            do throws(RESPError) {
                switch try scanner.scan(rest) {
                case .needsMore(let consumed):
                    return offset + consumed
                case .value(let value, let consumed):
                    offset += consumed
                    take(value, signals: &signals)
                }
            } catch {
                finish(.confused(Self.explain(error, rest)), signals: &signals)
            }
        }
        return unread.byteCount
    }

    private mutating func finish(_ failure: LinkFailure, signals: inout [Signal]) {
        phase = .over
        signals.append(.broken(failure))
    }

    private static func explain(_ error: RESPError, _ bytes: RawSpan) -> String {
        let opening = Array("HTTP/".utf8)
        let isHTTP =
            bytes.byteCount >= opening.count
            && opening.indices.allSatisfy {
                bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) == opening[$0]
            }
        return isHTTP ? "an HTTP server answers on this port" : error.description
    }

    private mutating func take(_ value: RESPValue, signals: inout [Signal]) {
        if case .subscription = target, let text = Self.published(value) {
            if let text { signals.append(.heard(text)) }
            return
        }
        guard !awaited.isEmpty else {
            finish(.confused("it answered what was not asked"), signals: &signals)
            return
        }
        switch awaited[0] {
        case .authentication, .introduction, .clientName, .subscription:
            takeHandshake(value, signals: &signals)
        case .request(let request):
            awaited.removeFirst()
            if session == nil {
                answer(request, value, signals: &signals)
            } else if let value = unsealed(value) {
                answer(request, value, signals: &signals)
            } else {
                let text = value.errorBytes.map { String(decoding: $0, as: UTF8.self) }
                finish(.denied(text ?? Self.notSealed), signals: &signals)
            }
        case .transaction(let transaction):
            advance(transaction, value, signals: &signals)
        case .settings(let transaction):
            advanceSettings(transaction, value, signals: &signals)
        }
    }

    private static let notSealed = "its answer is not sealed with this cluster's secret"

    /// What a peer says under its seal; `nil` when that is not the peer's.
    private mutating func unsealed(_ value: RESPValue) -> RESPValue? {
        guard let (bytes, tag) = PeerWire.unsealed(value),
            session?.accepts(bytes, tag: tag) == true
        else { return nil }
        var inner = ReplyScanner(limits: Self.limits)
        guard case .value(let reply, bytes.count)? = try? inner.scan(bytes.span.bytes) else {
            return nil
        }
        return reply
    }

    /// A message on a channel: its text, repaired, when it is the hello channel's; `nil` inside
    /// when it is another's. `nil` outside when the value is no message.
    private static func published(_ value: RESPValue) -> String?? {
        guard let parts = value.elements, parts.count == 3, parts[0].string == "message" else {
            return nil
        }
        return .some(parts[1].string == helloChannel ? parts[2].text : nil)
    }

    private mutating func takeHandshake(_ value: RESPValue, signals: inout [Signal]) {
        if let text = value.errorBytes.map({ String(decoding: $0, as: UTF8.self) }),
            let failure = refusal(awaited[0], text, value)
        {
            finish(failure, signals: &signals)
            return
        }
        if case .introduction = awaited[0], let objection = introduce(value) {
            return finish(.denied(objection), signals: &signals)
        }
        awaited.removeFirst()
        if awaited.isEmpty {
            phase = .open
            signals.append(.opened)
        }
    }

    /// The peer's nonce makes the session; `nil` when it has shown that it knows the secret.
    private mutating func introduce(_ value: RESPValue) -> String? {
        guard case .shared(let secret) = secret, case .peer(let endpoint) = target,
            let (other, proof) = PeerWire.introduction(value),
            let session = PeerSession(
                secret: secret, askingNonce: nonce, answeringNonce: other,
                answerer: endpoint.address, side: .asking)
        else { return "its introduction is none" }
        guard session.proof == proof else { return "it has another secret, or another address" }
        self.session = session
        return nil
    }

    /// What an error in the handshake means; `nil` when the link may be used all the same.
    private func refusal(_ step: Awaited, _ text: String, _ value: RESPValue) -> LinkFailure? {
        // DENIED: protected mode, said before anything was asked.
        if value.isError("NOAUTH") || value.isError("DENIED") { return .denied(text) }
        switch step {
        case .authentication:
            // "ERR … without any password configured" (Redis 6 and later) and "ERR Client sent
            // AUTH, but no password is set": a server that asks for none is served as Sentinel
            // serves it.
            return value.isError("ERR") ? nil : .denied(text)
        case .introduction:
            return .denied(text)
        case .clientName:
            return nil  // Only for the eyes of people.
        case .subscription:
            return value.isError("NOPERM") ? .denied(text) : .confused(text)
        case .request, .transaction, .settings:
            return nil
        }
    }

    private mutating func advance(
        _ transaction: Transaction, _ value: RESPValue, signals: inout [Signal]
    ) {
        var transaction = transaction
        transaction.repliesLeft -= 1
        let error = value.errorBytes.map { String(decoding: $0, as: UTF8.self) }
        guard transaction.repliesLeft == 0 else {
            transaction.error = transaction.error ?? error
            awaited[0] = .transaction(transaction)
            return
        }
        awaited.removeFirst()
        // Of what ran, only the change of role counts: a server without a configuration file
        // refuses CONFIG REWRITE, and nothing is wrong with it.
        let failure: String?
        if let error {
            failure = transaction.error ?? error
        } else if let results = value.elements, let first = results.first {
            failure = first.errorBytes.map { String(decoding: $0, as: UTF8.self) }
        } else {
            failure = "EXEC ran nothing"
        }
        signals.append(.replied(.reconfigured(sentAt: transaction.sentAt, error: failure)))
    }

    private mutating func advanceSettings(
        _ settings: Transaction, _ value: RESPValue, signals: inout [Signal]
    ) {
        var settings = settings
        settings.repliesLeft -= 1
        let error = value.errorBytes.map { String(decoding: $0, as: UTF8.self) }
        settings.error = settings.error ?? error
        guard settings.repliesLeft == 0 else {
            awaited[0] = .settings(settings)
            return
        }
        awaited.removeFirst()
        signals.append(.replied(.limited(sentAt: settings.sentAt, error: settings.error)))
    }

    private mutating func answer(
        _ request: Request, _ value: RESPValue, signals: inout [Signal]
    ) {
        switch request {
        case .ping(let sentAt):
            signals.append(.replied(Self.pong(value, sentAt: sentAt)))
        case .info(let sentAt):
            signals.append(.replied(Self.report(value, sentAt: sentAt)))
        case .publish:
            signals.append(.replied(.published))
        case .tell(_, let sentAt):
            tellAnswered(value, sentAt: sentAt, signals: &signals)
        case .pauseWrites(_, let sentAt):
            let error = value.errorBytes.map { String(decoding: $0, as: UTF8.self) }
            signals.append(.replied(.paused(sentAt: sentAt, error: error)))
        case .resumeWrites(let sentAt):
            signals.append(.replied(.resumed(sentAt: sentAt)))
        case .promote, .follow, .limitWrites:
            break  // Awaited as transactions and settings.
        }
    }

    private static func pong(_ value: RESPValue, sentAt: Instant) -> Reply {
        // A subscribed connection answers with an array.
        let word = (value.elements?.first ?? value).string
        if word?.lowercased() == "pong" || value.isError("LOADING") || value.isError("MASTERDOWN") {
            return .pong(sentAt: sentAt)
        }
        return .pongRefused(sentAt: sentAt, error: value.text ?? "not an answer to PING")
    }

    private static func report(_ value: RESPValue, sentAt: Instant) -> Reply {
        if let bytes = value.bytes, let report = ServerReport(infoText: bytes) {
            return .report(sentAt: sentAt, report)
        }
        let error = value.errorBytes.map { String(decoding: $0, as: UTF8.self) }
        return .reportRefused(sentAt: sentAt, error: error ?? "INFO says no role of a server")
    }

    private mutating func tellAnswered(
        _ value: RESPValue, sentAt: Instant, signals: inout [Signal]
    ) {
        if let reply = PeerWire.reply(value) {
            signals.append(.replied(.peer(reply, sentAt: sentAt)))
        } else if let error = value.errorBytes {
            let text = String(decoding: error, as: UTF8.self)
            let isDenial = value.isError("NOAUTH") || value.isError("NOPERM")
            finish(isDenial ? .denied(text) : .confused(text), signals: &signals)
        } else {
            finish(.confused("its answer to BATON is none"), signals: &signals)
        }
    }
}
