import MonotonicTime

/// Where this life of a node stands in agreeing on the next voter set; forgotten when it ends.
struct VoterTalk: Sendable {
    /// An attempt of this node.
    enum Attempt: Equatable, Sendable {
        /// Nothing is under way. Can transition to `preparing` when this node's file and those of a
        /// majority declare the next set.
        case none
        /// Voters are asked what they have accepted. Can transition to `accepting` or `none`.
        case preparing(VoterBallot, granted: PeerSet, accepted: AcceptedVoters?)
        /// Voters are asked to accept a set. Can transition to `none`, with the set in force.
        case accepting(VoterBallot, VoterSet, granted: PeerSet)
    }

    var attempt = Attempt.none
    /// The attempt is given up then, or the next one may begin.
    var due: Instant
    /// The greatest round that was heard of.
    var round: UInt64 = 0
    /// Since when this life knows the set in force: whoever counted by the one before it has no
    /// lease by this voter's leave once ``Rhythm/voterSettling`` has passed.
    var knownSince: Instant
    /// This life learnt its first set from another, so a former one may have forgotten promises.
    var hasJoined = false
    /// Who was there when the first set was found, as far as this life knows.
    var founders: [RunID] = []
    /// Since when a host that is to be added knows the present set.
    var newcomerSince: Instant?
    /// Since when this node, without any set, waits for the others.
    let startedAt: Instant
    /// Somebody may count by an older set than this node.
    var isNewsDue = true
    /// By peer, when it was last told of the set in force.
    var toldAt: [Instant?]
}
