import Addressing
import BalancerCore
import Glibc
import RESP
import Testing

@testable import BalancerDriver

/// Two addresses of the loopback interface; one of them is about to be another host's.
@Suite("Departure of a balancer, at its sockets", .timeLimit(.minutes(1)))
struct ReactorDepartureTests {
    private static func withBalancer(
        _ addresses: [String], server port: UInt16,
        _ body: (BalancerDriver, [Endpoint]) throws -> Void
    ) throws {
        let server = try RedisProcess(port: port)
        let listeners = addresses.compactMap { IPAddress($0) }.map {
            BalancerListener(endpoint: Endpoint(address: $0, port: 0), service: .read)
        }
        let driver = try BalancerDriver(listeners: listeners)
        defer {
            driver.stop()
            for _ in 0..<500 where !driver.isOver { usleep(10_000) }
        }
        let endpoint = Endpoint(address: .v4(IPv4Address(127, 0, 0, 1)), port: server.port)
        driver.update(servers: [
            ServerReport(endpoint: endpoint, role: .replica, condition: .serving(.none))
        ])
        try body(driver, driver.listeners.map(\.endpoint))
    }

    private static func told(_ endpoint: Endpoint) throws -> WireClient {
        let client = try WireClient(endpoint)
        _ = try client.ask("HELLO", "3")
        #expect(
            try client.ask("CLIENT", "MAINT_NOTIFICATIONS", "ON", "moving-endpoint-type", "none")
                == .simple("OK"))
        return client
    }

    private static let moving = RESPValue.push([
        .bulk("MOVING"), .integer(1), .integer(2), .null,
    ])

    @Test("who came by the address that goes is told, and nobody else")
    func told() throws {
        try Self.withBalancer(["127.0.0.1", "127.0.0.2"], server: 21_170) { driver, places in
            let leaving = try Self.told(places[0])
            let staying = try Self.told(places[1])
            driver.depart(from: [places[0].address], within: 2)
            #expect(try leaving.hear() == Self.moving)
            #expect(try leaving.ask("PING") == .simple("PONG"))
            #expect(try staying.ask("PING") == .simple("PONG"))
            // Who comes now is told too.
            let late = try Self.told(places[0])
            #expect(try late.hear() == Self.moving)
        }
    }

    @Test("a place of every address: what counts is the address that the client came by")
    func everyAddress() throws {
        try Self.withBalancer(["0.0.0.0"], server: 21_171) { driver, places in
            let addresses = [IPAddress("127.0.0.1"), IPAddress("127.0.0.2")].compactMap { $0 }
            let clients = try addresses.map {
                try Self.told(Endpoint(address: $0, port: places[0].port))
            }
            driver.depart(from: [addresses[1]], within: 2)
            #expect(try clients[1].hear() == Self.moving)
            #expect(try clients[0].ask("PING") == .simple("PONG"))
        }
    }

    @Test(
        "a newcomer there is left unheard, not refused; who is connected is served",
        arguments: [("127.0.0.2", 21_172), ("::1", 21_173)])
    func newcomers(_ leaving: String, _ server: Int) throws {
        let server = UInt16(server)
        try Self.withBalancer([leaving, "127.0.0.1"], server: server) { driver, places in
            let connected = try places.map { try WireClient($0) }
            for client in connected { #expect(try client.ask("PING") == .simple("PONG")) }
            driver.ignoreNewcomers(at: [places[0].address])
            // The letter is read when a client is: what it asked is answered after.
            usleep(50_000)
            let failure = #expect(throws: WireFailure.self) {
                try WireClient(places[0], patience: 200)
            }
            #expect(failure?.description == "connect: errno \(EINPROGRESS)")
            #expect(try WireClient(places[1]).ask("PING") == .simple("PONG"))
            for client in connected { #expect(try client.ask("PING") == .simple("PONG")) }
        }
    }
}
