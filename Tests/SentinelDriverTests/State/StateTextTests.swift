import Addressing
import MonotonicTime
import SentinelCore
import Testing

@testable import SentinelDriver

@Suite("A node's memory as text")
struct StateTextTests {
    static let state = PersistentState(
        id: RunID(high: 0x6F1C, middle: 2, low: 3), life: 12, currentEpoch: 7,
        groups: [
            .init(
                name: "orders",
                primary: Endpoint(address: .v4(IPv4Address(10, 0, 0, 1)), port: 6379),
                configEpoch: 3, votedEpoch: 7, votedFor: RunID(high: 9, middle: 9, low: 9),
                replicas: [
                    Endpoint(address: .v4(IPv4Address(10, 0, 0, 2)), port: 6379),
                    Endpoint(address: .v6(IPv6Address(high: 0xFD00 << 48, low: 2)), port: 6380),
                ],
                grant: LeaseGrant(
                    epoch: 6, holder: RunID(high: 8, middle: 8, low: 8),
                    promise: .milliseconds(1500)), hasBeenHeld: true,
                pause: PauseWord(
                    number: 3, author: RunID(high: 8, middle: 8, low: 8), isPaused: true,
                    length: .seconds(7200))),
            .init(
                name: "naïve name %",
                primary: Endpoint(address: .v4(IPv4Address(10, 0, 0, 9)), port: 6379)),
        ],
        voters: VoterMemory(
            inForce: VoterSet(
                number: 2, names: ["redis01", "redis02"], promise: .milliseconds(1500)),
            acceptsFrom: 3, promised: VoterBallot(round: 5, proposer: "redis02"),
            accepted: AcceptedVoters(
                ballot: VoterBallot(round: 4, proposer: "redis01"),
                set: VoterSet(number: 3, names: ["redis01"], promise: .milliseconds(1500)))))

    @Test("what is written is read back")
    func roundTrip() throws {
        let text = StateText.encode(Self.state)
        #expect(try StateText.decode(Array(text.utf8)) == Self.state)
        var resumed = Self.state
        resumed.groups[0].pause = PauseWord(
            number: 4, author: RunID(high: 8, middle: 8, low: 8), isPaused: false)
        #expect(try StateText.decode(Array(StateText.encode(resumed).utf8)) == resumed)
        let empty = PersistentState(id: RunID(high: 1, middle: 1, low: 1))
        #expect(try StateText.decode(Array(StateText.encode(empty).utf8)) == empty)
    }

    @Test("the text is lines that an operator can read")
    func readable() {
        let text = StateText.encode(Self.state)
        #expect(text.contains("\ncurrent-epoch 7\n"))
        #expect(
            text.contains(
                "\ngroup orders primary 10.0.0.1 6379 config-epoch 3 voted-epoch 7 voted-for "))
        #expect(text.contains("\nreplica orders fd00::2 6380\n"))
        #expect(text.contains("group na%c3%afve%20name%20%25 primary"))
    }

    @Test("a file that was cut anywhere is refused")
    func truncations() {
        let bytes = Array(StateText.encode(Self.state).utf8)
        for count in 0..<bytes.count {
            #expect(throws: StateText.Problem.self) { try StateText.decode(Array(bytes[..<count])) }
        }
    }

    @Test("a file of which any byte was altered is refused")
    func alterations() {
        let bytes = Array(StateText.encode(Self.state).utf8)
        for index in bytes.indices {
            var altered = bytes
            altered[index] ^= 0x01
            #expect(throws: StateText.Problem.self) { try StateText.decode(altered) }
        }
    }

    @Test("a line that this version does not know is refused, with its number")
    func unknownLine() {
        #expect(problem("id \(Self.state.id)\ncurrent-epoch 1\nlease orders 5\n")?.line == 3)
        #expect(problem("id \(Self.state.id)\ncurrent-epoch -1\n")?.line == 2)
        #expect(problem("id \(Self.state.id)\nid \(Self.state.id)\n")?.line == 2)
        #expect(problem("current-epoch 1\n")?.line == nil)
        #expect(
            problem("id \(Self.state.id)\ncurrent-epoch 1\nreplica orders 10.0.0.2 6379\n")?.line
                == 3)
    }

    /// What is wrong with a text whose checksum is right.
    private func problem(_ body: String) -> StateText.Problem? {
        let text = body + "end \(CRC32.hex(of: body.utf8))\n"
        do throws(StateText.Problem) {
            _ = try StateText.decode(Array(text.utf8))
            return nil
        } catch {
            return error
        }
    }
}
