import Addressing
import MonotonicTime
import SentinelCore

/// Servers that are not what the configuration in force says are told to become it.
extension DropIn {
    /// A replica that takes itself for a primary follows the primary again, once everybody had
    /// time to hear of a newer configuration.
    mutating func convert(_ server: Int, _ group: Int, _ effects: inout [DropInEffect]) {
        let patience = periods[.publish] * 4
        guard groups[group].promoted != server, isPrimarySane(group),
            groups[group].servers[server].condition.isSound(for: patience, at: now),
            now - groups[group].servers[server].roleSince > patience
        else { return }
        if follow(server, groups[group].servers[0].place, group, &effects) {
            announce(.convertToReplica, server: server, of: group, "", &effects)
        }
    }

    /// A replica of another server.
    mutating func fixConfiguration(
        of server: Int, _ group: Int, _ effects: inout [DropInEffect]
    ) {
        let primary = groups[group].servers[0].place
        let patience = groups[group].settings.failoverTimeout
        guard let host = groups[group].servers[server].followedHost,
            followsAnother(host, groups[group].servers[server].followedPort, primary, &effects),
            isPrimarySane(group),
            groups[group].servers[server].condition.isSound(for: patience, at: now),
            now - groups[group].servers[server].followsSince > patience
        else { return }
        if follow(server, primary, group, &effects) {
            announce(.fixReplicaConfig, server: server, of: group, "", &effects)
        }
    }

    /// False for a name that may be the primary's and is not resolved yet.
    private mutating func followsAnother(
        _ host: String, _ port: UInt16, _ primary: Place, _ effects: inout [DropInEffect]
    ) -> Bool {
        if isSame(primary, host: host, port: port) { return false }
        guard globals.resolvesHostnames, IPAddress(host) == nil else { return true }
        guard let place = place(host: host, port: port, &effects) else { return false }
        return !isSame(primary, place)
    }

    private func isPrimarySane(_ group: Int) -> Bool {
        let primary = groups[group].servers[0]
        guard let last = primary.lastReport else { return false }
        return primary.reportsPrimary && !primary.condition.isDown
            && groups[group].objectivelyDownSince == nil && now - last < periods[.info] * 2
    }

    /// Tells a server to follow another; false when there is no link.
    mutating func follow(
        _ server: Int, _ primary: Place, _ group: Int, _ effects: inout [DropInEffect]
    ) -> Bool {
        let connection = groups[group].servers[server].connection
        // In the middle of handing over it would refuse.
        if let state = groups[group].servers[server].failoverState, state != "no-failover" {
            request(.abortHandover, on: connection, group, &effects)
        }
        return request(
            .follow(host: announced(primary), port: primary.port), on: connection, group,
            &effects)
    }
}
