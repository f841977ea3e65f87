import RESP

/// What became of everything that a ``Swarm`` wrote, told by what a server holds.
public struct SwarmAudit: Equatable, Sendable {
    /// Executed more often than can be accounted for.
    public internal(set) var executedTwice = 0
    /// Members that stand in a list although an error said that they had not been pushed.
    public internal(set) var ranThoughRefused = 0
    /// Acknowledged, and not there. A killed primary takes with it what it had not yet sent to its
    /// replicas: they are asynchronous.
    public internal(set) var lost = 0
    /// Unsure, and there after all.
    public internal(set) var unsureThatRan = 0
    /// Every client whose keys are not as they must be.
    public internal(set) var remarks: [String] = []

    /// Asks the server, which is to be the final primary, when the swarm has finished.
    public init(
        _ accounts: [SwarmAccount], on client: RedisClient
    ) throws(ConnectionFailure) {
        for account in accounts {
            let counter = try client.command("GET", account.counterKey)
            let members = try client.command("LRANGE", account.listKey, "0", "-1")
            guard let elements = members.elements, counter.errorBytes == nil else {
                throw .unexpectedReply("\(counter), \(members)")
            }
            add(
                account, counter: counter.number.map { $0 - account.base } ?? 0,
                members: elements.map { $0.string ?? "" })
        }
    }

    init() {}

    /// `counter`: how often INCR has run.
    mutating func add(_ account: SwarmAccount, counter: Int, members: [String]) {
        let excess = max(
            account.excessSeen, counter - account.acknowledgedCount - account.unsureCount)
        let counterLost = max(0, account.acknowledgedCount - counter)
        let found = Dictionary(members.map { ($0, 1) }, uniquingKeysWith: +)
        var (known, twice, ghosts, absent) = (0, 0, 0, 0)
        for (number, outcome) in account.members.enumerated() {
            let times = found[account.member(number)] ?? 0
            known += times
            twice += max(0, times - 1)
            switch outcome {
            case .acknowledged: if times == 0 { absent += 1 }
            case .refused: if times > 0 { ghosts += 1 }
            case .unsure, .underWay: unsureThatRan += min(times, 1)
            }
        }
        // What this client has never pushed.
        twice += members.count - known
        executedTwice += max(0, excess) + twice
        ranThoughRefused += ghosts
        lost += counterLost + absent
        if max(0, excess) + twice + ghosts + counterLost + absent > 0 {
            remarks.append(
                "\(account.listKey): INCR \(max(0, excess)) too many and \(counterLost) lost;"
                    + " members: \(twice) too many, \(ghosts) though refused, \(absent) lost")
        }
    }
}
