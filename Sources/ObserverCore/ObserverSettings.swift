public import Addressing
public import MonotonicTime

/// What an observer of one group is told once.
public struct ObserverSettings: Equatable, Sendable {
    /// The group's name, as its nodes know it.
    public var group: String
    /// The primary that the configuration names: where the search for the present one begins.
    public var primary: Endpoint
    /// Where the group's nodes listen: Baton's, or any Sentinel's.
    public var nodes: [Endpoint]
    /// Addresses that are a service's and no server's: what is seen by one is not followed.
    public var virtualAddresses: [IPAddress]
    /// A server that has not answered for so long is down. At least 100 ms.
    public var downAfter: Interval

    /// Between two questions to a server: lag, and how new data is, are known no better than
    /// this. 50 to 500 ms.
    public var reportPeriod: Interval
    /// Whether to tell how new each server's data is, which is something new with every report.
    public var tellsDataAsOf: Bool

    public init(
        group: String, primary: Endpoint, nodes: [Endpoint], virtualAddresses: [IPAddress] = [],
        downAfter: Interval = .seconds(1), reportPeriod: Interval = .milliseconds(500),
        tellsDataAsOf: Bool = false
    ) {
        self.group = group
        self.primary = primary
        self.nodes = nodes
        self.virtualAddresses = virtualAddresses
        self.downAfter = max(downAfter, .milliseconds(100))
        self.tellsDataAsOf = tellsDataAsOf
        self.reportPeriod = min(max(reportPeriod, .milliseconds(50)), .milliseconds(500))
    }
}

/// When an observer does what nobody asked it for.
enum ObserverRhythm {
    /// Between two questions to a server while the primary is unknown, down, or new.
    static let hurriedPeriod = Interval.milliseconds(50)
    /// For so long after a change there is hurry.
    static let hurry = Interval.seconds(3)
    /// Between two questions to a node, in case that its events were lost.
    static let claimPeriod = Interval.seconds(1)
    /// A server whose connection was lost is down unless another is made within this.
    static let reconnectMax = Interval.milliseconds(200)
    /// Between two attempts to connect.
    static let retryPeriod = Interval.milliseconds(500)
    /// A group has three servers, or five; more than this are not followed.
    static let serversMax = 64
    /// Looks at what is due.
    static let tickPeriod = Interval.milliseconds(50)
}
