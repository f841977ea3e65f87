/// Where a failover stands, on the node that leads it or wants to. `promoted` is the chosen
/// server's place in the group's list.
///
///     none → waitStart → selectReplica → sendReplicaOfNoOne → waitPromotion
///       ▲        │             │                 │                  │
///       ├────────┴─────────────┴─────────────────┘ abort            ▼
///       └──────────── updateConfig ◀────────────────── reconfigureReplicas
enum Failover: Equatable, Sendable {
    case none
    /// Votes are asked for.
    case waitStart
    case selectReplica
    case sendReplicaOfNoOne(promoted: Int)
    /// Until its own report says that it is a primary.
    case waitPromotion(promoted: Int)
    /// The new primary is in force; from here there is no way back.
    case reconfigureReplicas(promoted: Int)
    case updateConfig(promoted: Int)

    /// Sentinel's `failover-state`.
    var word: String {
        switch self {
        case .none: "none"
        case .waitStart: "wait_start"
        case .selectReplica: "select_slave"
        case .sendReplicaOfNoOne: "send_slaveof_noone"
        case .waitPromotion: "wait_promotion"
        case .reconfigureReplicas: "reconf_slaves"
        case .updateConfig: "update_config"
        }
    }

    var promoted: Int? {
        switch self {
        case .none, .waitStart, .selectReplica: nil
        case .sendReplicaOfNoOne(let promoted), .waitPromotion(let promoted),
            .reconfigureReplicas(let promoted), .updateConfig(let promoted):
            promoted
        }
    }
}
