public import Addressing
public import MonotonicTime

/// What one node says to another, beyond Sentinel's own `PING`.
public enum PeerMessage: Equatable, Sendable {
    case greeting(Greeting)
    case question(Question)
    case evidence(Evidence)
    case withdrawal(Withdrawal)
    case appointment(Appointment)
    /// The holder's host has paused writes, so that the appointed server can catch up.
    case paused(Handover)
    /// The appointed server has all that the holder's has.
    case caughtUp(Handover)
    /// The holder keeps the address after all, and writes go on.
    case resumed(Handover)
    case lease(LeaseRequest)
    case release(LeaseRelease)
    /// An attempt to put the next voter set in force.
    case voters(VoterRequest)
    /// This voter set is in force.
    case votersInForce(VotersInForce)
}

/// What the other node says back.
public enum PeerReply: Equatable, Sendable {
    /// The answering node's own greeting for the same group.
    case greeting(Greeting)
    case answer(Answer)
    /// Taken note of: evidence, a withdrawal, an appointment, a handover, a release.
    case noted
    case lease(LeaseReply)
    case voters(VoterReply)
    /// The message was not acted on.
    case refused(Refusal)
}

/// Why a peer's message was not acted on.
public enum Refusal: String, Equatable, Sendable, CaseIterable {
    /// The group is not monitored here.
    case unknownGroup = "unknown-group"
    /// The sender is not one of the declared hosts.
    case stranger
}

/// A hello and what Sentinel's eight fields have no room for.
public struct Greeting: Equatable, Sendable {
    public var hello: Hello
    /// The sender has voted in, or leads, a failover that is newer than `hello.configEpoch`.
    public var isFailoverUnderWay: Bool
    /// The sender's host answers for the group's write address.
    public var holdsAddress: Bool
    /// The sender's host is heard on the network of the write address; true where that is not
    /// watched.
    public var reachesClients: Bool
    /// The sender's own address on that network, by which others can ask whether it is there.
    public var clientAddress: IPAddress?
    /// Whom the sender takes for the voters, and what its file says.
    public var standing: VoterStanding
    /// The sender's host asked that network for the write address and the holder of
    /// `hello.configEpoch` answered, so long after the sender knew of it; `nil` while that is not
    /// so.
    public var addressSeenAfter: Interval?
    /// The newest word on whether the group is left alone; `nil` before the first.
    public var pause: PauseWord?

    public init(
        hello: Hello, isFailoverUnderWay: Bool = false, holdsAddress: Bool = false,
        reachesClients: Bool = true, clientAddress: IPAddress? = nil,
        standing: VoterStanding = VoterStanding(), addressSeenAfter: Interval? = nil,
        pause: PauseWord? = nil
    ) {
        self.standing = standing
        self.hello = hello
        self.isFailoverUnderWay = isFailoverUnderWay
        self.holdsAddress = holdsAddress
        self.reachesClients = reachesClients
        self.clientAddress = clientAddress
        self.addressSeenAfter = addressSeenAfter
        self.pause = pause
    }
}

/// Asked of every voter while the primary seems down, and in an election.
public struct Question: Equatable, Sendable {
    /// What is wanted.
    public enum Kind: String, Equatable, Sendable, CaseIterable {
        /// Do you see the primary down? Raises no epoch, costs no vote.
        case opinion
        /// Would you vote for me in `epoch`? Raises no epoch, costs no vote (Raft's pre-vote).
        case preVote = "pre-vote"
        /// Your vote in `epoch`, please.
        case vote
    }

    public var kind: Kind
    public var group: String
    /// The primary that it is about, as the asker knows it.
    public var primary: Endpoint
    /// `opinion`: the asker's current epoch; otherwise the epoch to be voted in.
    public var epoch: Epoch
    /// The node that asks, and for which the vote would be.
    public var candidate: RunID
    /// An operator ordered this failover: the primary need not be down.
    public var isForced: Bool
    /// The number of the voter set that the asker counts by; an older one gets no vote.
    public var voters: UInt64

    public init(
        kind: Kind, group: String, primary: Endpoint, epoch: Epoch, candidate: RunID,
        isForced: Bool = false, voters: UInt64 = 0
    ) {
        self.voters = voters
        self.kind = kind
        self.group = group
        self.primary = primary
        self.epoch = epoch
        self.candidate = candidate
        self.isForced = isForced
    }
}

/// A voter's answer to a ``Question``.
public struct Answer: Equatable, Sendable {
    public var group: String
    public var kind: Question.Kind
    /// The voter itself sees that primary down.
    public var isDown: Bool
    /// `preVote`: the voter would vote. `vote`: it did. `opinion`: false.
    public var isGranted: Bool
    /// Whom the voter's newest vote went to, and in which epoch.
    public var votedFor: RunID?
    public var votedEpoch: Epoch
    /// The voter's current epoch, so that an asker that lags behind learns it.
    public var currentEpoch: Epoch
    /// What the voter knows of the replicas' progress.
    public var witness: Witness

    public init(
        group: String, kind: Question.Kind, isDown: Bool, isGranted: Bool, votedFor: RunID?,
        votedEpoch: Epoch, currentEpoch: Epoch, witness: Witness = .nothing
    ) {
        self.group = group
        self.kind = kind
        self.isDown = isDown
        self.isGranted = isGranted
        self.votedFor = votedFor
        self.votedEpoch = votedEpoch
        self.currentEpoch = currentEpoch
        self.witness = witness
    }
}

/// A server's own host saw its process end.
///
/// A reset or refused connection seen from afar is no evidence, since a firewall can do that.
public struct Evidence: Equatable, Sendable {
    public var group: String
    public var server: Endpoint
    /// The life that ended: a process that is started again has another identity.
    public var runID: RunID

    public init(group: String, server: Endpoint, runID: RunID) {
        self.group = group
        self.server = server
        self.runID = runID
    }
}
