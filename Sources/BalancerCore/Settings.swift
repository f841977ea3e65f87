public import MonotonicTime
public import RESP

/// What one balancer (one reactor's share of a listener) may use, each limit with its reason.
public struct BalancerSettings: Equatable, Sendable {
    public var selection = SelectionPolicy()

    /// Clients at once; the next is told so, in Redis's words, and closed. Default 10,000, as
    /// Redis's `maxclients`.
    public var clientCountMax = 10_000

    /// Requests of one client that may be unanswered; it is read again when half of them are
    /// answered. Default 1,024: deep enough that a pipeline costs one system call each way, and
    /// small enough that one client cannot fill a connection that it shares.
    public var pipelineDepthMax = 1_024

    /// Bytes of a request that are kept until it is whole, or until its reply has come so that it
    /// can be repeated. A larger one passes in parts on a connection of its own. Default 64 KiB,
    /// Redis's own limit of a line.
    public var requestByteCountMax = 64 * 1024

    /// A reply passes in parts once so many bytes of it have come. Default 16 KiB: less is kept
    /// until it is whole, because a client that has had a part cannot be helped when the server
    /// dies.
    public var partByteCountMin = 16 * 1024

    /// Requests and bytes on one shared connection that may be unanswered before its clients wait.
    /// Default 16,384 and 4 MiB: more only queues in the server.
    public var awaitedCountMax = 16_384
    public var keptByteCountMax = 4 << 20

    /// Pools of connections: one for each user, database and protocol version. Default 64; a
    /// client beyond gets a connection of its own.
    public var poolCountMax = 64

    /// Connections of their own that clients may have at once, blocked, subscribed or in a
    /// transaction. Default 4,096: with two balancers they leave room in a server's `maxclients`.
    public var privateCountMax = 4_096

    /// How often a request is sent before its client is told that it failed. Default 2: a request
    /// that kills each server that reads it must not kill them all.
    public var attemptCountMax = 2

    /// How long a request that any server could answer waits for one. Default 2 s, less than the
    /// timeouts of common clients.
    public var patience = Interval.seconds(2)

    /// How long a request waits for whoever takes writes. Default 10 s: longer than a failover of
    /// a server that hangs, with the usual `down-after-milliseconds 5000`.
    public var writePatience = Interval.seconds(10)

    /// A client that sends no more may have closed its half only, and gets what it has asked for.
    /// One that was held for so long has most likely gone: nothing is run for it. Default 1 s.
    public var hungUpPatience = Interval.seconds(1)

    /// Bytes of requests that are held while no server can take them; beyond, they are refused at
    /// once. Default 64 MiB.
    public var heldByteCountMax = 64 << 20

    /// After a planned move was announced writes are held no longer than this, if nobody says how
    /// it went. Default 5 s: whoever moves the address has given up by then.
    public var moveMax = Interval.seconds(5)

    /// For so long a server's host may take to answer, then the server for TLS, then again for its
    /// greeting. Default 1 s.
    public var greetingMax = Interval.seconds(1)

    /// The same where writes go, at first: what is there and slow gets ever more, up to
    /// `greetingMax`. Default 300 ms. Its host gets twice the time that passes between two
    /// attempts.
    public var writeGreetingMax = Interval.milliseconds(300)

    /// For so long nothing is written to a server that the nodes have called replaced, though it is
    /// found where writes go. Default 15 s, longer than any lease: who is found there later has the
    /// address anew, and the nodes may be where nobody hears them.
    public var formerMax = Interval.seconds(15)

    /// After a failed connection to a server, doubling up to the second.
    public var retryMin = Interval.milliseconds(50)
    public var retryMax = Interval.seconds(2)

    /// The same where writes go: tens of clients may wait for it. Default 10 and 100 ms.
    public var writeRetryMin = Interval.milliseconds(10)
    public var writeRetryMax = Interval.milliseconds(100)

    /// A client that does not take what it asked for, for so long, is closed: it holds up a
    /// server's connection. Default 60 s, as Redis's `repl-timeout`.
    public var fullMax = Interval.seconds(60)

    /// A pool that no client has used for so long is closed. Default 60 s.
    public var poolIdleMax = Interval.seconds(60)

    /// What a client may send: Redis's own limits.
    public var requests = RESPLimits(
        elementCountMax: Int(Int32.max), bulkBytesMax: 512 << 20, valueBytesMax: Int.max)

    /// What a server may send: anything, since nothing of it is kept.
    public var replies = RESPLimits(
        elementCountMax: Int.max, bulkBytesMax: Int.max, valueBytesMax: Int.max)

    public init() {}
}
