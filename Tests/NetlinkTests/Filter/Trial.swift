import Addressing
import Glibc
import MonotonicTime
import NamespaceFixture
import Synchronization
import Testing

@testable import Netlink

/// A filter in the near namespace of a pair, and the write address that it guards there.
final class Trial {
    var filter: LeaseFilter
    let pair: NamespacePair
    let address: IPAddress

    static let addresses = [
        IPAddress.v4(IPv4Address(10, 18, 14, 94)),
        IPAddress.v6(IPv6Address(high: 0xFD18_0000_0000_0000, low: 0x94)),
    ]
    static let port: UInt16 = 6379

    /// Configures the address on near0 and guards it, unless told otherwise.
    init(
        _ pair: NamespacePair, _ address: IPAddress = addresses[0], isConfigured: Bool = true,
        trusted: [IPAddress] = [], clock: @escaping @Sendable () -> Instant = BootTime.now
    ) throws {
        let box = try pair.near.run {
            Box(try LeaseFilter(tableName: "baton", tolerance: .milliseconds(5), clock: clock))
        }
        filter = box.take()
        self.pair = pair
        self.address = address
        if isConfigured {
            let isIPv6 = address.bitCount == 128
            try pair.near.ip(
                "addr add \(address)/\(address.bitCount) dev near0" + (isIPv6 ? " nodad" : ""))
        }
        let installation = try filter.install(
            guarding: [address], interfaces: ["near0"], trusted: trusted)
        try #require(installation == .complete(interfaces: ["near0"]))
    }

    /// Carries a filter, which cannot be copied, out of a closure.
    private final class Box {
        private var filter: LeaseFilter?

        init(_ filter: consuming LeaseFilter) { self.filter = consume filter }

        func take() -> LeaseFilter { filter.take()! }
    }

    func open(_ milliseconds: Int, port: UInt16? = nil) throws -> LeaseOutcome {
        try filter.open(address, port: port, until: BootTime.now() + .milliseconds(milliseconds))
    }

    func renew(_ milliseconds: Int, port: UInt16? = nil) throws -> LeaseOutcome {
        try filter.renew(address, port: port, until: BootTime.now() + .milliseconds(milliseconds))
    }

    var endpoint: Endpoint { Endpoint(address: address, port: Self.port) }

    func listen() throws -> TCPSocket {
        try pair.near.run { try TCPSocket.listen(family: .dual, port: Self.port) }
    }

    /// The error number of a new connection from the far host: 0, or EINPROGRESS for silence.
    func knock(at endpoint: Endpoint? = nil, limitMilliseconds: Int = 300) throws -> Int32 {
        try connect(to: endpoint, limitMilliseconds: limitMilliseconds).errno
    }

    func connect(
        to endpoint: Endpoint? = nil, limitMilliseconds: Int = TCPSocket.limitMilliseconds
    ) throws -> (TCPSocket, errno: Int32) {
        let endpoint = endpoint ?? self.endpoint
        return try pair.far.run {
            try TCPSocket.connect(to: endpoint, limitMilliseconds: limitMilliseconds)
        }
    }

    /// Makes the far host ask anew who has the address; nothing else announces it in these tests.
    func forgetNeighbour() throws {
        try pair.far.ip("neigh flush to \(address) dev far0")
    }

    /// Whether the far host finds out by ARP or neighbour discovery who has the address.
    func isAnswered() throws -> Bool {
        try forgetNeighbour()
        _ = try knock()
        return try pair.far.ip("neigh show to \(address) dev far0").contains("lladdr")
    }
}

extension LeaseOutcome {
    /// Whether it is held for as long as was asked, give or take what a busy machine takes.
    func isHeld(forMilliseconds wanted: Int) -> Bool {
        guard case .held(let rest, _) = self else { return false }
        return (wanted - 100...wanted).contains(rest.milliseconds)
    }
}

/// The clock, which jumps ahead at some of its readings as if the process had stood still before.
final class JumpingClock: Sendable {
    private struct State {
        var jumps: [Int: Interval] = [:]
        var reading = 0
        var ahead = Interval.zero
    }

    private let state = Mutex(State())

    /// `jumps`: by the number of the reading, from 1 for the next.
    func jump(_ jumps: [Int: Interval]) {
        state.withLock { state in
            state.jumps = jumps
            state.reading = 0
        }
    }

    func now() -> Instant {
        state.withLock { state in
            state.reading += 1
            state.ahead = state.ahead + (state.jumps[state.reading] ?? .zero)
            return BootTime.now() + state.ahead
        }
    }
}

/// Waits, where a test is about the passing of the kernel's time.
func sleep(milliseconds: Int) {
    usleep(UInt32(milliseconds) * 1000)
}
