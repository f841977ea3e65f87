/// One move of the failover machine, with the sentence that explains it to an operator.
///
/// The table is the machine's specification: `Sentinel` asserts that every move it makes is a row,
/// and a test proves that each row is reached.
public struct Transition: Equatable, Sendable {
    public var from: String
    public var to: String
    public var sentence: String

    /// Every move there is.
    public static let table: [Transition] = rows.map {
        Transition(from: $0.0.rawValue, to: $0.1.rawValue, sentence: $0.2)
    }

    static let rows: [(Failover.Phase, Failover.Phase, String)] = [
        (
            .none, .waitStart,
            "A quorum sees the primary down; the host with the best replica begins first."
        ),
        (.none, .preVote, "An operator ordered a failover."),
        (.waitStart, .none, "The primary answers again, or another node leads."),
        (.waitStart, .preVote, "It is this node's turn: would a majority vote for it?"),
        (.preVote, .none, "No majority would vote now; no epoch was spent."),
        (.preVote, .election, "A majority would vote: raise the epoch and ask for the votes."),
        (.election, .none, "No majority voted in time, or a newer configuration arrived."),
        (.election, .selectReplica, "Elected: ask the replicas how far they are."),
        (.selectReplica, .none, "No replica is fit to be promoted; try again soon."),
        (
            .selectReplica, .sendReplicaOfNoOne,
            "The best replica is chosen; it is connected, so it is told at once to be the primary."
        ),
        (.sendReplicaOfNoOne, .waitPromotion, "The order is sent; wait until it is a primary."),
        (.waitPromotion, .none, "The chosen replica did not become a primary in time."),
        (
            .waitPromotion, .reconfigureReplicas,
            "The new primary is in force and announced; point the others at it."
        ),
        (.reconfigureReplicas, .none, "Every reachable server follows the new primary."),
    ]

    /// One move that was made.
    package struct Move: Equatable, Sendable {
        package var from: Failover.Phase
        package var to: Failover.Phase
    }

    static func allows(_ from: Failover.Phase, _ to: Failover.Phase) -> Bool {
        rows.contains { $0.0 == from && $0.1 == to }
    }
}
