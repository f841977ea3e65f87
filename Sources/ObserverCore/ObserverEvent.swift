public import Addressing
public import SentinelCore

/// Whom a link leads to. There is one link a target at most.
public enum ObserverTarget: Hashable, Sendable {
    /// A server, asked for its `INFO`.
    case server(Endpoint)
    /// A node, asked who the primary is.
    case node(Endpoint)
    /// The same node, which says unasked that the primary has changed.
    case events(Endpoint)
}

/// What a node takes for the present configuration (`SENTINEL MASTER`).
public struct Claim: Equatable, Sendable {
    public var primary: Endpoint
    /// `config-epoch`: of two claims the one with the greater number is newer.
    public var epoch: Epoch

    public init(primary: Endpoint, epoch: Epoch) {
        self.primary = primary
        self.epoch = epoch
    }
}

/// What happens to an observer.
public enum ObserverEvent: Equatable, Sendable {
    /// Time has passed.
    case tick
    case opened(ObserverTarget)
    case closed(ObserverTarget)
    /// A server answered.
    case reported(Endpoint, ServerReport)
    /// A node answered who the primary is; `nil`: it does not know the group.
    case claimed(Endpoint, Claim?)
    /// A node answered which replicas there are.
    case listed(Endpoint, [Endpoint])
    /// A node said that something about the group has changed.
    case stirred(Endpoint)
    /// A node said that it will presently hand the write address of the group over, while all is
    /// well; and which server was the primary when it said so.
    case moveAnnounced(by: Endpoint, from: Endpoint)
    /// A node said that nothing comes of that: writes go on where they went.
    case moveCalledOff(by: Endpoint)
}

/// What an observer wants done, in order.
public enum ObserverEffect: Equatable, Sendable {
    case open(ObserverTarget)
    case close(ObserverTarget)
    /// `INFO` of a server, or `SENTINEL MASTER` and `SENTINEL REPLICAS` of a node.
    case ask(ObserverTarget)
    /// Whoever balances requests acts on this from now on.
    case publish(GroupView)
    /// Writes that are sent from now on may be cut off in the middle: whoever can hold them should.
    /// It is over when a view of a newer epoch is published, or by ``callOffMove``; neither is sure
    /// to come, since the node that knows may die.
    case announceMove
    /// Writes go on where they went.
    case callOffMove
}
