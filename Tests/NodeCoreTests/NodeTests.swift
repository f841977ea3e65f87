import MonotonicTime
import NodeCore
import SentinelCore
import Stage
import Testing

@Suite("Node")
struct NodeTests {
    @Test("looks at the clock a hundred times a second while something moves, else ten times")
    func tickPeriod() throws {
        var shape = Stage.Shape()
        shape.hasWriteAddress = true
        let stage = Stage(shape)
        func period(_ number: Int) throws -> Interval {
            try #require(stage.node(number)).tickPeriod(at: stage.now)
        }
        #expect(try period(1) == .milliseconds(10))
        stage.settle()
        #expect(try period(1) == .milliseconds(100))
        stage.orderFailover(on: 1)
        #expect(try period(1) == .milliseconds(10))
        stage.settle(.seconds(10))
        #expect(try period(1) == .milliseconds(100))
    }

    @Test("without a write address does what a Sentinel does and nothing with addresses")
    func withoutAddress() {
        let stage = Stage()
        stage.settle()
        stage.kill(server: 1)
        stage.run(.seconds(10))
        #expect(stage.addressLog.isEmpty)
        #expect(stage.hosts[1].server?.isPrimary == true)
    }
}
