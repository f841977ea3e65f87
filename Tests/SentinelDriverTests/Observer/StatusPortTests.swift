import Addressing
import RESP
import Testing

@testable import SentinelDriver

@Suite("A host's port without a node", .timeLimit(.minutes(1)))
struct StatusPortTests {
    private func open() async throws -> (port: StatusPort, client: RawSocket) {
        let port = try await StatusPort.open(on: [.loopback(0)]) { "{\"name\":\"lb01\"}" }
        return (port, try RawSocket(port: try #require(port.ports.first)))
    }

    @Test("answers PING and BATON STATUS, in order and in any pieces")
    func answers() async throws {
        let (port, client) = try await open()
        client.send("PING\r\nBATON STATUS\r\nPI")
        #expect(try client.value() == .simple("PONG"))
        #expect(try client.value() == .bulk("{\"name\":\"lb01\"}"))
        client.send("NG\r\n")
        #expect(try client.value() == .simple("PONG"))
        #expect(try client.ask("baton", "Status") == .bulk("{\"name\":\"lb01\"}"))
        try await port.close()
    }

    @Test("says what it is to whoever asks for anything else, and goes on")
    func others() async throws {
        let (port, client) = try await open()
        let answer = try client.ask("SENTINEL", "MASTERS")
        #expect(answer.errorBytes != nil && answer.text?.contains("balancer") == true)
        #expect(try client.ask("PING") == .simple("PONG"))
        #expect(try client.ask("QUIT") == .simple("OK"))
        #expect(client.isClosedByPeer())
        try await port.close()
    }

    @Test("turns away whoever is one too many, and takes the next when one has gone")
    func crowd() async throws {
        let (port, first) = try await open()
        #expect(try first.ask("PING") == .simple("PONG"))
        var others: [RawSocket] = []
        let number = try #require(port.ports.first)
        for _ in 1..<StatusPort.clientCountMax {
            let client = try RawSocket(port: number)
            #expect(try client.ask("PING") == .simple("PONG"))
            others.append(client)
        }
        #expect(try RawSocket(port: number).isClosedByPeer())
        #expect(try others[0].ask("QUIT") == .simple("OK"))
        #expect(others[0].isClosedByPeer())
        #expect(try RawSocket(port: number).ask("PING") == .simple("PONG"))
        try await port.close()
    }

    @Test("closes on what is no request")
    func nonsense() async throws {
        let (port, client) = try await open()
        client.send("*1\r\n$999999\r\n")
        #expect(try client.value().errorBytes != nil)
        #expect(client.isClosedByPeer())
        try await port.close()
    }

    @Test("says where it can't be opened, and why")
    func taken() async throws {
        let (port, _) = try await open()
        let number = try #require(port.ports.first)
        await #expect(
            throws: StatusPort.Failure(
                description: "cannot listen on 127.0.0.1:\(number): Address already in use")
        ) {
            _ = try await StatusPort.open(on: [.loopback(UInt16(number))]) { "" }
        }
        try await port.close()
    }
}
