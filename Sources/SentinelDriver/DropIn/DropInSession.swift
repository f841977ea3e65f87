internal import DropInCore
internal import MonotonicTime
internal import RESP
internal import SentinelCore

/// One connection's conversation with a server or another Sentinel, in the words that Sentinel
/// uses: bytes in, signals and bytes out, no socket.
///
///     unconnected ──greeting──▶ introducing ──a reply──▶ open ──▶ …
///                                    └────── a fault ──────┴────▶ over
///
/// Whatever is answered to `AUTH` is passed over, as Sentinel does: a server that does not let us
/// in answers no `PING`, and is down for that.
struct DropInSession: Conversation {
    typealias Signal = LinkSignal<DropInReply>

    /// What is awaited, in order.
    private enum Awaited {
        /// The answer to what is said first, of which nothing follows.
        case introduction
        case ping
        case report
        case opinion(GroupKey)
        case nothing
    }

    private enum Phase { case unconnected, introducing, open, over }

    private let isSubscription: Bool
    private var scanner = ReplyScanner(limits: LinkSession.limits)
    private var awaited: [Awaited] = []
    private var phase = Phase.unconnected
    /// What is said first, and behind it what was asked before the connection stood.
    private var unsent: [UInt8] = []

    /// `clientNameStem` is `sentinel-` and the first digits of this node's identity.
    init(target: DropInTarget, clientNameStem: String) {
        let login = target.login
        switch target {
        case .commands: isSubscription = false
        case .subscription: isSubscription = true
        }
        if let password = login.password {
            let user = login.user.map { [$0] } ?? []
            append(["AUTH"] + user + [password], names: login.names)
            awaited.append(.introduction)
        }
        let name = clientNameStem + (isSubscription ? "-pubsub" : "-cmd")
        append(["CLIENT", "SETNAME", name], names: login.names)
        awaited.append(.introduction)
        if isSubscription {
            append(["SUBSCRIBE", LinkSession.helloChannel], names: login.names)
        }
    }

    private mutating func append(
        _ words: [String], names: [MasterSettings.RenamedCommand]
    ) {
        unsent += Self.bytes(words, names: names)
    }

    /// A request by the name that the other end knows it by.
    private static func bytes(
        _ words: [String], names: [MasterSettings.RenamedCommand]
    ) -> [UInt8] {
        var words = words
        let word = words[0].lowercased()
        if let command = names.first(where: { $0.original.lowercased() == word }) {
            words[0] = command.renamed
        }
        var bytes: [UInt8] = []
        RESPEncoder.appendRequest(words, to: &bytes)
        return bytes
    }

    mutating func greeting() -> [UInt8] {
        phase = .introducing
        defer { unsent = [] }
        return unsent
    }

    /// The bytes of a request; `nil` while the connection does not stand: they are sent with the
    /// greeting.
    mutating func ask(
        _ request: DropInRequest, names: [MasterSettings.RenamedCommand]
    ) -> [UInt8]? {
        guard phase != .over else { return nil }
        var bytes: [UInt8] = []
        for words in Self.words(request) { bytes += Self.bytes(words, names: names) }
        switch request {
        case .ping: awaited.append(.ping)
        case .info: awaited.append(.report)
        case .askDown(_, _, _, candidate: _, let group): awaited.append(.opinion(group))
        case .publish, .killScript, .promote, .follow, .handOver, .finishHandover,
            .abortHandover:
            for _ in 0..<request.replyCount { awaited.append(.nothing) }
        }
        guard phase == .unconnected else { return bytes }
        unsent += bytes
        return nil
    }

    private static func words(_ request: DropInRequest) -> [[String]] {
        switch request {
        case .ping: [["PING"]]
        case .info: [["INFO"]]
        case .publish(let text): [["PUBLISH", LinkSession.helloChannel, text]]
        case .askDown(let host, let port, let epoch, let candidate, group: _):
            [
                [
                    "SENTINEL", "is-master-down-by-addr", host, String(port), String(epoch),
                    candidate?.description ?? "*",
                ]
            ]
        case .promote: roleChange(["SLAVEOF", "NO", "ONE"])
        case .follow(let host, let port): roleChange(["SLAVEOF", host, String(port)])
        case .killScript: [["SCRIPT", "KILL"]]
        case .handOver(let host, let port, let timeout):
            [
                ["MULTI"], ["CLIENT", "PAUSE", String(timeout.milliseconds), "WRITE"],
                [
                    "FAILOVER", "TO", host, String(port), "TIMEOUT",
                    String(timeout.milliseconds),
                ], ["EXEC"],
            ]
        case .finishHandover:
            [["MULTI"], ["CONFIG", "REWRITE"]] + clientsKilled + [["CLIENT", "UNPAUSE"], ["EXEC"]]
        case .abortHandover: [["FAILOVER", "ABORT"]]
        }
    }

    /// All or nothing: the role, the server's own file, and the clients that must notice.
    private static func roleChange(_ order: [String]) -> [[String]] {
        [["MULTI"], order, ["CONFIG", "REWRITE"]] + clientsKilled + [["EXEC"]]
    }

    private static let clientsKilled = [
        ["CLIENT", "KILL", "TYPE", "normal"], ["CLIENT", "KILL", "TYPE", "pubsub"],
    ]

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
        if phase == .introducing {
            phase = .open
            signals.append(.opened)
        }
        if isSubscription, let parts = value.elements, parts.count == 3 {
            if parts[0].string == "message", let text = parts[2].text {
                signals.append(.heard(text))
            }
            return
        }
        guard !awaited.isEmpty else {
            if !isSubscription {
                finish(.confused("it answered what was not asked"), signals: &signals)
            } else if let reason = value.errorBytes {
                // Nothing is heard here: as good as no link (Sentinel behaviour).
                finish(.denied(String(decoding: reason, as: UTF8.self)), signals: &signals)
            }
            return
        }
        switch awaited.removeFirst() {
        case .introduction: break
        case .ping: signals.append(.replied(Self.pong(value)))
        case .report:
            let report = value.bytes.map { InstanceReport(infoText: $0) }
            signals.append(.replied(report.map(DropInReply.report) ?? .reportRefused))
        case .opinion(let group):
            signals.append(.replied(.down(Self.opinion(value), group: group)))
        case .nothing: signals.append(.replied(.noted(count: 1)))
        }
    }

    private static func pong(_ value: RESPValue) -> DropInReply {
        if value.string?.hasPrefix("PONG") == true { return .pong }
        if value.isError("LOADING") || value.isError("MASTERDOWN") { return .alive }
        return .pongRefused(isBusy: value.isError("BUSY"))
    }

    /// Down or not, the leader or `*`, its epoch; `nil` for anything else.
    private static func opinion(_ value: RESPValue) -> DownAnswer? {
        guard let parts = value.elements, parts.count == 3, let isDown = parts[0].number,
            let leader = parts[1].string, let epoch = parts[2].number, epoch >= 0
        else { return nil }
        return DownAnswer(
            isDown: isDown == 1, leader: RunID(leader), leaderEpoch: Epoch(epoch))
    }
}
