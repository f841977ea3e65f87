internal import Addressing
internal import ObserverCore
internal import RESP
internal import SentinelCore

/// One connection of an observer. It asks what any client may ask, so that every Sentinel and every
/// server understands it.
///
///     greeting ──every handshake reply in──▶ open ──▶ …
///         └────────────── a fault ─────────────┴────▶ over
struct ObserverSession: Conversation {
    enum Signal: Equatable, ConversationSignal {
        case opened
        case said(ObserverEvent)
        case broken(LinkFailure)

        var isOpening: Bool { self == .opened }

        var failure: LinkFailure? {
            switch self {
            case .broken(let failure): failure
            case .opened, .said: nil
            }
        }
    }

    /// What is awaited, in order.
    private enum Awaited: Equatable {
        case authentication
        case clientName
        case subscription
        case report
        case primary
        case replicas
    }

    private enum Phase { case greeting, open, over }

    /// A real Sentinel never says the last two.
    static let channels =
        stirringChannels + [
            Announcement.Name.switchoverBegin.rawValue, Announcement.Name.abortHandover.rawValue,
        ]

    /// After which of a node's events the configuration is asked for anew.
    private static let stirringChannels = [
        "+switch-master", "+config-update-from", "+failover-end", "+slave", "+odown", "-odown",
    ]

    private let target: ObserverTarget
    private let group: String
    private let handshake: [[String]]
    private var scanner = ReplyScanner(limits: LinkSession.limits)
    private var awaited: [Awaited] = []
    private var phase = Phase.greeting

    /// `credentials` are the servers'. `clientName` is shown by a server's `CLIENT LIST`.
    init(
        target: ObserverTarget, group: String, clientName: String, credentials: Credentials?
    ) {
        self.target = target
        self.group = group
        var handshake: [[String]] = []
        switch target {
        case .server:
            if let credentials {
                let user = credentials.user.map { [$0] } ?? []
                handshake.append(["AUTH"] + user + [credentials.password])
                awaited.append(.authentication)
            }
            handshake.append(["CLIENT", "SETNAME", clientName])
            awaited.append(.clientName)
        case .node:
            // Sentinels before Redis 6.2 know no CLIENT; every one knows PING.
            handshake.append(["PING"])
            awaited.append(.clientName)
        case .events:
            handshake.append(["SUBSCRIBE"] + Self.channels)
            awaited += Self.channels.map { _ in .subscription }
        }
        self.handshake = handshake
    }

    func greeting() -> [UInt8] { Self.bytes(handshake) }

    /// The question that is asked of this kind of target; `nil` while it can't be.
    mutating func ask() -> [UInt8]? {
        guard phase == .open else { return nil }
        switch target {
        case .server:
            awaited.append(.report)
            return Self.bytes([["INFO"]])
        case .node:
            awaited += [.primary, .replicas]
            return Self.bytes([["SENTINEL", "MASTER", group], ["SENTINEL", "SLAVES", group]])
        case .events:
            return nil
        }
    }

    private static func bytes(_ commands: [[String]]) -> [UInt8] {
        var bytes: [UInt8] = []
        for words in commands { RESPEncoder.appendRequest(words, to: &bytes) }
        return bytes
    }

    mutating func receive(_ unread: RawSpan, signals: inout [Signal]) -> Int {
        var offset = 0
        while phase != .over {
            do throws(RESPError) {
                switch try scanner.scan(unread.extracting(offset..<unread.byteCount)) {
                case .needsMore(let consumed):
                    return offset + consumed
                case .value(let value, let consumed):
                    offset += consumed
                    take(value, signals: &signals)
                }
            } catch {
                finish(.confused(error.description), signals: &signals)
            }
        }
        return unread.byteCount
    }

    private mutating func finish(_ failure: LinkFailure, signals: inout [Signal]) {
        phase = .over
        signals.append(.broken(failure))
    }

    private mutating func take(_ value: RESPValue, signals: inout [Signal]) {
        if awaited.isEmpty, case .events(let endpoint) = target {
            if let event = event(value, by: endpoint) { signals.append(.said(event)) }
            return
        }
        guard !awaited.isEmpty else {
            return finish(.confused("it answered what was not asked"), signals: &signals)
        }
        switch awaited.removeFirst() {
        case .authentication:
            // "ERR": a server that asks for no password is served all the same.
            if let error = value.errorBytes, !value.isError("ERR") {
                return finish(.denied(String(decoding: error, as: UTF8.self)), signals: &signals)
            }
            opens(&signals)
        case .clientName, .subscription:
            if let error = value.errorBytes, Self.isRefusal(value, error) {
                return finish(.denied(String(decoding: error, as: UTF8.self)), signals: &signals)
            }
            opens(&signals)
        case .report:
            takeReport(value, signals: &signals)
        case .primary:
            guard case .node(let endpoint) = target else { return }
            signals.append(.said(.claimed(endpoint, Self.claim(value))))
        case .replicas:
            guard case .node(let endpoint) = target else { return }
            let replicas = (value.elements ?? []).prefix(Self.replicasMax)
            signals.append(
                .said(.listed(endpoint, replicas.compactMap { Self.endpoint(Self.fields($0)) })))
        }
    }

    /// Nothing that is asked would be answered.
    private static func isRefusal(_ value: RESPValue, _ error: [UInt8]) -> Bool {
        value.isError("NOAUTH") || value.isError("DENIED")
            || error.starts(with: "ERR max number of clients".utf8)
    }

    /// A node may list more than is followed.
    private static let replicasMax = 256

    private mutating func opens(_ signals: inout [Signal]) {
        guard awaited.isEmpty else { return }
        phase = .open
        signals.append(.opened)
    }

    private mutating func takeReport(_ value: RESPValue, signals: inout [Signal]) {
        guard case .server(let endpoint) = target else { return }
        if let bytes = value.bytes, let report = ServerReport(infoText: bytes) {
            signals.append(.said(.reported(endpoint, report)))
        } else {
            let text = value.errorBytes.map { String(decoding: $0, as: UTF8.self) }
            finish(.denied(text ?? "INFO says no role of a server"), signals: &signals)
        }
    }

    /// What a message on a channel means for the group; `nil` when it is about another.
    private func event(_ value: RESPValue, by node: Endpoint) -> ObserverEvent? {
        guard let parts = value.elements, parts.count == 3, parts[0].string == "message",
            let channel = parts[1].string, let text = parts[2].text
        else { return nil }
        let words = text.split(separator: " ")
        if channel == Announcement.Name.switchoverBegin.rawValue {
            guard isMaster(words), let primary = Self.endpoint(words[2], words[3]) else {
                return nil
            }
            return .moveAnnounced(by: node, from: primary)
        }
        if channel == Announcement.Name.abortHandover.rawValue {
            return isMaster(words) ? .moveCalledOff(by: node) : nil
        }
        // It names the group as a word of its own, after `master` or at the beginning.
        return words.contains { $0 == group } ? .stirred(node) : nil
    }

    /// `master NAME IP PORT …`, of this group.
    private func isMaster(_ words: [Substring]) -> Bool {
        words.count >= 4 && words[0] == "master" && words[1] == group
    }

    private static func claim(_ value: RESPValue) -> Claim? {
        let fields = fields(value)
        guard let primary = endpoint(fields), let word = fields["config-epoch"],
            let epoch = Epoch(word)
        else { return nil }
        return Claim(primary: primary, epoch: epoch)
    }

    private static func endpoint(_ fields: [String: String]) -> Endpoint? {
        guard let word = fields["ip"], let number = fields["port"] else { return nil }
        return endpoint(word[...], number[...])
    }

    private static func endpoint(_ word: Substring, _ number: Substring) -> Endpoint? {
        guard let address = IPAddress(word), let port = UInt16(number), port > 0 else {
            return nil
        }
        return Endpoint(address: address, port: port)
    }

    /// Names and values in turn. Looked up by name only: their order reaches nothing.
    private static func fields(_ value: RESPValue) -> [String: String] {
        guard let parts = value.elements else { return [:] }
        var fields: [String: String] = [:]
        for index in stride(from: 0, to: parts.count - 1, by: 2) {
            guard let name = parts[index].string else { continue }
            fields[name] = parts[index + 1].string
        }
        return fields
    }
}
