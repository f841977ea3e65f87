/// What one client of a ``Swarm`` knows of its own counter and its own list.
public struct SwarmAccount: Equatable, Sendable {
    /// What the client knows of one write.
    public enum Outcome: Equatable, Sendable {
        /// Its reply has not come yet.
        case underWay
        /// It was done.
        case acknowledged
        /// It may have run: the error says so, or the connection ended.
        case unsure
        /// It has not run, says the error.
        case refused
    }

    public let counterKey: String
    public let listKey: String
    /// What the counter begins with. No two clients of a swarm ever count to the same number.
    public let base: Int
    /// Members of the list by number.
    public internal(set) var members: [Outcome] = []
    /// INCRs by outcome.
    public internal(set) var acknowledgedCount = 0
    public internal(set) var unsureCount = 0
    public internal(set) var refusedCount = 0
    public internal(set) var underWayCount = 0
    /// INCRs beyond those that this client can account for, as seen in the replies.
    public internal(set) var excessSeen = 0
    private var last = 0
    private var unsureSinceLast = 0

    init(keyPrefix: String, number: Int) {
        counterKey = "\(keyPrefix)\(number):counter"
        listKey = "\(keyPrefix)\(number):list"
        base = (number + 1) * Self.stride
    }

    /// More than any client counts in a run.
    private static let stride = 1_000_000

    func member(_ number: Int) -> String {
        "\(base + number)"
    }

    /// How far the counter can be at most.
    public var countMax: Int {
        acknowledgedCount + unsureCount + underWayCount
    }

    mutating func beginIncrement() {
        underWayCount += 1
    }

    mutating func endIncrement(_ outcome: Outcome) {
        underWayCount -= 1
        switch outcome {
        case .underWay: preconditionFailure("an end")
        case .acknowledged: acknowledgedCount += 1
        case .unsure:
            unsureCount += 1
            unsureSinceLast += 1
        case .refused: refusedCount += 1
        }
    }

    /// Takes the counter's new value; `false` if it is none of this client's. A value that is not
    /// higher than the last tells that acknowledged INCRs were lost, which ``SwarmAudit`` counts.
    mutating func take(counter value: Int) -> Bool {
        let count = value - base
        guard (0..<Self.stride).contains(count) else { return false }
        excessSeen += max(0, count - last - 1 - unsureSinceLast)
        last = count
        unsureSinceLast = 0
        return true
    }

    /// Whether GET of the counter can answer this, and whether it is what was written last.
    func judge(read value: Int) -> (isOwn: Bool, isStale: Bool) {
        let count = value - base
        return ((0...max(countMax, last)).contains(count), count < last)
    }
}
