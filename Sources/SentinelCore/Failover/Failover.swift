package import MonotonicTime

/// Where a failover stands, on the node that leads it or wants to. The moves between these states
/// are the rows of ``Transition/table``.
package enum Failover: Equatable, Sendable {
    /// Nothing to do. Can transition to `waitStart` when the primary is objectively down, to
    /// `preVote` by an operator's order.
    case none
    /// Others may be better placed to lead: wait for this node's rank. Can transition to `preVote`
    /// or, when the primary is back or another leads, to `none`.
    case waitStart(at: Instant)
    /// Ask whether a majority would vote. Can transition to `election` or back to `none`.
    case preVote(Ballot)
    /// The epoch is raised, votes are asked. Can transition to `selectReplica` or `none`.
    case election(Ballot)
    /// Elected; fresh reports of the replicas are on their way. Can transition to `promotion` or
    /// `none`.
    case selectReplica(epoch: Epoch, askedAt: Instant)
    /// The replica was told to be the primary and has not confirmed it. Can transition to
    /// `reconfigureReplicas` or `none`.
    case promotion(epoch: Epoch, replica: Int, sentAt: Instant?, deadline: Instant)
    /// The new primary is in force; the others are told to follow it. Can transition to `none`.
    case reconfigureReplicas(epoch: Epoch, deadline: Instant)

    /// One round of asking for (pre-)votes.
    package struct Ballot: Equatable, Sendable {
        var epoch: Epoch
        var deadline: Instant
        var isForced: Bool
        var granted = PeerSet()
        var refused = PeerSet()
    }

    /// The state without its payload.
    package var phase: Phase {
        switch self {
        case .none: .none
        case .waitStart: .waitStart
        case .preVote: .preVote
        case .election: .election
        case .selectReplica: .selectReplica
        case .promotion(_, _, let sentAt, _): sentAt == nil ? .sendReplicaOfNoOne : .waitPromotion
        case .reconfigureReplicas: .reconfigureReplicas
        }
    }

    /// The names of the states. The raw value is Sentinel's `failover-state`; the rounds that
    /// Sentinel does not tell apart share its `wait_start`, so they have names of our own.
    package enum Phase: String, Equatable, Sendable, CaseIterable {
        case none
        case waitStart = "wait_start"
        case preVote = "wait_start_pre_vote"
        case election = "wait_start_election"
        case selectReplica = "select_slave"
        case sendReplicaOfNoOne = "send_slaveof_noone"
        case waitPromotion = "wait_promotion"
        case reconfigureReplicas = "reconf_slaves"
    }
}
