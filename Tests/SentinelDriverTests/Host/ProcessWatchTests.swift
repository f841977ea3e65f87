import Addressing
import Glibc
import Testing

@testable import SentinelDriver

@Suite("Seeing a server's process end", .timeLimit(.minutes(1)))
struct ProcessWatchTests {
    private func watched() -> (ProcessWatch, AsyncStream<ProcessWatch.Report>) {
        let (stream, continuation) = AsyncStream<ProcessWatch.Report>.makeStream()
        return (ProcessWatch { continuation.yield($0) }, stream)
    }

    @Test("the end of a real server's process is reported, and not before it")
    func standing() async throws {
        let server = try RedisServer()
        let other = try RedisServer()
        let (watch, reports) = watched()
        var iterator = reports.makeAsyncIterator()
        let endpoint = Endpoint.loopback(server.port)
        #expect(ListeningProcess.doubt(processID: server.processID, port: server.port) == nil)
        watch.watch(endpoint, processID: server.processID)
        // Orders are taken in turn: when this one is answered, the first was accepted.
        watch.watch(.loopback(1), processID: other.processID)
        guard case .unavailable(.loopback(1), _, let reason)? = await iterator.next() else {
            Issue.record("a process that listens elsewhere was taken for the server")
            return
        }
        #expect(reason.contains("does not listen on port 1"))
        server.end()
        #expect(await iterator.next() == .ended(endpoint, processID: server.processID))
        try await watch.shutDown()
    }

    @Test("a process that is not there, or is not the listener, is no evidence")
    func doubts() throws {
        let server = try RedisServer()
        let missing = ListeningProcess.doubt(processID: 0x3FFF_FFFF, port: server.port)
        #expect(missing?.contains("there is no process") == true)
        let stranger = ListeningProcess.doubt(processID: getpid(), port: server.port)
        #expect(stranger?.contains("does not listen") == true)
    }

    @Test("a later watch of an endpoint replaces the former")
    func replaced() async throws {
        let first = try RedisServer()
        let (watch, reports) = watched()
        var iterator = reports.makeAsyncIterator()
        let endpoint = Endpoint.loopback(first.port)
        watch.watch(endpoint, processID: first.processID)
        watch.watch(endpoint, processID: 0x3FFF_FFFF)
        guard case .unavailable? = await iterator.next() else {
            Issue.record("a process that is not there was watched")
            return
        }
        first.end()
        watch.watch(.loopback(1), processID: 0x3FFF_FFFF)
        // Were the first still watched, its end would come before this.
        #expect(
            await iterator.next().map {
                if case .unavailable(.loopback(1), _, _) = $0 { true } else { false }
            } == true)
        try await watch.shutDown()
    }
}
