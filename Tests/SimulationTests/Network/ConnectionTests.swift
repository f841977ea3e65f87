import MonotonicTime
import SentinelCore
import Testing

@testable import Simulation

@Suite("A stream of segments")
struct ConnectionTests {
    @Test("keeps its order")
    func order() {
        var stream = Stream()
        for number in 1...3 {
            let moment = Moment(nanoseconds: Int64(number))
            stream.append(.init(arrival: moment, payload: .heard("\(number)")))
        }
        var heard: [String] = []
        while !stream.isEmpty {
            if case .heard(let text) = stream.takeFirst() { heard.append(text) }
        }
        #expect(heard == ["1", "2", "3"])
    }

    @Test("is sent again at doubled intervals while the path is cut, and given up in the end")
    func retransmission() {
        var stream = Stream()
        var now = Moment.zero
        var waits: [Int] = []
        while let wait = stream.stall(at: now) {
            waits.append(wait.milliseconds)
            now = now + wait
        }
        #expect(waits.prefix(6) == [200, 400, 800, 1_600, 3_200, 5_000])
        #expect(now > Moment.zero + Network.patience)
    }
}
