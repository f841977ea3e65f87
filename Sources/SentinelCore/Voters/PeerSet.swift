/// A set of peers by their index; 64 voters are more than any quorum can use.
package struct PeerSet: Equatable, Sendable {
    private var bits: UInt64 = 0

    package static let countMax = 64

    package init() {}

    mutating func insert(_ peer: Int) { bits |= 1 << UInt64(peer) }
    package func contains(_ peer: Int) -> Bool { bits & (1 << UInt64(peer)) != 0 }
    package var count: Int { bits.nonzeroBitCount }

    func intersection(_ other: PeerSet) -> PeerSet {
        var common = self
        common.bits &= other.bits
        return common
    }
}
