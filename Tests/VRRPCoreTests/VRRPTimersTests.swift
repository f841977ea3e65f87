import MonotonicTime
import Testing
import VRRPCore

@Suite("How long a backup waits")
struct VRRPTimersTests {
    @Test("priority 100 at 1 s waits 3.609 s, in both versions", arguments: VRRPVersion.allCases)
    func usual(version: VRRPVersion) {
        #expect(
            VRRPTimers.downInterval(version, priority: 100, interval: .seconds(1))
                == Interval(nanoseconds: 3_609_375_000))
    }

    @Test("skew is a part of the interval in version 3, of a second in version 2")
    func skew() {
        #expect(
            VRRPTimers.skew(.three, priority: 254, interval: .milliseconds(10))
                == Interval(nanoseconds: 78_125))
        #expect(
            VRRPTimers.skew(.two, priority: 254, interval: .seconds(5))
                == Interval(nanoseconds: 7_812_500))
    }

    @Test("the higher the priority the shorter the wait, and never none")
    func order() {
        for version in VRRPVersion.allCases {
            let waits = (UInt8(1)...255).map {
                VRRPTimers.skew(version, priority: $0, interval: .seconds(1))
            }
            #expect(zip(waits, waits.dropFirst()).allSatisfy { $0 > $1 })
            #expect(waits.allSatisfy { $0 > .zero && $0 < .seconds(1) })
        }
    }
}
