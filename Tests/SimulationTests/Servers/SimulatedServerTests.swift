import Testing

@testable import Simulation

@Suite("A server of the model")
struct SimulatedServerTests {
    private func primary() -> SimulatedServer {
        var server = SimulatedServer(
            host: 0, group: 0, endpoint: Scenario.serverEndpoint(host: 0, group: 0),
            role: .primary)
        server.isRunning = true
        server.history = 2
        server.offset = 500
        server.formerHistory = .init(history: 1, offset: 300)
        return server
    }

    @Test("continues a replica of its own history, or of the former one up to the fork")
    func partial() {
        let server = primary()
        #expect(server.continues(.init(history: 2, offset: 500)))
        #expect(!server.continues(.init(history: 2, offset: 501)))
        #expect(server.continues(.init(history: 1, offset: 300)))
        #expect(!server.continues(.init(history: 1, offset: 301)))
        #expect(!server.continues(.init(history: 0, offset: 0)))
    }

    @Test("serves only while it runs, answers, has loaded and is a primary")
    func serving() {
        var server = primary()
        #expect(server.isServingPrimary)
        server.isHung = true
        #expect(!server.isServingPrimary)
        server.isHung = false
        server.isLoading = true
        #expect(!server.isServingPrimary)
        server.isLoading = false
        server.role = .replica(of: Scenario.serverEndpoint(host: 1, group: 0))
        #expect(!server.isServingPrimary)
    }
}
