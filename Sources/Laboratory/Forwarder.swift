public import Addressing
import CLinux
import Glibc
import MonotonicTime

/// A port that leads to a server, now to one and then to another: what stands for the write
/// address on machines where no address can be moved.
///
/// Like an address that moves, it resets the connections that it had: a client must notice at
/// once that its server is gone, and connect again.
public final class Forwarder: Sendable {
    private struct State: Sendable {
        var target: Endpoint?
        /// Grows with each change, so that a connection made for a target before is known.
        var generation = 0
    }

    /// Where it listens.
    public let endpoint: Endpoint
    private let state = Shared(State())
    private let interruption = Interruption()

    /// Listens on `port` of the host's address; connections are reset until there is a target.
    public init(on host: Host, port: UInt16) throws(LaboratoryError) {
        let address = Endpoint(address: .v4(host.address(on: .external)), port: port)
        endpoint = address
        let listener = try host.run { () throws(LaboratoryError) in try Self.listen(on: address) }
        let (state, interruption) = (state, interruption)
        host.start(until: interruption) {
            var relay = Relay(listener: listener)
            while !interruption.isInterrupted {
                relay.turn(state.with { ($0.target, $0.generation) })
            }
            relay.end()
        }
    }

    /// The server that connections lead to.
    public var target: Endpoint? {
        state.with { $0.target }
    }

    /// Leads to another server from now on, and resets all connections that led elsewhere.
    public func lead(to target: Endpoint?) {
        state.with { state in
            guard state.target != target else { return }
            state.target = target
            state.generation += 1
        }
    }

    private static func listen(on endpoint: Endpoint) throws(LaboratoryError) -> Int32 {
        let address = SocketAddress(endpoint)
        let descriptor = socket(address.family, clinuxStreamNonBlocking, 0)
        guard descriptor >= 0 else {
            throw .systemCall("socket", subject: "\(endpoint)", errorNumber: errno)
        }
        var on: Int32 = 1
        setsockopt(
            descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        guard address.with({ bind(descriptor, $0, $1) }) == 0,
            Glibc.listen(descriptor, SOMAXCONN) == 0
        else {
            let errorNumber = errno
            close(descriptor)
            throw .systemCall("listen", subject: "\(endpoint)", errorNumber: errorNumber)
        }
        return descriptor
    }
}

/// The forwarder's thread: one poll(2) over all that is open.
private struct Relay {
    private struct Connection {
        var client: Int32
        var server: Int32
        var generation: Int
        var toServer: [UInt8] = []
        var toClient: [UInt8] = []
        var isBroken = false
    }

    /// More than a demonstration needs; further clients wait in the kernel's queue.
    private static let connectionsMax = 256
    /// What may wait for a slow reader, in each direction, before nothing more is read for it.
    private static let waitingBytesMax = 1 << 18
    /// How late a change of the target is noticed at most, in milliseconds.
    private static let turnMilliseconds: Int32 = 2

    private let listener: Int32
    private var connections: [Connection] = []

    init(listener: Int32) {
        self.listener = listener
    }

    mutating func turn(_ lead: (target: Endpoint?, generation: Int)) {
        for index in connections.indices where connections[index].generation != lead.generation {
            connections[index].isBroken = true
        }
        drop()
        let isOpen = connections.count < Self.connectionsMax
        var polled = [pollfd(fd: isOpen ? listener : -1, events: Int16(POLLIN), revents: 0)]
        for connection in connections {
            polled.append(
                Self.interest(
                    connection.client, out: connection.toClient, into: connection.toServer))
            polled.append(
                Self.interest(
                    connection.server, out: connection.toServer, into: connection.toClient))
        }
        guard poll(&polled, nfds_t(polled.count), Self.turnMilliseconds) > 0 else { return }
        for index in connections.indices {
            let (client, server) = (polled[1 + 2 * index], polled[2 + 2 * index])
            carry(index, client, server)
        }
        drop()
        if polled[0].revents != 0 { accept(lead) }
    }

    mutating func end() {
        for index in connections.indices { connections[index].isBroken = true }
        drop()
        close(listener)
    }

    private static func interest(_ descriptor: Int32, out: [UInt8], into: [UInt8]) -> pollfd {
        let events = (out.isEmpty ? 0 : POLLOUT) | (into.count < waitingBytesMax ? POLLIN : 0)
        return pollfd(fd: descriptor, events: Int16(events), revents: 0)
    }

    private mutating func carry(_ index: Int, _ client: pollfd, _ server: pollfd) {
        let failures = Int16(POLLERR) | Int16(POLLHUP) | Int16(POLLIN)
        var connection = connections[index]
        if client.revents & failures != 0, !Self.read(connection.client, &connection.toServer) {
            connection.isBroken = true
        }
        if server.revents & failures != 0, !Self.read(connection.server, &connection.toClient) {
            connection.isBroken = true
        }
        // What came is sent on at once; what doesn't fit waits for the next turn.
        if !Self.write(connection.server, &connection.toServer) { connection.isBroken = true }
        if !Self.write(connection.client, &connection.toClient) { connection.isBroken = true }
        connections[index] = connection
    }

    /// False when the connection has ended.
    private static func read(_ descriptor: Int32, _ bytes: inout [UInt8]) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 16_384)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        if count < 0 { return errno == EAGAIN || errno == EINTR }
        bytes += chunk[..<count]
        return count > 0
    }

    private static func write(_ descriptor: Int32, _ bytes: inout [UInt8]) -> Bool {
        guard !bytes.isEmpty else { return true }
        let count = bytes.withUnsafeBytes {
            send(descriptor, $0.baseAddress, $0.count, clinuxMessageNoSignal)
        }
        // A connection that is still being made refuses with ENOTCONN or EAGAIN.
        if count < 0 { return [EAGAIN, EINTR, ENOTCONN].contains(errno) }
        bytes.removeFirst(count)
        return true
    }

    private mutating func accept(_ lead: (target: Endpoint?, generation: Int)) {
        let client = Glibc.accept(listener, nil, nil)
        guard client >= 0 else { return }
        guard let target = lead.target else { return Self.reset(client) }
        let address = SocketAddress(target)
        let server = socket(address.family, clinuxStreamNonBlocking, 0)
        guard server >= 0 else { return Self.reset(client) }
        _ = fcntl(client, F_SETFL, O_NONBLOCK)
        _ = fcntl(client, F_SETFD, FD_CLOEXEC)
        for descriptor in [client, server] {
            var on: Int32 = 1
            setsockopt(
                descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on,
                socklen_t(MemoryLayout<Int32>.size))
        }
        guard address.with({ connect(server, $0, $1) }) == 0 || errno == EINPROGRESS else {
            close(server)
            return Self.reset(client)
        }
        connections.append(
            Connection(client: client, server: server, generation: lead.generation))
    }

    private mutating func drop() {
        for connection in connections where connection.isBroken {
            Self.reset(connection.client)
            Self.reset(connection.server)
        }
        connections.removeAll(where: \.isBroken)
    }

    /// Closes with a reset: the other end must not take it for an orderly end.
    private static func reset(_ descriptor: Int32) {
        var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_LINGER, &linger,
            socklen_t(MemoryLayout<Glibc.linger>.size))
        close(descriptor)
    }
}
