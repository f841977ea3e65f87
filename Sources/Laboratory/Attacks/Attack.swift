public import MonotonicTime

/// Something that happens to a cluster and must not do harm: what failovers are made for, what
/// operators do by mistake, and what an unlucky moment makes of both.
///
/// "The holder" is the host that has the write address when the attack begins.
public enum Attack: String, CaseIterable, Sendable {
    // Processes.
    case killServer
    case stopServer
    case killNode
    case stopNode
    case killBoth
    case stopBoth
    // Networks.
    case cutFromPeers
    case cutWithClients
    case cutFromClients
    case unplugged
    case cutSilently
    case deaf
    case mute
    case minorityWithClients
    // People.
    case rulesFlushed
    case rulesFlushedThenStopped
    case addressDeleted
    case returnWithAddress
    // Unlucky moments.
    case leaderDies
    case twoFailures
    case diskFull
    case frozenWhileTaking
    case forgedClaims

    /// What happens, as a test's reader or a table names it.
    public var sentence: String {
        switch self {
        case .killServer: "kill -9 of the holder's redis-server"
        case .stopServer: "SIGSTOP of the holder's redis-server"
        case .killNode: "kill -9 of the holder's baton"
        case .stopNode: "SIGSTOP of the holder's baton"
        case .killBoth: "kill -9 of the holder's redis-server and baton"
        case .stopBoth: "SIGSTOP of the holder's redis-server and baton"
        case .cutFromPeers: "the holder is cut off from its peers, and clients still reach it"
        case .cutWithClients: "the holder is cut off together with some clients"
        case .cutFromClients: "the holder is cut off from the clients only"
        case .unplugged: "the holder's cables are pulled"
        case .cutSilently: "the holder is cut off from everybody, its carrier stays"
        case .deaf: "the holder hears none of its peers, and they hear it"
        case .mute: "the holder's peers hear nothing of it, and it hears them"
        case .minorityWithClients: "another host is cut off together with some clients"
        case .rulesFlushed: "an operator flushes the packet filters of every host"
        case .rulesFlushedThenStopped:
            "an operator flushes the packet filters, then the holder's baton is stopped"
        case .addressDeleted: "an operator deletes the address from the holder"
        case .returnWithAddress: "the holder dies and returns with the address still configured"
        case .leaderDies: "redis-server is killed, and so is the leader of the failover"
        case .twoFailures: "redis-server is killed, and so is its successor within a second"
        case .diskFull: "the disk of the holder's baton is full, then redis-server is killed"
        case .frozenWhileTaking: "the next holder freezes as it announces, thaws as another holds"
        case .forgedClaims: "a stranger claims the address ten times a second"
        }
    }

    /// Whether writes come back while the attack goes on, for clients that reach a majority. Of
    /// the others Baton has no answer yet: there they come back once it is over.
    public var isAnswered: Bool {
        switch self {
        case .forgedClaims: false
        case .killServer, .stopServer, .killNode, .stopNode, .killBoth, .stopBoth, .cutFromPeers,
            .cutWithClients, .cutFromClients, .unplugged, .cutSilently, .deaf, .mute,
            .minorityWithClients, .rulesFlushed, .rulesFlushedThenStopped, .addressDeleted,
            .returnWithAddress, .leaderDies, .twoFailures, .diskFull, .frozenWhileTaking:
            true
        }
    }

    /// Whether nobody is left to give the address up, so that the kernel must end the lease.
    public var leavesLeaseToItself: Bool {
        switch self {
        case .killNode, .stopNode, .killBoth, .stopBoth, .cutFromPeers, .cutWithClients,
            .cutSilently, .deaf, .mute, .returnWithAddress:
            true
        case .killServer, .stopServer, .cutFromClients, .unplugged, .minorityWithClients,
            .rulesFlushed, .rulesFlushedThenStopped, .addressDeleted, .leaderDies, .twoFailures,
            .diskFull, .frozenWhileTaking, .forgedClaims:
            false
        }
    }

    /// Whether the holder goes on to acknowledge writes that no other host can hear of.
    var isolatesHolder: Bool {
        switch self {
        case .cutFromPeers, .cutWithClients, .unplugged, .cutSilently, .deaf, .mute: true
        case .killServer, .stopServer, .killNode, .stopNode, .killBoth, .stopBoth,
            .cutFromClients, .minorityWithClients, .rulesFlushed, .rulesFlushedThenStopped,
            .addressDeleted, .returnWithAddress, .leaderDies, .twoFailures, .diskFull,
            .frozenWhileTaking, .forgedClaims:
            false
        }
    }

    /// How long the attack goes on at least, before writes are waited for: until a lease that
    /// it ends has surely lapsed.
    var duration: Interval {
        isAnswered ? LeaseFigures.use + .milliseconds(100) : .seconds(2)
    }
}

/// What a lease is made of, as `docs/understand/write-address.md` has it; the laboratory knows
/// nothing of the code that it attacks.
public enum LeaseFigures {
    /// L: for so long a voter promises nobody else.
    public static let promise = Interval.milliseconds(1500)
    /// D: for so long the holder may use a majority's promise; rounded up.
    public static let use = Interval.milliseconds(1183)
    /// e: so late the kernel may end it.
    public static let lateness = Interval.milliseconds(50)
}
