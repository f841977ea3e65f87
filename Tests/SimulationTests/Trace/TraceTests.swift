import MonotonicTime
import NodeCore
import SentinelCore
import Testing

@testable import Simulation

@Suite("A trace")
struct TraceTests {
    @Test("keeps the last lines only, in their order")
    func ring() {
        var trace = Trace(extent: .last(lines: 3))
        for second in 1...7 {
            trace.record(.healed, host: -1, at: .zero + .seconds(second))
        }
        #expect(trace.position == 7)
        #expect(
            trace.lines == [
                "   5.000000  world    ** everything is healed",
                "   6.000000  world    ** everything is healed",
                "   7.000000  world    ** everything is healed",
            ])
    }

    @Test("leaves routine out unless it is asked for")
    func routine() {
        for (extent, count) in [
            (Trace.Extent.whole(routine: true), 2), (.whole(routine: false), 1),
            (.last(lines: 10), 1), (.nothing, 0),
        ] {
            var trace = Trace(extent: extent)
            trace.record(.event(.sentinel(.tick)), host: 0, at: .zero)
            trace.record(.fault(.killServer, begins: true), host: 0, at: .zero)
            #expect(trace.lines.count == count)
        }
    }
}
