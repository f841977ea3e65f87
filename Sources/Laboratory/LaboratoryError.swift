public import MonotonicTime

/// Why the laboratory could not do what it was asked.
public enum LaboratoryError: Error, Equatable, Sendable {
    /// The machine does not permit it; each obstacle says what is missing.
    case unavailable([Obstacle])
    /// A system call failed; `subject` is the path, process or interface that it concerned.
    case systemCall(String, subject: String, errorNumber: Int32)
    /// A tool ended with another status than 0.
    case commandFailed(command: String, output: String)
    /// A program was started, but did not become ready in time; `log` is the end of its log.
    case notReady(program: String, after: Interval, log: String)
    /// No free ports were found between the two.
    case noFreePorts(from: UInt16, to: UInt16)
    /// The operation cuts networks, and the loopback plan has none to cut.
    case needsNamespaces(operation: String)
    /// The laboratory was closed before.
    case closed
}

extension LaboratoryError: CustomStringConvertible {
    /// One line for people, naming what failed and why; logs follow on lines of their own.
    public var description: String {
        switch self {
        case .unavailable(let obstacles):
            obstacles.map(\.description).joined(separator: "; ")
        case .systemCall(let call, let subject, let errorNumber):
            "\(call) \(subject): \(systemErrorText(errorNumber))"
        case .commandFailed(let command, let output):
            "\(command) failed: \(output)"
        case .notReady(let program, let after, let log):
            "\(program) was not ready after \(after.milliseconds) ms; its log ends:\n\(log)"
        case .noFreePorts(let from, let to):
            "no free ports on 127.0.0.1 between \(from) and \(to)"
        case .needsNamespaces(let operation):
            "\(operation) needs network namespaces: the loopback plan cannot cut a network"
        case .closed:
            "the laboratory is closed"
        }
    }
}
