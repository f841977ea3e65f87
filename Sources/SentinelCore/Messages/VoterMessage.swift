/// Asked of the present voters by one whose file declares the next set, once a majority of them
/// declares the same.
public struct VoterRequest: Equatable, Sendable {
    /// The two rounds of Paxos.
    public enum Phase: String, Equatable, Sendable, CaseIterable {
        /// Take part in no lower ballot any more, and say what you have accepted.
        case prepare
        /// Accept this set.
        case accept
    }

    public var phase: Phase
    public var ballot: VoterBallot
    /// With the number that it is to have.
    public var set: VoterSet

    public init(phase: Phase, ballot: VoterBallot, set: VoterSet) {
        self.phase = phase
        self.ballot = ballot
        self.set = set
    }
}

/// A present voter's answer to a ``VoterRequest``.
public struct VoterReply: Equatable, Sendable {
    /// Which request it answers: a late grant of the first round is no acceptance.
    public var phase: VoterRequest.Phase
    /// Of the set that was asked about.
    public var number: UInt64
    public var ballot: VoterBallot
    public var isGranted: Bool
    /// `prepare`, granted: what the voter has accepted before.
    public var accepted: AcceptedVoters?
    /// Refused: the ballot that the voter has promised, if that is why.
    public var promised: VoterBallot?

    public init(
        phase: VoterRequest.Phase, number: UInt64, ballot: VoterBallot, isGranted: Bool = false,
        accepted: AcceptedVoters? = nil, promised: VoterBallot? = nil
    ) {
        self.phase = phase
        self.number = number
        self.ballot = ballot
        self.isGranted = isGranted
        self.accepted = accepted
        self.promised = promised
    }
}

/// A node tells another, which counts by an older set, which one is in force.
public struct VotersInForce: Equatable, Sendable {
    public var sender: RunID
    public var set: VoterSet
    /// The first set: who was there when it was found, so had promised nothing before. A node that
    /// has lost its disk since has another identity, and isn't among them. Empty when the sender
    /// wasn't there, or has started anew.
    public var founders: [RunID]

    public init(sender: RunID, set: VoterSet, founders: [RunID] = []) {
        self.sender = sender
        self.set = set
        self.founders = founders
    }
}

/// Where a node stands with its voters and its file, told with each greeting.
public struct VoterStanding: Equatable, Sendable {
    /// The number of the set that the node takes to be in force; 0 before it knows one.
    public var number: UInt64
    /// ``VoterSet/digest`` of what its file declares.
    public var declared: UInt64
    /// Of everything in its file that must be the same on every host; see `Configuration.digest`.
    public var configuration: UInt64

    public init(number: UInt64 = 0, declared: UInt64 = 0, configuration: UInt64 = 0) {
        self.number = number
        self.declared = declared
        self.configuration = configuration
    }
}
