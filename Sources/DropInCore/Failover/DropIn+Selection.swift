import MonotonicTime
import SentinelCore

/// Which replica is promoted.
extension DropIn {
    /// The best of those that are well: lowest priority, then most of the stream, then the lowest
    /// identity (Sentinel behaviour).
    func bestReplica(_ group: Int) -> Int? {
        groups[group].servers.indices.dropFirst().filter { isFit($0, group) }
            .min { isBetter($0, $1, group) }
    }

    private func isFit(_ server: Int, _ group: Int) -> Bool {
        let replica = groups[group].servers[server]
        let connection = connections[replica.connection]
        guard !replica.condition.isDown, !connection.isDisconnected, replica.priority > 0,
            now - connection.lastAvailable <= periods[.ping] * 5,
            let lastReport = replica.lastReport
        else { return false }
        let primary = groups[group].servers[0].condition
        let validity = primary.isDown ? periods[.ping] * 5 : periods[.info] * 3
        let downFor = primary.downSince.map { now - $0 } ?? .zero
        return now - lastReport <= validity
            && replica.linkDownFor <= downFor + groups[group].settings.downAfter * 10
    }

    private func isBetter(_ left: Int, _ right: Int, _ group: Int) -> Bool {
        let first = groups[group].servers[left]
        let second = groups[group].servers[right]
        if first.priority != second.priority { return first.priority < second.priority }
        if first.offset != second.offset { return first.offset > second.offset }
        guard let firstID = first.runID else { return false }
        guard let secondID = second.runID else { return true }
        return firstID < secondID
    }
}
