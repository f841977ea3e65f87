import Glibc

/// Why a node could not be asked: what happened, whose doing it is, and what to do.
struct NodeFailure: Error, Equatable {
    enum Cause: Equatable {
        /// The name, and what the resolver says.
        case unknownHost(String, String)
        /// No connection: the system's error.
        case unreachable(Int32)
        /// The connection ended in an error, or waited too long.
        case broken(Int32)
        /// Closed before there was an answer.
        case closed
        /// An error reply.
        case refused(String)
        /// What is wrong with the bytes that came.
        case otherProtocol(String)
        /// An answer that is no text.
        case notBaton
        /// A text that is no status.
        case unreadable(NodeReport.Unreadable)
    }

    /// `HOST:PORT`
    let place: String
    let cause: Cause

    /// What is; then whose doing it is and what to do, in lines of at most 80 cells.
    var lines: [String] {
        switch cause {
        case .unknownHost(let name, let reason):
            [
                "the host name \(name) can't be resolved: \(reason)",
                "Write the host's address instead: --address ADDRESS:PORT",
            ]
        case .unreachable(let code): unreachable(code)
        case .broken(let code) where code == EAGAIN || code == EWOULDBLOCK:
            [
                "\(place) took the connection and does not answer within "
                    + "\(NodeClient.patienceSeconds) s",
                "The program there is stopped or overloaded; see its log: journalctl -u baton",
            ]
        case .broken(let code):
            [
                "the connection to \(place) broke: \(String(cString: strerror(code)))",
                "The program there may have just ended; see its log: journalctl -u baton",
            ]
        case .closed:
            [
                "\(place) closed the connection without an answer",
                "It is stopping, or has too many clients, or is not Baton; see its log.",
            ]
        case .refused(let error) where error.contains("unknown command"):
            [
                "at \(place) listens another server, not Baton: \(error)",
                "Is it redis-sentinel? Name Baton's port: --address HOST:PORT",
            ]
        case .refused(let error):
            ["\(place) refuses: \(error)", "That is that node's decision; see its log for why."]
        case .otherProtocol(let reason):
            [
                "at \(place) listens something that is not Baton: \(reason)",
                "Name the port of Baton's configuration: --address HOST:PORT",
            ]
        case .notBaton:
            [
                "\(place) answers, and not with a status",
                "Is it Baton? Name its port: --address HOST:PORT",
            ]
        case .unreadable(let reason): unreadable(reason)
        }
    }

    private func unreachable(_ code: Int32) -> [String] {
        switch code {
        case ECONNREFUSED:
            [
                "nothing listens at \(place) (connection refused)",
                "Baton does not run there, or uses another port.",
                "See: systemctl status baton; or say where: --address HOST:PORT, --config FILE",
            ]
        case EINPROGRESS, EAGAIN, ETIMEDOUT:
            [
                "no answer from \(place) within \(NodeClient.patienceSeconds) s",
                "That host is down, or a firewall between here and there drops packets.",
            ]
        case EHOSTUNREACH, ENETUNREACH, ENETDOWN:
            [
                "there is no way to \(place): \(String(cString: strerror(code)))",
                "That host is down, or this one has no route to its network. See: ip route",
            ]
        default:
            [
                "no connection to \(place): \(String(cString: strerror(code)))",
                "The reason lies with this host's system, not with Baton.",
            ]
        }
    }

    private func unreadable(_ reason: NodeReport.Unreadable) -> [String] {
        switch reason {
        case .notJSON:
            [
                "\(place) answers, and its status is not JSON",
                "Is it Baton? The answer as it is: baton status --json",
            ]
        case .otherSchema(let schema):
            [
                "\(place) tells its status in schema \(schema); this program knows "
                    + "\(NodeReport.schema)",
                "Use the `baton` of the same version; the answer as it is: baton status --json",
            ]
        case .lacks(let key):
            [
                "\(place) tells a status without \"\(key)\"",
                "Is it Baton of another version? The answer as it is: baton status --json",
            ]
        }
    }
}
