import Testing

@testable import SentinelCore

@Suite("The figures of write safety")
struct WriteSafetyFigureTests {
    @Test("a bound of N seconds leaves a lag of N - 2, and async needs no replica")
    func limits() {
        #expect(WriteSafety.bounded(seconds: 3).limit == WriteLimit(replicas: 1, lagSeconds: 1))
        #expect(WriteSafety.bounded(seconds: 60).limit == WriteLimit(replicas: 1, lagSeconds: 58))
        #expect(WriteSafety.asynchronous.limit == WriteLimit(replicas: 0, lagSeconds: nil))
        #expect(WriteSafety.asynchronous.boundSeconds == nil)
    }
}
