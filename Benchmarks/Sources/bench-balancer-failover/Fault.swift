/// What is done while clients work.
enum Fault: String, CaseIterable {
    /// `baton switchover`.
    case planned
    /// kill -9 of the primary's redis-server.
    case primary
    /// kill -9 of a replica's.
    case replica
    /// kill -9 of the baton that has the read address.
    case balancer

    /// As the table names it.
    var title: String {
        switch self {
        case .planned: "planned switchover"
        case .primary: "kill -9 of the primary"
        case .replica: "kill -9 of a replica"
        case .balancer: "kill -9 of the active balancer"
        }
    }

    /// Whether a connection that ends is the balancer's fault.
    var keepsConnections: Bool {
        switch self {
        case .planned, .primary, .replica: true
        case .balancer: false
        }
    }
}
