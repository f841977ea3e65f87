/// Whose voices count on this node, and how many of them decide.
package struct Electorate: Equatable, Sendable {
    package let peers: PeerSet
    package let countsSelf: Bool
    /// Voices of members of the set that this node's file doesn't list are never heard, but count
    /// in the majority that is needed.
    package let majority: Int
    /// How many voices there are.
    package let count: Int

    /// The members of a voter set, as this node knows them.
    package init(_ names: [String], own: String, peers: [String]) {
        var known = PeerSet()
        for (index, name) in peers.enumerated() where names.contains(name) { known.insert(index) }
        self.peers = known
        countsSelf = names.contains(own)
        count = names.count
        majority = names.count / 2 + 1
    }

    /// Nobody has a voice yet, so nothing can be decided.
    init() {
        peers = PeerSet()
        countsSelf = false
        count = 0
        majority = .max
    }

    /// How many voices stand behind something that these peers and, if so, this node agree to.
    package func voices(_ agreeing: PeerSet, withSelf: Bool = true) -> Int {
        peers.intersection(agreeing).count + (withSelf && countsSelf ? 1 : 0)
    }

    /// Whether so many voices are against it that no majority is left.
    func isHopeless(_ refusing: PeerSet) -> Bool {
        count == 0 || peers.intersection(refusing).count > count - majority
    }
}
