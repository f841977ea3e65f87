internal import MonotonicTime
internal import TransportSecurity

/// The handshakes that are under way, in the order in which they began: each has the same time, so
/// that the first is the first to be over.
struct Handshakes {
    /// Whose.
    enum Socket: Equatable {
        case client(slot: Int, generation: UInt32)
        case upstream(slot: Int, generation: UInt32)
    }

    private var list: ContiguousArray<(socket: Socket, deadline: Instant)> = []
    var failures = HandshakeFailures()

    mutating func begin(_ socket: Socket, deadline: Instant) {
        list.append((socket, deadline))
    }

    /// Takes out those whose time is over; they may have been completed long ago.
    mutating func takeOverdue(at now: Instant) -> ArraySlice<Socket> {
        guard let first = list.first, first.deadline <= now else { return [] }
        let count = list.firstIndex { $0.deadline > now } ?? list.count
        defer { list.removeFirst(count) }
        return ArraySlice(list[..<count].map(\.socket))
    }

    mutating func clientFailed(_ failure: TLSFailure) {
        failures.clientCount += 1
        failures.lastOfClients = failure
    }

    mutating func serverFailed(_ failure: TLSFailure) {
        failures.serverCount += 1
        failures.lastOfServers = failure
    }
}
