import Addressing
import MonotonicTime
import SentinelCore

/// The network that the write address lies in, which may be another than the one that nodes speak
/// over.
extension Node {
    /// How long a holder that hears nobody there waits: a switch that learns takes no longer.
    static let clientPatience = Interval.milliseconds(500)
    /// Between two attempts to hand over.
    static let clientRetry = Interval.seconds(5)

    mutating func networkChanged(
        _ index: Int, own: IPAddress?, isReached: Bool?, at now: Instant,
        _ effects: inout [NodeEffect]
    ) {
        // Who can't tell is nobody that the address should go to, and has no reason to give it
        // away.
        let isLost = isReached == false
        addresses[index].clientsLostAt = isLost ? addresses[index].clientsLostAt ?? now : nil
        let isReached = isReached ?? false
        let tenure = sentinel.groups[addresses[index].group].tenure
        guard tenure.clientAddress != own || tenure.reachesClients != isReached else { return }
        if isReached { addresses[index].clientsTriedAt = nil }
        var inner: [Effect] = []
        sentinel.clientNetworkChanged(
            addresses[index].group, own: own, isReached: isReached, &inner)
        effects.append(contentsOf: inner.map { .sentinel($0) })
    }

    /// Has the others' addresses there asked. Each tick will do: they hardly ever change.
    mutating func watchNeighbours(_ index: Int, _ effects: inout [NodeEffect]) {
        let neighbours = sentinel.clientNeighbours(addresses[index].group)
        guard neighbours != addresses[index].neighbours else { return }
        addresses[index].neighbours = neighbours
        effects.append(.address(.watch(group: addresses[index].name, neighbours: neighbours)))
    }

    /// Hands over when this host alone is cut off from the clients.
    mutating func keepToClients(
        _ index: Int, at now: Instant, _ effects: inout [NodeEffect]
    ) {
        let group = addresses[index].group
        guard addresses[index].custody.isHeld, let since = addresses[index].clientsLostAt,
            now - since >= Self.clientPatience,
            addresses[index].clientsTriedAt.map({ now - $0 >= Self.clientRetry }) ?? true,
            sentinel.othersReachClients(group)
        else { return }
        var inner: [Effect] = []
        // What could not be done without loss is done with it the second time.
        let isFirst = addresses[index].clientsTriedAt == nil
        if sentinel.moveToClients(group, isCoordinated: isFirst, &inner) {
            addresses[index].clientsTriedAt = now
        }
        effects.append(contentsOf: inner.map { .sentinel($0) })
    }
}
