import Addressing
import MonotonicTime
import SentinelCore

/// Keeping clients from this host's server itself: a lease on the write address does not stop
/// writes that come by the server's own address.
///
/// While the server is dead, hung, returning, or a primary without the lease, its port admits only
/// this host and the cluster's own. With the lease the kernel admits everybody for as long as the
/// lease lasts. A replica in order is open to all: it takes no writes.
extension Node {
    /// What is done about a server's port.
    struct Fencing: Equatable, Sendable {
        var port: UInt16
        var isFenced: Bool
    }

    /// Has the port opened or closed when what is known of the server demands it.
    mutating func keepFence(_ index: Int, at now: Instant, _ effects: inout [NodeEffect]) {
        guard let wanted = fencing(index), wanted != addresses[index].fencing,
            addresses[index].fenceRetryAt.map({ now >= $0 }) ?? true
        else { return }
        addresses[index].fencing = wanted
        addresses[index].fenceRetryAt = nil
        let name = addresses[index].name
        effects.append(
            .address(
                wanted.isFenced
                    ? .fence(group: name, port: wanted.port)
                    : .unfence(group: name, port: wanted.port)))
    }

    /// What is to be done about the port; `nil` to leave it as it is.
    @inline(__always)
    private func fencing(_ index: Int) -> Fencing? {
        let group = addresses[index].group
        // Where nobody has ever held the address Baton is being installed: clients go on as before.
        guard sentinel.groups[group].tenure.hasBeenHeld, let server = sentinel.localServer(group)
        else { return nil }
        let port = sentinel.groups[group].servers[server].endpoint.port
        let isFenced: Bool
        switch addresses[index].custody {
        case .taking, .held:
            isFenced = true  // And admitted with the lease.
        case .inspecting, .clearing, .released, .hushing, .hushed, .barring, .resetting, .barred,
            .removing:
            if sentinel.isDown(group, server) {
                isFenced = true
            } else if let isPrimary = sentinel.saysPrimary(group, server) {
                // A replica takes no writes, whomever it follows.
                isFenced = isPrimary
            } else if server == sentinel.groups[group].primary,
                addresses[index].custody != .inspecting
            {
                isFenced = true
            } else {
                return nil
            }
        }
        return Fencing(port: port, isFenced: isFenced)
    }

    /// The port that is closed and opened with the lease.
    func port(_ index: Int) -> UInt16? {
        let group = addresses[index].group
        return sentinel.localServer(group).map { sentinel.groups[group].servers[$0].endpoint.port }
    }

    /// A step of the fence failed: what is in force is not known, so it is done anew.
    mutating func fenceFailed(_ index: Int, at now: Instant) {
        addresses[index].fencing = nil
        addresses[index].fenceRetryAt = now + Custody.stepRetry
    }
}
