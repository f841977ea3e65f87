import MonotonicTime
import Testing

@testable import SentinelCore

@Suite("A present voter, asked about the next set")
struct VoterMemoryTests {
    private static let now = VoterSet(
        number: 4, names: ["a", "b", "c"], promise: .milliseconds(1500))
    private static let next = VoterSet(
        number: 5, names: ["a", "b", "c", "d"], promise: .milliseconds(1500))
    private static let other = VoterSet(
        number: 5, names: ["a", "b"], promise: .milliseconds(1500))

    private func ballot(_ round: UInt64, _ proposer: String = "a") -> VoterBallot {
        VoterBallot(round: round, proposer: proposer)
    }

    private func request(
        _ phase: VoterRequest.Phase, _ ballot: VoterBallot, _ set: VoterSet = next
    ) -> VoterRequest {
        VoterRequest(phase: phase, ballot: ballot, set: set)
    }

    @Test("grants, and says later what it accepted")
    func accepts() {
        var memory = VoterMemory(inForce: Self.now)
        #expect(memory.answer(request(.prepare, ballot(1))).isGranted)
        #expect(memory.answer(request(.accept, ballot(1))).isGranted)
        let later = memory.answer(request(.prepare, ballot(1, "b"), Self.other))
        #expect(later.accepted == AcceptedVoters(ballot: ballot(1), set: Self.next))
    }

    @Test("keeps its promise: a lower ballot is refused, with the one that it promised")
    func promise() {
        var memory = VoterMemory(inForce: Self.now)
        #expect(memory.answer(request(.prepare, ballot(2, "b"))).isGranted)
        for lower in [ballot(1, "c"), ballot(2, "a")] {
            for phase in VoterRequest.Phase.allCases {
                let reply = memory.answer(request(phase, lower))
                #expect(!reply.isGranted)
                #expect(reply.promised == ballot(2, "b"))
            }
        }
        #expect(memory.accepted == nil)
    }

    @Test("refuses another number, and what is more than one step away")
    func otherSets() {
        var memory = VoterMemory(inForce: Self.now)
        let far = VoterSet(number: 5, names: ["a", "x", "y"], promise: .milliseconds(1500))
        for set in [Self.next.numbered(4), Self.next.numbered(6), far, Self.now.numbered(5)] {
            #expect(!memory.answer(request(.accept, ballot(1), set)).isGranted)
        }
        var empty = VoterMemory()
        #expect(!empty.answer(request(.prepare, ballot(1), Self.now)).isGranted)
    }

    @Test("having learnt the present set from another, it has no say in the next one")
    func forgetful() {
        var memory = VoterMemory()
        memory.adopt(Self.now, hasForgotten: true)
        #expect(!memory.answer(request(.accept, ballot(1))).isGranted)
        memory.adopt(Self.next, hasForgotten: false)
        let after = VoterSet(number: 6, names: ["a", "b", "d"], promise: .milliseconds(1500))
        #expect(memory.answer(request(.accept, ballot(1), after)).isGranted)
    }

    @Test("what was under way for a number is forgotten when that number is settled")
    func settled() {
        var memory = VoterMemory(inForce: Self.now)
        _ = memory.answer(request(.accept, ballot(7)))
        memory.adopt(Self.next, hasForgotten: false)
        #expect(memory.promised == nil && memory.accepted == nil && memory.acceptsFrom == 0)
    }
}
