import Addressing
import MonotonicTime
import NodeCore
import Testing

@testable import AddressDriver

@Suite("Searching the write address at its holder")
struct SearchTests {
    private static let address = IPAddress("10.18.14.94")!
    private static let holder = IPAddress("10.18.13.166")!
    private static let begin = Instant(nanoseconds: 1_000_000_000)

    private static func search() -> Search {
        Search(epoch: 3, holder: holder) { _ in }
    }

    private static func word(_ address: IPAddress, _ bits: UInt64) throws -> NeighbourWord {
        let frames = Announcement.frames(for: address, at: MACAddress(bits: bits))
        return try #require(NeighbourWord(frames[0][...]))
    }

    @Test("ends as soon as both addresses are answered alike")
    func found() throws {
        var search = Self.search()
        search.asked(at: Self.begin)
        search.heard(try Self.word(Self.address, 1), sought: Self.address)
        #expect(search.outcome(at: Self.begin) == nil)
        search.heard(try Self.word(Self.holder, 1), sought: Self.address)
        let outcome = try #require(search.outcome(at: Self.begin + .milliseconds(12)))
        #expect(outcome.isConfirmed)
        #expect(outcome.after == .milliseconds(12))
    }

    @Test("goes on while somebody else answers, and says so after a second")
    func other() throws {
        var search = Self.search()
        search.asked(at: Self.begin)
        search.heard(try Self.word(Self.holder, 1), sought: Self.address)
        search.heard(try Self.word(Self.address, 2), sought: Self.address)
        #expect(search.outcome(at: Self.begin + .milliseconds(999)) == nil)
        let outcome = try #require(search.outcome(at: Self.begin + .seconds(1)))
        #expect(!outcome.isConfirmed)
        #expect(outcome.answering == "00:00:00:00:00:02")
        #expect(outcome.holder == "00:00:00:00:00:01")
    }

    @Test("that nobody answers is said after a second")
    func silence() throws {
        var search = Self.search()
        search.asked(at: Self.begin)
        let outcome = try #require(search.outcome(at: Self.begin + .seconds(1)))
        #expect(outcome.answering == nil && outcome.holder == nil && !outcome.isConfirmed)
    }

    @Test("counts no word of before its first question, and asks at a pace that slows down")
    func pace() throws {
        var search = Self.search()
        search.heard(try Self.word(Self.address, 1), sought: Self.address)
        #expect(search.nextQuestion == nil)
        var moments: [Int] = []
        var now = Self.begin
        for _ in 0..<5 {
            search.asked(at: now)
            now = try #require(search.nextQuestion)
            moments.append((now - Self.begin).milliseconds)
        }
        #expect(moments == [10, 20, 40, 80, 160])
        #expect(search.outcome(at: Self.begin + .seconds(1))?.answering == nil)
    }
}
