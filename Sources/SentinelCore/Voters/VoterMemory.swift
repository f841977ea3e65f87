/// An attempt to put the next voter set in force. Of two the one with the greater round counts
/// more, then the one with the greater name (Lamport, Paxos Made Simple).
public struct VoterBallot: Equatable, Comparable, Sendable {
    public var round: UInt64
    /// The node that attempts it, so that no two nodes have the same ballot.
    public var proposer: String

    /// No cluster tries so often; what a peer says beyond is as good as this.
    static let roundMax: UInt64 = 1 << 48

    /// - Parameter round: counted up to 2⁴⁸.
    public init(round: UInt64, proposer: String) {
        self.round = min(round, Self.roundMax)
        self.proposer = proposer
    }

    public static func < (one: VoterBallot, other: VoterBallot) -> Bool {
        (one.round, one.proposer) < (other.round, other.proposer)
    }
}

/// A voter set that was accepted in some ballot. It may be the one that is in force.
public struct AcceptedVoters: Equatable, Sendable {
    public var ballot: VoterBallot
    public var set: VoterSet

    public init(ballot: VoterBallot, set: VoterSet) {
        self.ballot = ballot
        self.set = set
    }
}

/// What a node must not forget about voter sets.
public struct VoterMemory: Equatable, Sendable {
    /// The newest that this node knows to be in force; `nil` before the first.
    public var inForce: VoterSet?
    /// It has a say in sets from this number on. A node that learnt the present set from another
    /// may have forgotten what it accepted as the next one, so it begins with the one after.
    public var acceptsFrom: UInt64
    /// No ballot for the next set below this one is taken part in any more.
    public var promised: VoterBallot?
    /// What it accepted as the next set.
    public var accepted: AcceptedVoters?

    public init(
        inForce: VoterSet? = nil, acceptsFrom: UInt64 = 0, promised: VoterBallot? = nil,
        accepted: AcceptedVoters? = nil
    ) {
        self.inForce = inForce
        self.acceptsFrom = acceptsFrom
        self.promised = promised
        self.accepted = accepted
    }

    /// Another set is in force: what was under way for its number is settled.
    mutating func adopt(_ set: VoterSet, hasForgotten: Bool) {
        inForce = set
        promised = nil
        accepted = nil
        if hasForgotten { acceptsFrom = set.number + 2 }
    }

    /// This node's answer, as one of the present voters, to an attempt at the next set.
    mutating func answer(_ request: VoterRequest) -> VoterReply {
        var reply = VoterReply(
            phase: request.phase, number: request.set.number, ballot: request.ballot)
        guard let inForce, request.set.number == inForce.number + 1,
            request.set.number >= acceptsFrom, request.set.isOneStep(from: inForce),
            request.ballot >= promised ?? request.ballot
        else {
            reply.promised = promised
            return reply
        }
        promised = request.ballot
        reply.isGranted = true
        switch request.phase {
        case .prepare: reply.accepted = accepted
        case .accept: accepted = AcceptedVoters(ballot: request.ballot, set: request.set)
        }
        return reply
    }
}
