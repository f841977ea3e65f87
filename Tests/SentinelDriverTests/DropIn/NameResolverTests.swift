import Addressing
import Dispatch
import Synchronization
import Testing

@testable import SentinelDriver

@Suite("Names are resolved beside everything else", .timeLimit(.minutes(1)))
struct NameResolverTests {
    private static let address = IPAddress.v4(IPv4Address(10, 0, 0, 1))

    @Test("a name comes to its address, or to nothing")
    func answers() async {
        let resolver = NameResolver { $0 == "known" ? Self.address : nil }
        for (name, address) in [("known", Self.address), ("unknown", nil)] {
            let answer = await withCheckedContinuation { continuation in
                resolver.resolve(name) { continuation.resume(returning: $0) }
            }
            #expect(answer == address)
        }
        resolver.shutDown()
    }

    @Test("ends at once, and says nothing more, while a name server is silent")
    func silent() async {
        let (server, heard) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let over = AsyncStream<Void>.makeStream()
        let resolver = NameResolver { _ in
            heard.signal()
            server.wait()
            over.continuation.yield()
            return Self.address
        }
        let answerCount = Mutex(0)
        resolver.resolve("first") { _ in answerCount.withLock { $0 += 1 } }
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                heard.wait()
                continuation.resume()
            }
        }
        // It would wait for ever here if it waited for the silent one.
        resolver.shutDown()
        server.signal()
        for await _ in over.stream.prefix(1) {}
        #expect(answerCount.withLock { $0 } == 0)
    }

    @Test("asks no further names than it may keep waiting")
    func crowded() async {
        let server = DispatchSemaphore(value: 0)
        let resolver = NameResolver { _ in
            server.wait()
            return Self.address
        }
        for number in 0..<NameResolver.waitingMax {
            resolver.resolve("name\(number)") { _ in }
        }
        let answer = await withCheckedContinuation { continuation in
            resolver.resolve("one more") { continuation.resume(returning: $0) }
        }
        #expect(answer == nil)
        resolver.shutDown()
        for _ in 0..<NameResolver.waitingMax { server.signal() }
    }
}
