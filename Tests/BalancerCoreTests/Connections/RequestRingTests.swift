import MonotonicTime
import Testing

@testable import BalancerCore

@Suite("Request ring")
struct RequestRingTests {
    private static func request(_ byteCount: Int) -> Awaited {
        Awaited(
            client: .nobody, byteCount: UInt32(byteCount), errand: .read, attemptCount: 0,
            since: Instant(nanoseconds: 0))
    }

    @Test("requests leave in the order in which they came, however full and empty it gets")
    func order() {
        var ring = RequestRing()
        var coming = 0
        var leaving = 0
        for round in 0..<200 {
            for _ in 0..<round % 150 {
                ring.append(Self.request(coming))
                coming += 1
            }
            for _ in 0..<min(ring.count, round % 140) {
                #expect(Int(ring[0].byteCount) == leaving)
                #expect(Int(ring.removeFirst().byteCount) == leaving)
                leaving += 1
            }
            #expect(ring.count == coming - leaving)
        }
        for index in 0..<ring.count { #expect(Int(ring[index].byteCount) == leaving + index) }
    }
}
