public import MonotonicTime

/// The nodes that have a voice, and for how long a grant of the lease binds them.
///
/// The sets that were ever in force are numbered. Of two that follow one another each majority of
/// one shares a voter with each majority of the other, because they differ in one voter at most.
public struct VoterSet: Equatable, Sendable {
    /// 1 for the first, one more with each change; 0 for what a file declares.
    public var number: UInt64
    /// Names of `baton host` lines, sorted; at least one.
    public var names: [String]
    /// L: for how long a voter that grants promises nobody else.
    public var promise: Interval

    public init(number: UInt64 = 0, names: [String], promise: Interval) {
        self.number = number
        self.names = names.sorted()
        self.promise = promise
    }

    /// The same set under another number.
    func numbered(_ number: UInt64) -> VoterSet {
        VoterSet(number: number, names: names, promise: promise)
    }

    /// Whether both have the same voters and the same L, under whatever numbers.
    public func isSame(as other: VoterSet) -> Bool {
        names == other.names && promise == other.promise
    }

    /// Whether this may follow upon the other: one voter more, one less, or another L.
    public func isOneStep(from other: VoterSet) -> Bool {
        let added = names.count { !other.names.contains($0) }
        let removed = other.names.count { !names.contains($0) }
        return added + removed == (promise == other.promise ? 1 : 0)
    }

    /// As it travels and is kept: `3:1500:redis01,redis02`.
    public var text: String {
        "\(number):\(promise.milliseconds):\(names.joined(separator: ","))"
    }

    /// Reads what ``text`` wrote; `nil` for anything else.
    public init?(text: some StringProtocol) {
        let parts = String(text).split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let number = Self.decimal(parts[0]), number <= Self.numberMax,
            let milliseconds = Self.decimal(parts[1]), (1...Self.promiseMax).contains(milliseconds)
        else { return nil }
        let names = parts[2].split(separator: ",", omittingEmptySubsequences: false)
            .map(String.init)
        let isOrdered = zip(names, names.dropFirst()).allSatisfy { $0 < $1 }
        guard isOrdered, names.allSatisfy(Self.isName), names.count <= PeerSet.countMax else {
            return nil
        }
        self.init(number: number, names: names, promise: .milliseconds(Int(milliseconds)))
    }

    /// No cluster changes its voters so often; room to count on from there.
    static let numberMax: UInt64 = 1 << 48

    /// In ms: the settling time rests on it.
    private static let promiseMax: UInt64 = 10_000

    /// Whether it can be the name of a `baton host` line: letters, digits, `.`, `-`, `_`.
    public static func isName(_ word: String) -> Bool {
        !word.isEmpty
            && word.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0)
                    || (0x61...0x7A).contains($0) || [0x2D, 0x2E, 0x5F].contains($0)
            }
    }

    private static func decimal(_ word: some StringProtocol) -> UInt64? {
        word.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt64(word) : nil
    }

    /// Tells two declarations apart without naming everybody.
    public var digest: UInt64 { FNV1a.hash(numbered(0).text) }
}
