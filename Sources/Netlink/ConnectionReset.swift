public import Addressing
internal import CLinux
internal import Glibc

/// Resets TCP connections from the server's side, over sock_diag.
///
/// A client that is connected to an address which is then taken away hears nothing and waits for
/// minutes. Reset **before** the address goes: afterwards no packet can be sent from it.
/// Needs CAP_NET_ADMIN and a kernel with CONFIG_INET_DIAG_DESTROY.
public struct ConnectionReset: ~Copyable {
    /// Destructions in one datagram: their answers must fit the socket's receive buffer.
    private static let destructionsMax = 64
    /// New connections should be barred before; then the second pass finds nothing. Were they
    /// not, an eager client could keep us here for ever.
    private static let passesMax = 4

    private var session: NetlinkSession

    /// Opens the socket, in the calling thread's network namespace.
    public init() throws(NetlinkError) {
        session = try NetlinkSession(family: NETLINK_SOCK_DIAG)
    }

    /// Resets every connection whose local address is `address`, handshakes included, until none is
    /// left; returns how many were reset.
    ///
    /// IPv4 connections accepted by a socket that listens on `::` are IPv6 sockets with a mapped
    /// address, as Redis has them with `bind * -::*` on some hosts: both kinds are found.
    public mutating func resetAll(local address: IPAddress) throws(NetlinkError) -> Int {
        var count = 0
        for _ in 0..<Self.passesMax {
            let connections = try list(local: address)
            if connections.isEmpty { break }
            var rest = connections[...]
            while !rest.isEmpty {
                count += try destroy(rest.prefix(Self.destructionsMax), local: address)
                rest = rest.dropFirst(Self.destructionsMax)
            }
        }
        return count
    }

    private mutating func list(local address: IPAddress) throws(NetlinkError) -> [Connection] {
        let operation = "list the connections of \(address)"
        let families: [Int32] =
            switch address {
            case .v4: [AF_INET, AF_INET6]
            case .v6: [AF_INET6]
            }
        var connections: [Connection] = []
        for family in families {
            do throws(NetlinkError) {
                let request = Connection.listRequest(local: address, family: family)
                connections += try session.dump(request, operation).compactMap(Connection.init)
                    .filter { $0.localAddress == address }
            } catch {
                // ENOENT: no handler for the family's sockets. Without IPv6 there are none.
                if error.errno == ENOENT, family == AF_INET6, families.count == 2 { continue }
                if error.errno == ENOENT {
                    throw .unsupported(
                        operation: operation, errno: ENOENT, need: "CONFIG_INET_DIAG")
                }
                throw error
            }
        }
        return connections
    }

    private mutating func destroy(
        _ connections: ArraySlice<Connection>, local address: IPAddress
    ) throws(NetlinkError) -> Int {
        let operation = "reset the connections of \(address)"
        let requests = connections.map { $0.destructionRequest() }
        var count = 0
        for verdict in try session.performAll(requests, operation) {
            switch verdict.errno {
            case 0:
                count += 1
            case ENOENT:
                break  // Closed by itself since the list was made.
            case EOPNOTSUPP:
                throw .unsupported(
                    operation: operation, errno: EOPNOTSUPP, need: "CONFIG_INET_DIAG_DESTROY")
            default:
                throw .refused(
                    operation: operation, errno: verdict.errno, explanation: verdict.explanation)
            }
        }
        return count
    }
}
