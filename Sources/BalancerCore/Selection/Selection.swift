internal import Addressing
internal import MonotonicTime

/// Which servers reads go to, and with what share of them each.
///
/// A server keeps its index for as long as it is reported. Fit replicas serve, and the primary with
/// them if it is a member. While they are too few the primary serves, then the best of the
/// rest: wrong health reports must never leave a listener without a server.
struct Selection: Sendable {
    var policy: SelectionPolicy
    /// By the server's index; `nil` where none is reported any more.
    private(set) var candidates: [Candidate?] = []

    init(policy: SelectionPolicy) {
        self.policy = policy
    }

    /// The server's share of the reads; 0 when none go to it.
    func weight(of server: Int) -> Int {
        candidates[server]?.weight ?? 0
    }

    /// Whether a server was there before the report, and is not down by it.
    func isUp(_ server: Int) -> Bool {
        guard let candidate = candidates[server] else { return false }
        return candidate.standing != .down
    }

    /// The newest report of a server, by its index; `nil` for one that is no longer there.
    mutating func set(_ report: ServerReport?, at server: Int, now: Instant) {
        while candidates.count <= server { candidates.append(nil) }
        guard let report else {
            candidates[server] = nil
            return
        }
        if candidates[server]?.report.endpoint != report.endpoint {
            candidates[server] = Candidate(report: report)
        }
        candidates[server]?.report = report
        candidates[server]?.judge(by: policy, at: now)
    }

    /// Gives every server its share, by all reports together and the time.
    mutating func share(at now: Instant) {
        for server in candidates.indices { candidates[server]?.weight = 0 }
        let fit = candidates.indices.filter { isFit($0) }
        var serving = fit.filter { policy.primary == .member || !isPrimary($0) }
        let others =
            fit.filter { !serving.contains($0) }
            + candidates.indices.filter { candidates[$0] != nil && !isFit($0) }.sorted {
                (unfitness($0), $0) < (unfitness($1), $1)
            }
        for other in others where serving.count < max(1, policy.servingCountMin) {
            serving.append(other)
        }
        for server in serving {
            let weight = candidates[server]?.share(by: policy, at: now) ?? 0
            candidates[server]?.weight = weight
        }
    }

    private func isFit(_ server: Int) -> Bool {
        switch candidates[server]?.standing {
        case .fit: true
        case .resting, .down, nil: false
        }
    }

    private func isPrimary(_ server: Int) -> Bool {
        candidates[server]?.report.role == .primary
    }

    private func unfitness(_ server: Int) -> Int64 {
        candidates[server]?.unfitness ?? Int64.max
    }
}
