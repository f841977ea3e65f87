public import Addressing
public import MonotonicTime

/// What is known of one server, by whoever watches it: the balancer itself asks nothing.
public struct ServerReport: Equatable, Sendable {
    public var endpoint: Endpoint
    public var role: ServerRole
    public var condition: ServerCondition
    /// It has all that was acknowledged before then, by the balancer's own clock; `nil` where that
    /// is not known.
    public var dataAsOf: Instant?

    public init(
        endpoint: Endpoint, role: ServerRole, condition: ServerCondition,
        dataAsOf: Instant? = nil
    ) {
        self.endpoint = endpoint
        self.role = role
        self.condition = condition
        self.dataAsOf = dataAsOf
    }
}

/// What a server says it is.
public enum ServerRole: Equatable, Sendable {
    case primary
    case replica
}

/// How a server does.
public enum ServerCondition: Equatable, Sendable {
    /// It answers, and follows its primary at that distance; a primary's own is none.
    case serving(Lag)
    /// It answers, but has had no link to its primary for so long: as all have in a failover.
    case detached(for: Interval)
    /// It reads its data from disk, and answers nothing.
    case loading
    /// It receives its primary's data as a whole, and what it answers is older than that.
    case syncing
    /// It does not answer whoever watches it.
    case unreachable
}

/// How far a replica is behind its primary.
public struct Lag: Equatable, Sendable {
    /// How old its data is: since the primary stood where it stands now.
    public var age: Interval
    /// Of the replication stream, the primary's offset less its own.
    public var byteCount: Int

    public init(age: Interval, byteCount: Int) {
        self.age = age
        self.byteCount = byteCount
    }

    /// No distance at all.
    public static let none = Lag(age: .zero, byteCount: 0)
}
