/// How many of the writes that clients were told were done a failover may cost.
public enum WriteSafety: Equatable, Sendable {
    /// As many as the replicas are behind: a primary takes writes though no replica hears it.
    case asynchronous
    /// Those of at most so many seconds: a primary refuses writes while no replica hears it. At
    /// least ``secondsMin``.
    case bounded(seconds: Int)

    /// Redis counts whole seconds and looks once a second, so a primary stops at the latest
    /// `min-replicas-max-lag` + 2 s after it last heard a replica; a replica speaks once a second,
    /// so that less than 1 would refuse writes all the time.
    public static let secondsMin = 3
    /// From here on a replica may be late for a moment without a refusal.
    public static let secondsCalm = 4
    /// More would bound nothing that an operator means.
    public static let secondsMax = 3600

    /// What the servers are told.
    var limit: WriteLimit {
        switch self {
        case .asynchronous: WriteLimit(replicas: 0, lagSeconds: nil)
        case .bounded(let seconds): WriteLimit(replicas: 1, lagSeconds: seconds - 2)
        }
    }

    /// The declared bound; `nil` where there is none.
    public var boundSeconds: Int? {
        switch self {
        case .asynchronous: nil
        case .bounded(let seconds): seconds
        }
    }
}

/// `min-replicas-to-write` and `min-replicas-max-lag`.
public struct WriteLimit: Equatable, Sendable {
    /// How many replicas must hear a primary for it to take writes; 0: none.
    public var replicas: Int
    /// How long the last word of a replica counts; `nil`: as the server has it.
    public var lagSeconds: Int?

    /// Servers before Redis 5 know them as `min-slaves-…` only.
    public enum Names: Equatable, Sendable {
        case replicas
        case slaves
    }

    public init(replicas: Int, lagSeconds: Int?) {
        self.replicas = replicas
        self.lagSeconds = lagSeconds
    }
}
