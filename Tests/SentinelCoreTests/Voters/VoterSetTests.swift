import MonotonicTime
import SentinelCore
import Testing

@Suite("A voter set")
struct VoterSetTests {
    private static let three = VoterSet(
        number: 3, names: ["redis02", "redis01", "redis03"], promise: .milliseconds(1500))

    @Test("travels as a text that is read back to the same set")
    func text() {
        #expect(Self.three.text == "3:1500:redis01,redis02,redis03")
        #expect(VoterSet(text: Self.three.text) == Self.three)
    }

    @Test(
        "anything else is no set",
        arguments: [
            "", "3", "3:1500", "3:1500:", "3:1500:a,", "3:1500:a,,b", "3:1500:b,a", "3:1500:a,a",
            "-1:1500:a", "3:0:a", "3:+5:a", "3:3600001:a", "3:1500:a:b", "18446744073709551616:1:a",
            "18446744073709551615:1:a", "281474976710657:1:a",
            ":1500:a", "3::a",
        ])
    func nonsense(_ text: String) {
        #expect(VoterSet(text: text) == nil)
    }

    @Test("as many voters as there can be are read, one more is not")
    func limit() {
        let names = (0..<65).map { "h\($0)" }.sorted()
        #expect(VoterSet(text: "1:1:" + names.dropLast().joined(separator: ",")) != nil)
        #expect(VoterSet(text: "1:1:" + names.joined(separator: ",")) == nil)
    }

    @Test(
        "one step is a voter more, a voter less, or another lease, and not two of these",
        arguments: [
            (["redis01", "redis02"], 1500, true),
            (["redis01", "redis02", "redis03", "redis04"], 1500, true),
            (["redis01", "redis02", "redis03"], 2000, true),
            (["redis01", "redis02", "redis03"], 1500, false),
            (["redis01", "redis02", "redis04"], 1500, false),
            (["redis01", "redis02"], 2000, false),
            (["redis01"], 1500, false),
        ])
    func steps(_ names: [String], _ milliseconds: Int, _ isOne: Bool) {
        let other = VoterSet(names: names, promise: .milliseconds(milliseconds))
        #expect(other.isOneStep(from: Self.three) == isOne)
        #expect(Self.three.isOneStep(from: other) == isOne)
    }

    @Test("the digest tells contents apart and not numbers")
    func digest() {
        var same = Self.three
        same.number = 9
        #expect(same.digest == Self.three.digest)
        var other = Self.three
        other.promise = .milliseconds(1501)
        #expect(other.digest != Self.three.digest)
    }
}
