internal import Glibc

/// Why a conversation with the kernel did not do what it was for.
public enum NetlinkError: Error, Equatable, Sendable {
    /// A call on our own socket failed. `name` is the system call's.
    case systemCall(name: String, errno: Int32)
    /// The kernel understood the request and said no. `explanation` is its own text (extended
    /// acknowledgement), empty where it gave none.
    case refused(operation: String, errno: Int32, explanation: String)
    /// This kernel was built without what the operation needs.
    case unsupported(operation: String, errno: Int32, need: String)
    /// The kernel sent bytes that break its own format.
    case malformed(operation: String)
    /// No answer came within the session's limit.
    case timedOut(operation: String)
    /// What was being listed changed under each of several attempts to list it.
    case unstable(operation: String)

    /// The kernel's error number; 0 where the failure has none.
    public var errno: Int32 {
        switch self {
        case .systemCall(_, let errno), .refused(_, let errno, _), .unsupported(_, let errno, _):
            errno
        case .malformed, .timedOut, .unstable:
            0
        }
    }
}

extension NetlinkError: CustomStringConvertible {
    /// One line: what was tried, and what the kernel said.
    public var description: String {
        switch self {
        case .systemCall(let name, let errno):
            "\(name): \(Self.text(of: errno))"
        case .refused(let operation, let errno, let explanation):
            "\(operation): \(Self.text(of: errno))"
                + (explanation.isEmpty ? "" : " (\(explanation))")
        case .unsupported(let operation, let errno, let need):
            "\(operation): \(Self.text(of: errno)): this kernel lacks \(need)"
        case .malformed(let operation):
            "\(operation): the kernel's answer is malformed"
        case .timedOut(let operation):
            "\(operation): the kernel did not answer in time"
        case .unstable(let operation):
            "\(operation): the list kept changing while it was read"
        }
    }

    /// The C library's sentence for an error number.
    public static func text(of errno: Int32) -> String {
        String(cString: strerror(errno))
    }
}
