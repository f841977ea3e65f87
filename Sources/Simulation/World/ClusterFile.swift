import LeaseCore
import MonotonicTime
import SentinelCore

/// What the operator's file says of the cluster, as far as it changes in a world: who votes, and L.
struct ClusterFile: Equatable, Sendable {
    /// Grows with each change, so that a host never goes back to an older one.
    var version: Int
    /// Hosts by number, ascending.
    var hosts: [Int]
    var terms: LeaseTerms

    var voters: VoterSet {
        VoterSet(names: hosts.map(Scenario.name(ofHost:)), promise: terms.promise)
    }

    /// The next version: another voter where a host without servers may come or go, else another L.
    func changed(host: Int, serverHostCount: Int, random: inout RandomSource) -> ClusterFile {
        var next = self
        next.version += 1
        guard host >= serverHostCount, !random.happens(1, in: 4) else {
            let kind =
                Self.longPromises.contains(terms.promise.milliseconds)
                ? Self.longPromises : Self.promises
            let others = kind.filter { $0 != terms.promise.milliseconds }
            next.terms = LeaseTerms(promise: .milliseconds(random.choose(others)))
            return next
        }
        if let place = hosts.firstIndex(of: host) {
            next.hosts.remove(at: place)
        } else {
            next.hosts = (hosts + [host]).sorted()
        }
        return next
    }

    static let promises = [800, 1_500, 2_000, 3_000]
    /// Where a host lacks the packet filter.
    static let longPromises = [4_500, 5_000, 6_000]
}
