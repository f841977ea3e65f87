internal import Glibc

/// Why a balancer cannot start.
public enum BalancerDriverError: Error, Equatable, Sendable {
    /// A system call's name, and its errno.
    case systemCall(String, Int32)
    /// No socket could be bound to this endpoint, by its text.
    case bind(String, Int32)
}

extension BalancerDriverError: CustomStringConvertible {
    /// A sentence for the operator.
    public var description: String {
        switch self {
        case .systemCall(let name, let number):
            "\(name): \(String(cString: strerror(number)))"
        case .bind(let endpoint, let number):
            "cannot listen on \(endpoint): \(String(cString: strerror(number)))"
                + (number == EADDRINUSE ? "; another program of this host does" : "")
        }
    }
}
