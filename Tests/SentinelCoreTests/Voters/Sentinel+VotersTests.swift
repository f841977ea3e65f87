import MonotonicTime
import NodeCore
import SentinelCore
import Stage
import Testing

@Suite("Agreeing on the voters")
struct SentinelVotersTests {
    private static func file(_ hosts: [Int], _ milliseconds: Int = 1500) -> VoterSet {
        VoterSet(names: hosts.map { "n\($0)" }, promise: .milliseconds(milliseconds))
    }

    /// `hosts` machines with a server each, of which `listed` are in every file.
    private func stage(hosts: Int = 3, listed: [Int] = [1, 2, 3]) -> Stage {
        var shape = Stage.Shape(hosts: hosts)
        shape.voters = Self.file(listed)
        shape.hasWriteAddress = true
        return Stage(shape)
    }

    /// Brings another file to a host and starts its node anew.
    private func bring(_ file: VoterSet, to hosts: [Int], on stage: Stage) {
        for host in hosts {
            stage.stopNode(host)
            stage.files[host - 1] = file
            stage.startNode(host)
            stage.run(.milliseconds(100))
        }
    }

    private func inForce(_ host: Int, on stage: Stage) -> VoterSet? {
        stage.node(host)?.sentinel.voters.inForce
    }

    private func holders(_ stage: Stage) -> [Int] {
        (1...stage.hosts.count).filter { stage.hosts[$0 - 1].address.isOpen(at: stage.now) }
    }

    @Test("the first set is what all files say, once all have been heard")
    func first() {
        let stage = stage()
        stage.run(.seconds(3))
        #expect((1...3).allSatisfy { stage.node($0)?.sentinel.voters.acceptsFrom == 0 })
        for host in 1...3 {
            #expect(inForce(host, on: stage) == VoterSet(text: "1:1500:n1,n2,n3"))
        }
        #expect(holders(stage) == [1])
    }

    @Test("while one host has never been heard nobody votes, and that is said")
    func missing() throws {
        let stage = stage()
        stage.stopNode(3)
        stage.run(.seconds(10))
        #expect(inForce(1, on: stage) == nil)
        #expect(holders(stage) == [])
        let line = try #require(stage.lines(by: 1).first { $0.contains("Nobody votes yet") })
        #expect(line.contains("n3 was not heard"))
        stage.startNode(3)
        stage.run(.seconds(4))
        #expect(holders(stage) == [1])
    }

    /// Host 1 alone hears everybody and finds the first set; host 3 hears of it by host 2.
    private func foundByOne(_ stage: Stage) {
        stage.loses = { node, target, request in
            switch (node, target, request) {
            case (1, .peer(Stage.node(3)), .tell), (2, .peer(Stage.node(3)), .tell),
                (3, .peer(Stage.node(2)), .tell):
                true
            default: false
            }
        }
        stage.losesReply = { node, reply in
            if case .greeting = reply { return node == 1 }
            return false
        }
        stage.run(.seconds(1))
        #expect(inForce(1, on: stage)?.number == 1 && inForce(2, on: stage)?.number == 1)
        #expect(inForce(3, on: stage) == nil)
    }

    @Test("who was there when the first set was found has no promises to wait for")
    func foundersLearn() {
        let stage = stage()
        foundByOne(stage)
        stage.loses = { node, target, request in
            if case .tell = request { return node == 1 && target == .peer(Stage.node(3)) }
            return false
        }
        stage.run(.seconds(2))
        #expect(stage.node(3)?.sentinel.voters.inForce?.number == 1)
        #expect(stage.node(3)?.sentinel.voters.acceptsFrom == 0)
    }

    @Test("who lost its disk after the first set was found is no founder, whoever tells it")
    func foundersForget() {
        let stage = stage()
        foundByOne(stage)
        stage.stopNode(3)
        stage.hosts[2].state = PersistentState(id: RunID(high: 0xF0, middle: 1, low: 1))
        stage.loses = nil
        stage.losesReply = nil
        stage.startNode(3)
        stage.run(.seconds(2))
        #expect(stage.node(3)?.sentinel.voters.acceptsFrom == 3)
    }

    @Test("two hosts that are added at once find no set of their own")
    func secondCluster() {
        let stage = stage(hosts: 3, listed: [1])
        stage.run(.seconds(3))
        #expect(inForce(1, on: stage)?.text == "1:1500:n1")
        for host in [2, 3] {
            stage.files[host - 1] = Self.file([1, 2, 3])
            stage.startNode(host)
        }
        stage.run(.seconds(30))
        #expect(inForce(2, on: stage) == nil && inForce(3, on: stage) == nil)
        #expect(holders(stage) == [1])
    }

    @Test("a late answer of the first round is no acceptance")
    func lateGrant() {
        let stage = stage()
        stage.settle(.seconds(3))
        stage.loses = { _, _, request in
            if case .tell(.voters(let request), _) = request { return request.phase == .accept }
            return false
        }
        bring(Self.file([1, 2, 3], 2000), to: [1, 2, 3], on: stage)
        stage.run(.seconds(20))
        #expect((1...3).allSatisfy { inForce($0, on: stage)?.number == 1 })
        stage.loses = nil
        stage.run(.seconds(5))
        #expect((1...3).allSatisfy { inForce($0, on: stage)?.number == 2 })
    }

    @Test("a voter that isn't there yet is not waited for by a majority that needs it")
    func absentNewcomer() {
        let stage = stage(hosts: 4)
        stage.settle(.seconds(3))
        bring(Self.file([1, 2, 3, 4]), to: [1, 2, 3], on: stage)
        stage.run(.seconds(30))
        #expect((1...3).allSatisfy { inForce($0, on: stage)?.number == 1 })
        bring(Self.file([1, 2, 3, 4]), to: [4], on: stage)
        stage.run(.seconds(14))
        #expect((1...4).allSatisfy { inForce($0, on: stage)?.number == 2 })
    }

    @Test("where the files differ at the first start nobody votes, and that is said")
    func disagreement() {
        let stage = stage()
        bring(Self.file([1, 2, 3], 2000), to: [3], on: stage)
        bring(Self.file([1, 2, 3], 3000), to: [2], on: stage)
        stage.run(.seconds(10))
        #expect((1...3).allSatisfy { inForce($0, on: stage) == nil })
        #expect(
            stage.lines(by: 1).contains {
                $0.contains("n2 lists other hosts, n3 lists other hosts")
            })
    }

    @Test("a node that lost its memory learns the set and is silent for the longest lease")
    func forgetful() throws {
        let stage = stage()
        stage.run(.seconds(3))
        stage.stopNode(3)
        stage.hosts[2].state = PersistentState(id: RunID(high: 0xF0, middle: 1, low: 1))
        stage.startNode(3)
        stage.run(.seconds(1))
        let memory = try #require(stage.node(3)?.sentinel.voters)
        #expect(memory.inForce?.number == 1)
        #expect(memory.acceptsFrom == 3)
        bring(Self.file([1, 2, 3], 2000), to: [1, 2], on: stage)
        stage.run(.seconds(14))
        stage.stopNode(3)
        stage.hosts[2].state = PersistentState(id: RunID(high: 0xF0, middle: 1, low: 2))
        stage.startNode(3)
        stage.run(.seconds(1))
        #expect(stage.node(3)?.sentinel.voters.inForce?.number == 2)
        #expect(stage.node(3)?.sentinel.voters.acceptsFrom == 4)
    }

    @Test("a voter more is in force once a majority has the file, and not before")
    func added() {
        let stage = stage(hosts: 4)
        stage.settle(.seconds(3))
        let file = Self.file([1, 2, 3, 4])
        bring(file, to: [4], on: stage)
        stage.run(.seconds(15))
        #expect(inForce(1, on: stage)?.number == 1)
        bring(file, to: [3], on: stage)
        stage.run(.seconds(15))
        #expect(inForce(3, on: stage)?.number == 1)
        bring(file, to: [2], on: stage)
        stage.run(.seconds(14))
        for host in 1...4 {
            #expect(inForce(host, on: stage)?.text == "2:1500:n1,n2,n3,n4")
        }
        #expect(stage.node(1)?.sentinel.electorate.majority == 3)
        #expect(holders(stage) == [1])
    }

    @Test("nothing is agreed while nodes may remember a lease by the set before: 11 s")
    func settling() {
        let stage = stage()
        stage.settle(.seconds(3))
        bring(Self.file([1, 2, 3], 2000), to: [1, 2, 3], on: stage)
        stage.run(.seconds(10))
        #expect(inForce(1, on: stage)?.number == 1)
        stage.run(.seconds(3))
        #expect(inForce(1, on: stage)?.number == 2)
    }

    @Test("one host's mistaken file changes nothing, and is said")
    func lonely() {
        let stage = stage()
        stage.settle(.seconds(3))
        bring(Self.file([1, 2]), to: [2], on: stage)
        stage.run(.seconds(40))
        #expect((1...3).allSatisfy { inForce($0, on: stage)?.number == 1 })
        #expect(stage.node(2)?.status(at: stage.now).voters?.differing == ["n1"])
    }

    @Test("a file that is more than one step away is refused, and those in force count")
    func leap() {
        let stage = stage(hosts: 5)
        stage.settle(.seconds(3))
        bring(Self.file([1, 2, 3, 4, 5]), to: [1, 2, 3, 4, 5], on: stage)
        stage.run(.seconds(30))
        #expect((1...5).allSatisfy { inForce($0, on: stage)?.number == 1 })
        #expect(stage.lines(by: 1).contains { $0.contains("more than one step") })
        #expect(holders(stage) == [1])
    }

    @Test("another lease is agreed on like another voter, and nobody loses the address for it")
    func lease() {
        let stage = stage()
        stage.settle(.seconds(3))
        bring(Self.file([1, 2, 3], 3000), to: [1, 2, 3], on: stage)
        var wasHeld = true
        stage.run(atMost: .seconds(14)) {
            wasHeld = wasHeld && holders(stage) == [1]
            return false
        }
        #expect(wasHeld)
        #expect(inForce(1, on: stage)?.text == "2:3000:n1,n2,n3")
        stage.stopNode(1)
        stage.run(.milliseconds(1700))
        #expect(holders(stage) == [1])
        stage.run(.milliseconds(800))
        #expect(holders(stage) == [])
    }

    @Test("two are needed of the old voters where one of them is gone for good")
    func removed() {
        let stage = stage()
        stage.settle(.seconds(3))
        stage.crash(host: 3)
        bring(Self.file([1, 2]), to: [1, 2], on: stage)
        stage.run(.seconds(14))
        #expect(inForce(1, on: stage)?.text == "2:1500:n1,n2")
        #expect(inForce(2, on: stage)?.text == "2:1500:n1,n2")
        #expect(holders(stage) == [1])
    }

    @Test("two proposers at once end in one set, and a node that was away learns it")
    func duel() {
        let stage = stage()
        stage.settle(.seconds(3))
        stage.stopNode(3)
        bring(Self.file([1, 2, 3], 2000), to: [1, 2], on: stage)
        stage.run(.seconds(15))
        #expect(inForce(1, on: stage)?.text == "2:2000:n1,n2,n3")
        #expect(inForce(1, on: stage) == inForce(2, on: stage))
        stage.startNode(3)
        stage.run(.seconds(3))
        #expect(inForce(3, on: stage) == inForce(1, on: stage))
    }

    @Test("who counts by an older set gets neither a vote nor a lease")
    func outdated() throws {
        let stage = stage()
        stage.settle(.seconds(3))
        bring(Self.file([1, 2, 3], 2000), to: [1, 2, 3], on: stage)
        stage.run(.seconds(14))
        var node = try #require(stage.node(2))
        var effects: [NodeEffect] = []
        let request = LeaseRequest(
            group: Stage.group, epoch: 9, holder: Stage.nodeID(3), promise: .milliseconds(1500),
            stamp: LeaseStamp(life: 99, number: 1), voters: 1)
        let query = QueryID(number: 77)
        node.handle(.sentinel(.asked(query, .lease(request))), at: stage.now, effects: &effects)
        let replies = effects.compactMap { effect -> LeaseReply? in
            guard case .sentinel(.reply(query, .lease(let reply))) = effect else { return nil }
            return reply
        }
        #expect(replies.map(\.refusal) == [.oldVoters])
    }
}
