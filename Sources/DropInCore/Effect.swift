public import Addressing
public import MonotonicTime
public import SentinelCore

/// What a link is for.
public enum DropInTarget: Equatable, Sendable {
    /// Commands to a server or to another Sentinel.
    case commands(Endpoint, Login)
    /// A second connection to a server, subscribed to the hello channel.
    case subscription(Endpoint, Login)

    public var endpoint: Endpoint {
        switch self {
        case .commands(let endpoint, _), .subscription(let endpoint, _): endpoint
        }
    }

    public var login: Login {
        switch self {
        case .commands(_, let login), .subscription(_, let login): login
        }
    }
}

/// What is said first on a link.
public struct Login: Equatable, Sendable {
    /// `nil` is the default user.
    public var user: String?
    /// `nil`: no `AUTH`.
    public var password: String?
    /// Commands that the other end knows by other names.
    public var names: [MasterSettings.RenamedCommand]

    public init(
        user: String? = nil, password: String? = nil, names: [MasterSettings.RenamedCommand] = []
    ) {
        self.user = user
        self.password = password
        self.names = names
    }
}

/// What is sent over a link. May be given before the link stands: it is sent then. Replies come in
/// the order of the requests.
public enum DropInRequest: Equatable, Sendable {
    case ping
    case info
    /// `PUBLISH __sentinel__:hello` with this text.
    case publish(String)
    /// `SENTINEL is-master-down-by-addr`; the host is as others are told it.
    indirect case askDown(host: String, port: UInt16, Epoch, candidate: RunID?, group: GroupKey)
    /// `MULTI; SLAVEOF NO ONE; CONFIG REWRITE; CLIENT KILL TYPE normal|pubsub; EXEC`.
    case promote
    /// The same with `SLAVEOF host port`.
    case follow(host: String, port: UInt16)
    /// `SCRIPT KILL`.
    case killScript
    /// `MULTI; CLIENT PAUSE … WRITE; FAILOVER TO host port TIMEOUT …; EXEC`, to a primary.
    case handOver(host: String, port: UInt16, timeout: Interval)
    /// `MULTI; CONFIG REWRITE; CLIENT KILL TYPE normal|pubsub; CLIENT UNPAUSE; EXEC`.
    case finishHandover
    /// `FAILOVER ABORT`.
    case abortHandover

    /// How many replies come.
    public var replyCount: Int {
        switch self {
        case .ping, .info, .publish, .askDown, .killScript, .abortHandover: 1
        case .handOver: 4
        case .promote, .follow, .finishHandover: 6
        }
    }
}

/// Everything that ``DropIn`` can want done. Carried out in the order of the list.
public enum DropInEffect: Equatable, Sendable {
    /// Connect. ``DropInEvent/linkClosed(_:_:)`` comes when that fails or when it ends.
    indirect case open(LinkID, DropInTarget)
    /// Close; the core has forgotten the link already.
    case close(LinkID)
    /// The last are commands that the other end knows by other names.
    case request(LinkID, DropInRequest, names: [MasterSettings.RenamedCommand])
    /// Answered by ``DropInEvent/resolved(_:_:)``.
    case resolve(String)
    /// The answer to ``DropInEvent/asked(_:_:)``.
    indirect case answer(QueryID, DownAnswer)
    /// The answer to ``DropInEvent/ordered(_:_:)``.
    case outcome(QueryID, OrderOutcome)
    /// Make this durable, then report ``DropInEvent/persisted(sequence:)``. There is at most one
    /// at a time.
    indirect case persist(Ledger, GlobalSettings, sequence: UInt64)
    /// Publish on the channel of the event's name where it is published, and log.
    indirect case announce(Announcement)
    /// Log Sentinel's line that no failover is started before so long from now.
    case announceDelay(Interval)
    /// Start a program; answered by ``DropInEvent/scriptStarted(_:processID:)`` and, when it has
    /// ended or could not be started, ``DropInEvent/scriptEnded(_:_:)``.
    indirect case runScript(ScriptID, path: String, arguments: [String])
    /// Kill it.
    case killScript(ScriptID)
    /// End the process with exit code 99, at once (`SENTINEL SIMULATE-FAILURE`).
    case crash
}
