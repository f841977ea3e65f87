public import Addressing
public import MonotonicTime

/// What a link is for.
public enum LinkTarget: Equatable, Sendable {
    /// A server's command connection, authenticated as the group says.
    case server(Endpoint, group: String)
    /// A second connection to the server, subscribed to the hello channel.
    case subscription(Endpoint, group: String)
    /// Another node's port, authenticated with the cluster's secret.
    case peer(Endpoint)
}

/// What is sent over a link. Replies come in the order of the requests.
///
/// Most are pings: what is large lies apart, so that these are small.
public enum Request: Equatable, Sendable {
    /// `PING`.
    case ping(sentAt: Instant)
    /// `INFO`, whole.
    case info(sentAt: Instant)
    /// `PUBLISH __sentinel__:hello …`.
    indirect case publish(Hello)
    /// `MULTI; REPLICAOF NO ONE; CONFIG REWRITE; CLIENT KILL TYPE normal|pubsub; EXEC`.
    case promote(sentAt: Instant)
    /// The same with `REPLICAOF address port`.
    case follow(Endpoint, sentAt: Instant)
    /// `CLIENT PAUSE milliseconds WRITE` (since Redis 6.2).
    case pauseWrites(Interval, sentAt: Instant)
    /// `CLIENT UNPAUSE`.
    case resumeWrites(sentAt: Instant)
    /// `CONFIG SET` of the limit's settings, by their present or former names.
    case limitWrites(WriteLimit, WriteLimit.Names, sentAt: Instant)
    /// A message to another node.
    indirect case tell(PeerMessage, sentAt: Instant)
}

/// What this node had to do with a change of the primary. The raw value is the word that Sentinel
/// gives to scripts.
public enum FailoverPart: String, Equatable, Sendable, CaseIterable {
    /// It led the failover.
    case leader
    /// It learnt of it from another node.
    case observer
}

/// Everything that ``Sentinel`` can want done. Carried out in the order of the list.
///
/// What is large and rare lies apart, so that a list of effects is moved about cheaply.
public enum Effect: Equatable, Sendable {
    /// Connect. Answered by ``Event/linkOpened(_:)`` or ``Event/linkClosed(_:_:)``; the driver
    /// gives up after ``Sentinel/connectTimeout``.
    case open(LinkID, LinkTarget)
    /// Close; answered by `linkClosed(_, .requested)` or by nothing: the core has forgotten the
    /// link already.
    case close(LinkID)
    case request(LinkID, Request)
    /// The answer to ``Event/asked(_:_:)``.
    indirect case reply(QueryID, PeerReply)
    /// The answer to an operator's order: `nil` when it was accepted, else the error's text,
    /// which begins with Redis's error word.
    case respond(QueryID, error: String?)
    /// Make the state durable (written, fsynced, renamed), then report
    /// ``Event/persisted(sequence:)``. Whatever depends on it is kept back by the core until then,
    /// so this must not hold up the effects that follow.
    indirect case persist(PersistentState, sequence: UInt64)
    /// Publish on the channel of the event's name, and log.
    indirect case announce(Announcement)
    /// Write this into the journal, in the place of what it held about the same group, epoch and
    /// beginning.
    indirect case record(FailoverRecord)
    /// Clients must be told by other means too: run the group's `client-reconfig-script`, if it has
    /// one, with Sentinel's arguments.
    indirect case clientsMoved(group: String, by: FailoverPart, from: Endpoint, to: Endpoint)
    /// Report ``Event/processEnded(_:processID:)`` when this process of this host ends. The driver
    /// checks that it is the one that listens at the endpoint. A later one replaces it.
    case watchProcess(Endpoint, processID: Int32)
}
