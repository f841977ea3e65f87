import AddressDriver
import Addressing
import MonotonicTime
import Testing

@Suite("The clients' network")
struct ClientNetworkTests {
    private static let neighbour = IPAddress.v4(IPv4Address(10, 18, 14, 2))
    private static let stranger = IPAddress.v4(IPv4Address(10, 18, 14, 9))
    private static let start = Instant(nanoseconds: 1_000_000_000)

    @Test("is reached by the wire alone while no neighbour is known")
    func alone() {
        var network = ClientNetwork()
        #expect(network.isReached(at: Self.start + .seconds(60)))
        network.carrierChanged(false)
        #expect(!network.isReached(at: Self.start))
        network.carrierChanged(true)
        #expect(network.isReached(at: Self.start))
    }

    @Test("is lost when no neighbour has said anything for long, and found with its next word")
    func silence() {
        var network = ClientNetwork()
        network.watch([Self.neighbour], at: Self.start)
        #expect(network.isReached(at: Self.start + ClientNetwork.patience))
        let late = Self.start + ClientNetwork.patience + .milliseconds(1)
        #expect(!network.isReached(at: late))
        network.heard(Self.stranger, at: late)
        #expect(!network.isReached(at: late))
        network.heard(Self.neighbour, at: late)
        #expect(network.isReached(at: late + ClientNetwork.patience))
        #expect(!network.isReached(at: late + ClientNetwork.patience + .milliseconds(1)))
    }

    @Test("is lost with the wire at once, whoever was heard")
    func wire() {
        var network = ClientNetwork()
        network.watch([Self.neighbour], at: Self.start)
        network.heard(Self.neighbour, at: Self.start)
        network.carrierChanged(false)
        #expect(!network.isReached(at: Self.start))
    }

    @Test("gives neighbours that have just become known the time to answer")
    func news() {
        var network = ClientNetwork()
        network.watch([Self.neighbour], at: Self.start)
        let later = Self.start + .seconds(5)
        network.watch([Self.neighbour, Self.stranger], at: later)
        #expect(network.isReached(at: later))
        network.watch([Self.neighbour, Self.stranger], at: later + .seconds(5))
        #expect(!network.isReached(at: later + .seconds(5)))
    }
}
