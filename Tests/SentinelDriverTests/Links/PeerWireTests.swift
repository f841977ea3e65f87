import Addressing
import MonotonicTime
import RESP
import SentinelCore
import Testing

@testable import SentinelDriver

@Suite("What nodes say to each other on the wire")
struct PeerWireTests {
    static let id = RunID(high: 5, middle: 6, low: 7)
    static let other = RunID(high: 5, middle: 6, low: 8)
    static let primary = Endpoint(address: .v4(IPv4Address(10, 0, 0, 1)), port: 6379)
    static let hello = Hello(
        sender: Endpoint(address: .v4(IPv4Address(10, 0, 0, 2)), port: 26379), senderID: id,
        currentEpoch: 9, group: "orders", primary: primary, configEpoch: 8)

    static let messages: [PeerMessage] =
        [.greeting(Greeting(hello: hello, isFailoverUnderWay: true, holdsAddress: false))]
        + Question.Kind.allCases.map {
            .question(
                Question(
                    kind: $0, group: "orders", primary: primary, epoch: .max, candidate: id,
                    isForced: $0 == .vote))
        }
        + [
            .evidence(
                Evidence(
                    group: "orders",
                    server: Endpoint(address: .v6(IPv6Address(high: 1, low: 1)), port: 1),
                    runID: id)),
            .withdrawal(Withdrawal(group: "orders", epoch: 9, candidate: id)),
            .appointment(Appointment(group: "orders", epoch: .max, server: primary)),
            .lease(
                LeaseRequest(
                    group: "orders", epoch: 9, holder: id, promise: .milliseconds(1500),
                    stamp: LeaseStamp(life: .max, number: 1))),
            .release(
                LeaseRelease(
                    group: "orders", epoch: 9, holder: id, stamp: LeaseStamp(life: 7, number: 8))),
            .votersInForce(VotersInForce(sender: id, set: voters)),
            .votersInForce(VotersInForce(sender: id, set: voters, founders: [id, other])),
        ]
        + VoterRequest.Phase.allCases.map {
            .voters(
                VoterRequest(
                    phase: $0, ballot: VoterBallot(round: 3, proposer: "redis-02.a"), set: voters))
        }

    static let voters = VoterSet(
        number: 2, names: ["redis01", "redis-02.a"], promise: .milliseconds(1500))

    static let replies: [PeerReply] =
        [
            .greeting(
                Greeting(
                    hello: hello,
                    pause: PauseWord(
                        number: 7, author: id, isPaused: true, length: PauseWord.lengthMax))),
            .greeting(
                Greeting(hello: hello, pause: PauseWord(number: 8, author: id, isPaused: false))),
            .greeting(Greeting(hello: hello, isFailoverUnderWay: false, holdsAddress: true)),
            .answer(
                Answer(
                    group: "orders", kind: .vote, isDown: true, isGranted: true, votedFor: id,
                    votedEpoch: 9, currentEpoch: 10)),
            .answer(
                Answer(
                    group: "orders", kind: .vote, isDown: true, isGranted: true, votedFor: id,
                    votedEpoch: 9, currentEpoch: 10,
                    witness: .reach(Reach(history: id, offset: .max)))),
            .answer(
                Answer(
                    group: "orders", kind: .vote, isDown: true, isGranted: true, votedFor: id,
                    votedEpoch: 9, currentEpoch: 10, witness: .blind)),
            .answer(
                Answer(
                    group: "orders", kind: .opinion, isDown: false, isGranted: false, votedFor: nil,
                    votedEpoch: 0, currentEpoch: 0)), .noted,
            .lease(LeaseReply(group: "orders", epoch: 9)),
            .voters(
                VoterReply(
                    phase: .prepare, number: 2,
                    ballot: VoterBallot(round: 3, proposer: "redis01"), isGranted: true,
                    accepted: AcceptedVoters(
                        ballot: VoterBallot(round: 2, proposer: "redis-02.a"), set: voters))),
            .voters(
                VoterReply(
                    phase: .accept, number: 2,
                    ballot: VoterBallot(round: 3, proposer: "redis01"),
                    promised: VoterBallot(round: .max, proposer: "redis-02.a"))),
        ]
        + LeaseRefusal.allCases.map {
            .lease(
                LeaseReply(
                    group: "orders", epoch: .max, refusal: $0,
                    retryAfter: $0 == .promised ? .milliseconds(700) : nil))
        } + Refusal.allCases.map { .refused($0) }

    @Test("every message is read back as it was meant", arguments: messages)
    func messageRoundTrip(_ message: PeerMessage) {
        let words = PeerWire.request(message)
        #expect(words.first == "BATON")
        #expect(PeerWire.message(words.dropFirst().map { Array($0.utf8) }) == message)
    }

    @Test("every answer is read back as it was meant", arguments: replies)
    func replyRoundTrip(_ reply: PeerReply) {
        #expect(PeerWire.reply(PeerWire.value(reply)) == reply)
    }

    @Test("a message with a word too few, too many or altered is none", arguments: messages)
    func alteredMessages(_ message: PeerMessage) {
        let words = PeerWire.request(message).dropFirst().map { Array($0.utf8) }
        #expect(PeerWire.message(Array(words.dropLast())) == nil)
        #expect(PeerWire.message(words + [Array("1".utf8)]) == nil)
        for index in words.indices {
            for garbage in [[], [0xFF], Array("-1".utf8), Array("+1".utf8), Array("x y".utf8)] {
                var altered = words
                altered[index] = garbage
                // The group's name is the core's to judge.
                guard let read = PeerWire.message(altered) else { continue }
                #expect(read != message)
                // So is a proposer's, as the last word but one.
                let isProposer = words.count == 5 && index == 3
                #expect(index == 1 || index == 2 || isProposer)
            }
        }
    }

    @Test("an answer of another shape is none", arguments: replies)
    func alteredReplies(_ reply: PeerReply) throws {
        let elements = try #require(PeerWire.value(reply).elements)
        #expect(PeerWire.reply(.array(Array(elements.dropLast()))) == nil)
        #expect(PeerWire.reply(.array(elements + [.bulk("1")])) == nil)
        #expect(PeerWire.reply(.array([.null] + elements.dropFirst())) == nil)
        #expect(PeerWire.reply(.array([.integer(1)] + elements.dropFirst())) == nil)
        #expect(PeerWire.reply(.bulk("noted")) == nil)
        #expect(PeerWire.reply(.array([])) == nil)
    }
}
