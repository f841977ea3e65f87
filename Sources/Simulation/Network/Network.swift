import MonotonicTime

/// The paths between the hosts: how long a segment takes, whether it is lost, whether the path is
/// cut. Everything is by ordered pair, because real faults often are.
struct Network: Sendable {
    let hostCount: Int
    /// How many faults cut the path from one host to another, row by row.
    private var cuts: [Int32]
    /// How many faults make it slow.
    private var slowdowns: [Int32]
    /// The usual time that a segment takes.
    private var delays: [Interval]
    /// Segments lost among 10,000.
    private var lossRate: Int

    /// Linux's first retransmission.
    static let retransmission = Interval.milliseconds(200)
    /// How long unacknowledged data waits until the sender gives the connection up.
    static let patience = Interval.seconds(15)

    init(hostCount: Int, random: inout RandomSource) {
        self.hostCount = hostCount
        cuts = Array(repeating: 0, count: hostCount * hostCount)
        slowdowns = cuts
        delays = []
        for _ in 0..<hostCount * hostCount {
            delays.append(random.between(.microseconds(50), .microseconds(500)))
        }
        lossRate = random.choose([0, 0, 1, 5, 20])
    }

    func isCut(from: Int, to: Int) -> Bool {
        cuts[from * hostCount + to] > 0
    }

    /// Whether two hosts hear each other, undelayed.
    func isWhole(between one: Int, and other: Int) -> Bool {
        one == other || !isCut(from: one, to: other) && !isCut(from: other, to: one)
    }

    mutating func cut(from: Int, to: Int, by change: Int32) {
        guard from != to else { return }
        cuts[from * hostCount + to] += change
    }

    func isSlow(_ host: Int) -> Bool {
        slowdowns[host * hostCount + (host + 1) % hostCount] > 0
    }

    mutating func slow(_ host: Int, by change: Int32) {
        for other in 0..<hostCount where other != host {
            slowdowns[host * hostCount + other] += change
            slowdowns[other * hostCount + host] += change
        }
    }

    /// How long a segment of an established connection takes: a lost one comes later, since it
    /// is sent again.
    func delay(from: Int, to: Int, random: inout RandomSource) -> Interval {
        guard from != to else { return random.between(.microseconds(10), .microseconds(60)) }
        let path = from * hostCount + to
        var delay = delays[path]
        delay = delay + random.between(.zero, random.happens(1, in: 50) ? delay * 8 : delay)
        if slowdowns[path] > 0 {
            delay = delay + random.between(.milliseconds(1), .milliseconds(200))
        }
        if isLost(random: &random) {
            delay = delay + Self.retransmission
            if random.happens(1, in: 20) { delay = delay + Self.retransmission * 2 }
        }
        return delay
    }

    func isLost(random: inout RandomSource) -> Bool {
        lossRate > 0 && random.happens(lossRate, in: 10_000)
    }
}
