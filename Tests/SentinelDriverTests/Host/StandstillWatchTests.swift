import MonotonicTime
import Testing

@testable import SentinelDriver

@Suite("Seeing that the machine stood still")
struct StandstillWatchTests {
    /// A machine whose clocks are wound by hand.
    private struct Machine {
        var reading = ClockReading(
            boot: Instant(nanoseconds: 5_000_000_000),
            monotonic: Instant(nanoseconds: 5_000_000_000),
            real: Instant(nanoseconds: 1_800_000_000_000_000_000), spread: .microseconds(1))
        var watch = StandstillWatch()

        init() { _ = watch.compare(reading) }

        /// All clocks go on.
        mutating func runs(_ interval: Interval) -> StandstillWatch.Standstill? {
            reading.boot = reading.boot + interval
            reading.monotonic = reading.monotonic + interval
            reading.real = reading.real + interval
            return watch.compare(reading)
        }

        mutating func sleeps(_ interval: Interval) -> StandstillWatch.Standstill? {
            reading.boot = reading.boot + interval
            reading.real = reading.real + interval
            return watch.compare(reading)
        }

        /// The wall clock is set.
        mutating func steps(_ interval: Interval) -> StandstillWatch.Standstill? {
            reading.real = reading.real + interval
            return watch.compare(reading)
        }
    }

    @Test("as long as all clocks go on nothing is said, however rarely it is looked")
    func quiet() {
        var machine = Machine()
        for length in [0, 1, 100, 86_400_000] {
            #expect(machine.runs(.milliseconds(length)) == nil)
        }
    }

    @Test("a suspended machine is certain, and said once")
    func suspended() {
        var machine = Machine()
        #expect(machine.sleeps(.milliseconds(300)) == .suspended(.milliseconds(300)))
        #expect(machine.runs(.milliseconds(100)) == nil)
        #expect(machine.sleeps(.seconds(3600)) == .suspended(.seconds(3600)))
    }

    @Test("a wall clock that is set forward is a suspicion, by as much as a lease would feel")
    func setForward() {
        var machine = Machine()
        #expect(machine.steps(.milliseconds(199)) == nil)
        #expect(machine.steps(.milliseconds(200)) == .wallClockSet(forward: .milliseconds(200)))
        #expect(machine.runs(.milliseconds(100)) == nil)
        #expect(machine.steps(.seconds(7200)) == .wallClockSet(forward: .seconds(7200)))
    }

    @Test("a wall clock that is set back is an operator's doing, and so is setting it right again")
    func setBack() {
        var machine = Machine()
        #expect(machine.steps(.seconds(-7200)) == nil)
        #expect(machine.runs(.seconds(1)) == nil)
        #expect(machine.steps(.seconds(7200)) == .wallClockSet(forward: .seconds(7200)))
    }

    @Test("clocks that were read with a break in between say nothing; the next reading does")
    func broken() {
        var machine = Machine()
        machine.reading.spread = .milliseconds(300)
        #expect(machine.steps(.seconds(5)) == nil)
        machine.reading.spread = .microseconds(1)
        #expect(machine.runs(.milliseconds(1)) == .wallClockSet(forward: .seconds(5)))
    }

    @Test("this machine's own clocks agree with one another")
    func real() {
        var watch = StandstillWatch()
        for _ in 0..<1000 { #expect(watch.compare(.now()) == nil) }
        #expect(ClockReading.now().asleep >= .milliseconds(-1))
    }
}
