import Addressing
import Configuration
import Laboratory
import MonotonicTime
import RESP
import Synchronization

/// What one look at a host shows: its Redis asked directly, its addresses as the kernel has them.
struct HostSight: Equatable, Sendable {
    enum Server: Equatable, Sendable {
        case primary(offset: Int, replicaCount: Int)
        /// `link` is Redis's word: connect, connecting, sync, connected.
        case replica(of: String, link: String, offset: Int)
        /// It answers with an error, for example that it is loading.
        case unwell(String)
        /// Its process runs and it does not answer.
        case silent
        /// Its process has ended.
        case dead

        var offset: Int? {
            switch self {
            case .primary(let offset, _), .replica(_, _, let offset): offset
            case .unwell, .silent, .dead: nil
            }
        }

        var isPrimary: Bool {
            if case .primary = self { return true }
            return false
        }
    }

    var server = Server.silent
    var holdsAddress = false
}

/// Looks at every host many times a second.
final class DemoObservation: Sendable {
    private let sights: Shelf
    private let routines: [Routine]

    /// What the routines write and the picture reads.
    private final class Shelf: Sendable {
        let sights: Mutex<[HostSight]>

        init(count: Int) {
            sights = Mutex(Array(repeating: HostSight(), count: count))
        }
    }

    /// Shorter than the eye can follow; a look at a hung server takes its timeout.
    private static let pause = Interval.milliseconds(50)
    private static let timeout = Interval.milliseconds(150)

    init(of cluster: DemoCluster) {
        let shelf = Shelf(count: cluster.servers.count)
        sights = shelf
        routines = cluster.servers.enumerated().map { index, server in
            Routine(on: server.host, every: Self.pause) {
                var connection: RedisClient?
                return {
                    let sight = HostSight(
                        server: Self.look(at: server, &connection),
                        holdsAddress: Self.holdsAddress(server, cluster))
                    shelf.sights.withLock { $0[index] = sight }
                }
            }
        }
    }

    /// In the order of the servers.
    var hosts: [HostSight] {
        sights.sights.withLock { $0 }
    }

    func stop() {
        routines.forEach { $0.stop() }
    }

    private static func holdsAddress(_ server: RedisServer, _ cluster: DemoCluster) -> Bool {
        if let forwarder = cluster.forwarder { return forwarder.target == server.endpoint }
        return LocalFacts.interfaces().contains { interface in
            interface.addresses.contains { $0.address == cluster.writeEndpoint.address }
        }
    }

    private static func look(
        at server: RedisServer, _ connection: inout RedisClient?
    ) -> HostSight.Server {
        guard server.isRunning else {
            connection = nil
            return .dead
        }
        do throws(ConnectionFailure) {
            let reply = try role(of: server, &connection)
            guard let role = reply.elements, role.count >= 3 else {
                return .unwell(reply.text ?? "no role")
            }
            if role.count == 3 {
                return .primary(
                    offset: role[1].number ?? 0, replicaCount: role[2].elements?.count ?? 0)
            }
            guard role.count == 5 else { return .unwell("no role") }
            return .replica(
                of: "\(role[1].text ?? "?"):\(role[2].number ?? 0)", link: role[3].text ?? "?",
                offset: role[4].number ?? 0)
        } catch {
            connection = nil
            if case .notAuthenticated(let text) = error { return .unwell(text) }
            return .silent
        }
    }

    private static func role(
        of server: RedisServer, _ connection: inout RedisClient?
    ) throws(ConnectionFailure) -> RESPValue {
        if let open = connection {
            do throws(ConnectionFailure) {
                return try open.command("ROLE")
            } catch {
                // A promotion ends every client's connection: that is no silence.
                guard error == .closed else { throw error }
            }
        }
        let client = try server.connect(timeout: timeout)
        connection = client
        return try client.command("ROLE")
    }
}
