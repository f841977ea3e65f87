public import MonotonicTime

/// The periods that `SENTINEL DEBUG` shows and sets, in its order.
public enum Period: String, CaseIterable, Sendable {
    case info = "info-period"
    case ping = "ping-period"
    case ask = "ask-period"
    case publish = "publish-period"
    case defaultDownAfter = "default-down-after"
    case defaultFailoverTimeout = "default-failover-timeout"
    case tiltTrigger = "tilt-trigger"
    case tilt = "tilt-period"
    case replicaReconfiguration = "slave-reconf-timeout"
    case reconnection = "min-link-reconnect-period"
    case election = "election-timeout"
    case scriptRunTime = "script-max-runtime"
    case scriptRetryDelay = "script-retry-delay"
}

/// How long each ``Period`` is.
public struct Periods: Equatable, Sendable {
    private var intervals: [Interval]

    /// Sentinel's own (7.2).
    public init() {
        intervals = Period.allCases.map { period in
            switch period {
            case .info, .tiltTrigger: period == .info ? .seconds(10) : .seconds(2)
            case .ping, .ask: .seconds(1)
            case .publish: .seconds(2)
            case .defaultDownAfter, .tilt, .scriptRetryDelay: .seconds(30)
            case .defaultFailoverTimeout: .seconds(180)
            case .replicaReconfiguration, .election: .seconds(10)
            case .reconnection: .seconds(15)
            case .scriptRunTime: .seconds(60)
            }
        }
    }

    public subscript(period: Period) -> Interval {
        get { intervals[Self.index(period)] }
        set { intervals[Self.index(period)] = newValue }
    }

    private static func index(_ period: Period) -> Int {
        Period.allCases.firstIndex(of: period) ?? 0
    }
}
