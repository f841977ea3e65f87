import MonotonicTime
import Testing

@testable import ObserverCore

@Suite("The age of a replica's data")
struct StreamMarksTests {
    private let start = Instant(nanoseconds: 1_000_000_000)

    private func at(_ milliseconds: Int) -> Instant { start + .milliseconds(milliseconds) }

    @Test("is nothing for a replica that has all")
    func level() {
        var marks = StreamMarks()
        marks.note(100, at: at(0))
        #expect(marks.age(of: 100, askedAt: at(10)) == .zero)
        #expect(marks.age(of: 120, askedAt: at(10)) == .zero)
    }

    @Test("counts from the moment at which the primary passed what the replica has")
    func behind() {
        var marks = StreamMarks()
        for step in 0..<10 { marks.note(UInt64(step * 100), at: at(step * 500)) }
        #expect(marks.age(of: 650, askedAt: at(4500)) == .milliseconds(1500))
        #expect(marks.age(of: 0, askedAt: at(4500)) == .milliseconds(4500))
    }

    @Test("does not grow while nothing is written")
    func quiet() {
        var marks = StreamMarks()
        marks.note(100, at: at(0))
        for step in 1..<1000 { marks.note(100, at: at(step * 500)) }
        marks.note(200, at: at(500_000))
        // The primary stood at 100 until half a second before.
        #expect(marks.age(of: 100, askedAt: at(500_010)) == .milliseconds(510))
    }

    @Test("is unknown before the primary has spoken, and after another history begins")
    func unknown() {
        var marks = StreamMarks()
        #expect(marks.age(of: 100, askedAt: at(0)) == nil)
        marks.note(1000, at: at(0))
        marks.note(5, at: at(500))
        #expect(marks.age(of: 5, askedAt: at(600)) == .zero)
        marks.forget()
        #expect(marks.age(of: 5, askedAt: at(600)) == nil)
    }

    @Test("is remembered for two minutes, in a bounded number of marks")
    func bounded() {
        var marks = StreamMarks()
        for step in 0..<5000 { marks.note(UInt64(step * 10), at: at(step * 50)) }
        #expect(marks.age(of: 0, askedAt: at(250_000))! <= StreamMarks.reach + .seconds(1))
        #expect(marks.age(of: 0, askedAt: at(250_000))! >= .seconds(25))
    }
}
