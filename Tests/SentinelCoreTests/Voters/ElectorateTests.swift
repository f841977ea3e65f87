import Testing

@testable import SentinelCore

@Suite("Whose voices count")
struct ElectorateTests {
    private func peers(_ indices: Int...) -> PeerSet {
        var set = PeerSet()
        for index in indices { set.insert(index) }
        return set
    }

    @Test("voices of hosts outside the set count for nothing")
    func strangers() {
        let electorate = Electorate(["a", "b", "c"], own: "a", peers: ["b", "c", "d"])
        #expect(electorate.majority == 2)
        #expect(electorate.voices(peers(2)) == 1)
        #expect(electorate.voices(peers(0, 2)) == 2)
    }

    @Test("a host outside the set has no voice of its own")
    func outside() {
        let electorate = Electorate(["b", "c", "d"], own: "a", peers: ["b", "c", "d"])
        #expect(electorate.voices(peers(0)) == 1)
        #expect(electorate.voices(peers(0, 1)) == 2)
    }

    @Test("members that this host's file doesn't list are needed all the same")
    func unlisted() {
        let electorate = Electorate(["a", "b", "c", "d"], own: "a", peers: ["b"])
        #expect(electorate.majority == 3)
        #expect(electorate.voices(peers(0)) == 2)
    }

    @Test("it is hopeless once those who refuse leave no majority, and without voters")
    func hopeless() {
        let electorate = Electorate(["a", "b", "c"], own: "a", peers: ["b", "c"])
        #expect(!electorate.isHopeless(peers(0)))
        #expect(electorate.isHopeless(peers(0, 1)))
        #expect(Electorate().isHopeless(peers()))
        #expect(Electorate().voices(peers(0, 1)) < Electorate().majority)
    }
}
