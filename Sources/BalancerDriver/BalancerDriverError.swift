/// Why a balancer cannot start.
public enum BalancerDriverError: Error, Equatable, Sendable {
    /// A system call's name, and its errno.
    case systemCall(String, Int32)
    /// No socket could be bound to this endpoint, by its text.
    case bind(String, Int32)
}
