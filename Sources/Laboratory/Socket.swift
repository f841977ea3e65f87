import Addressing
import CLinux
import Glibc
import MonotonicTime
public import RESP

/// A `sockaddr` of either family.
struct SocketAddress {
    private var storage = sockaddr_storage()
    private let length: socklen_t

    init(_ endpoint: Endpoint) {
        switch endpoint.address {
        case .v4(let address):
            var ipv4 = sockaddr_in()
            ipv4.sin_family = sa_family_t(AF_INET)
            ipv4.sin_port = endpoint.port.bigEndian
            ipv4.sin_addr.s_addr = address.bits.bigEndian
            length = socklen_t(MemoryLayout<sockaddr_in>.size)
            withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: ipv4, as: sockaddr_in.self) }
        case .v6(let address):
            var ipv6 = sockaddr_in6()
            ipv6.sin6_family = sa_family_t(AF_INET6)
            ipv6.sin6_port = endpoint.port.bigEndian
            withUnsafeMutableBytes(of: &ipv6.sin6_addr) { $0.copyBytes(from: address.octets) }
            length = socklen_t(MemoryLayout<sockaddr_in6>.size)
            withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: ipv6, as: sockaddr_in6.self) }
        }
    }

    var family: Int32 { Int32(storage.ss_family) }

    func with<Outcome>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Outcome) -> Outcome {
        withUnsafePointer(to: storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }
}

/// Why a connection to a server can't be made, or is of no more use.
public enum ConnectionFailure: Error, Equatable, Sendable {
    /// The host answers that nobody listens on the port.
    case refused
    /// No answer within the timeout.
    case timedOut
    /// The server, or something on the way, ended the connection.
    case closed
    /// The kernel can't send, or gave up: no route, no carrier, too many retransmissions.
    case unreachable(errorNumber: Int32)
    /// What came is not RESP.
    case protocolViolation(RESPError)
    /// The server does not accept the password.
    case notAuthenticated(String)
    /// The server's reply is none that the command can have.
    case unexpectedReply(String)
    /// The owner asked to stop waiting.
    case interrupted
}

/// A stream socket whose waits all end: by data, by a deadline, or by an interruption.
final class StreamSocket: Sendable {
    private let descriptor: Int32
    private let interruption: Interruption?

    /// Connects from the calling thread's network. No `timeout` waits as long as the kernel tries.
    init(
        to endpoint: Endpoint, timeout: Interval?, interruption: Interruption? = nil
    ) throws(ConnectionFailure) {
        let address = SocketAddress(endpoint)
        let opened = socket(address.family, clinuxStreamNonBlocking, 0)
        guard opened >= 0 else { throw .unreachable(errorNumber: errno) }
        descriptor = opened
        self.interruption = interruption
        var on: Int32 = 1
        setsockopt(
            opened, Int32(IPPROTO_TCP), TCP_NODELAY, &on,
            socklen_t(MemoryLayout<Int32>.size))
        if address.with({ connect(opened, $0, $1) }) == 0 { return }
        guard errno == EINPROGRESS else { throw Self.failure(errno) }
        try wait(for: POLLOUT, until: timeout.map { Laboratory.now + $0 })
        var errorNumber: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(opened, SOL_SOCKET, SO_ERROR, &errorNumber, &length)
        guard errorNumber == 0 else { throw Self.failure(errorNumber) }
    }

    deinit {
        close(descriptor)
    }

    func send(_ bytes: [UInt8], until deadline: Instant?) throws(ConnectionFailure) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, clinuxMessageNoSignal)
            }
            if count >= 0 {
                sent += count
            } else if errno == EAGAIN {
                try wait(for: POLLOUT, until: deadline)
            } else if errno != EINTR {
                throw Self.failure(errno)
            }
        }
    }

    /// Appends what has come; waits until something does.
    func receive(into bytes: inout [UInt8], until deadline: Instant?) throws(ConnectionFailure) {
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count > 0 {
                bytes += chunk[..<count]
                return
            }
            if count == 0 { throw .closed }
            if errno == EAGAIN {
                try wait(for: POLLIN, until: deadline)
            } else if errno != EINTR {
                throw Self.failure(errno)
            }
        }
    }

    private func wait(for events: Int32, until deadline: Instant?) throws(ConnectionFailure) {
        while true {
            var polled = [
                pollfd(fd: descriptor, events: Int16(events), revents: 0),
                // poll(2) passes over negative descriptors.
                pollfd(fd: interruption?.readEnd ?? -1, events: Int16(POLLIN), revents: 0),
            ]
            var limit: Int32 = -1
            if let deadline {
                let left = deadline - Laboratory.now
                guard left > .zero else { throw .timedOut }
                // Rounded up: waking early would only mean to poll again.
                limit = Int32(clamping: (left.nanoseconds + 999_999) / 1_000_000)
            }
            let ready = poll(&polled, nfds_t(polled.count), limit)
            if ready < 0, errno != EINTR { throw Self.failure(errno) }
            if ready > 0, polled[1].revents != 0 { throw .interrupted }
            if ready > 0 { return }
        }
    }

    private static func failure(_ errorNumber: Int32) -> ConnectionFailure {
        switch errorNumber {
        case ECONNREFUSED: .refused
        case ECONNRESET, EPIPE: .closed
        case let other: .unreachable(errorNumber: other)
        }
    }
}

/// Lets another thread end the waits of a socket.
final class Interruption: Sendable {
    private let pipe: Pipe

    init() {
        do throws(LaboratoryError) {
            pipe = try Pipe()
        } catch {
            preconditionFailure("\(error)")
        }
    }

    /// Readable once interrupted, and for ever.
    var readEnd: Int32 { pipe.readEnd }

    func interrupt() {
        var byte: UInt8 = 1
        _ = write(pipe.writeEnd, &byte, 1)
    }

    var isInterrupted: Bool {
        wait(atMost: .zero)
    }

    /// Sleeps, unless interrupted; says whether it was.
    func wait(atMost limit: Interval) -> Bool {
        let deadline = Laboratory.now + limit
        while true {
            let left = max((deadline - Laboratory.now).nanoseconds, 0)
            var polled = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
            // Whole milliseconds only; the last part of one is slept below.
            if poll(&polled, 1, Int32(clamping: left / 1_000_000)) > 0 { return true }
            let rest = max((deadline - Laboratory.now).nanoseconds, 0)
            if rest == 0 { return false }
            if rest < 1_000_000 { usleep(UInt32(rest / 1_000) + 1) }
        }
    }

    deinit {
        close(pipe.readEnd)
        close(pipe.writeEnd)
    }
}
