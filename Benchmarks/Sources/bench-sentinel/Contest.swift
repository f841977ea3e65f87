import Glibc
import Laboratory
import MonotonicTime
import Workbench

/// What a Sentinel costs that watches so many groups.
struct Cost {
    /// Of one core, in percent.
    var processorPercent: Double
    var memoryKiB: Int
}

/// A Sentinel program: redis-sentinel, or ours in its place.
enum Contestant: String, CaseIterable {
    case redisSentinel = "redis-sentinel"
    case baton = "baton sentinel"

    func kind() throws -> CrowdWatcher.Kind {
        switch self {
        case .redisSentinel: return .redisSentinel
        case .baton:
            guard let executable = BatonExecutable.find() else {
                throw BenchFailure("there is no release build of baton")
            }
            return .baton(executable)
        }
    }
}

/// One Sentinel at a time before a crowd of servers, so that neither sees the other.
struct Contest {
    let laboratory: Laboratory
    let host: Host
    let seconds: Int
    /// What a real server answers to `INFO`.
    let likeness: String

    private static let serverPort: UInt16 = 20_000
    private static let downAfter = Interval.seconds(5)
    /// Primaries that die at the same moment, where there are so many groups.
    private static let casualtyCount = 50
    /// Every server is linked to and has told its role well within it.
    private static let settlingSeconds = 60
    /// After the last link is made: the reports of all replicas, and a round of hellos.
    private static let warmingSeconds: UInt32 = 12

    func cost(of contestant: Contestant, groupCount: Int) throws -> Cost {
        let crowd = try ServerCrowd(
            on: host, groupCount: groupCount, port: Self.serverPort, likeness: likeness)
        defer { crowd.close() }
        let program = try CrowdWatcher(
            contestant.kind(), on: host, laboratory, watching: crowd, downAfter: Self.downAfter
        ).program
        defer { program.kill() }
        let linkCount = 2 * ServerCrowd.memberCount * groupCount
        var waited = 0
        while crowd.census.connectionCount < linkCount {
            guard waited < Self.settlingSeconds, program.isRunning else {
                throw BenchFailure(
                    "\(contestant.rawValue) made \(crowd.census.connectionCount) of \(linkCount)"
                        + " links in \(waited) s:\n\(program.output.suffix(1000))")
            }
            sleep(1)
            waited += 1
        }
        sleep(Self.warmingSeconds)
        let before = try spent(program)
        crowd.beginCensus()
        let requestsBefore = crowd.census.requestCount
        sleep(UInt32(seconds))
        let percent = Double(try spent(program) - before) / 1e7 / Double(seconds)
        let cost = Cost(
            processorPercent: percent, memoryKiB: MemoryUse.residentKiB(of: program))
        let census = crowd.census
        print(
            "\(groupCount) groups, \(contestant.rawValue): \(text(percent)) % of a core, "
                + "\(cost.memoryKiB) KiB; "
                + "\((census.requestCount - requestsBefore) / seconds) requests a second, "
                + "longest silence \(census.longestSilence.milliseconds) ms")
        if groupCount >= 10 * Self.casualtyCount { try replace(crowd, watchedBy: contestant) }
        return cost
    }

    /// Kills primaries all at once, and says how long it takes until each group has another.
    private func replace(_ crowd: ServerCrowd, watchedBy contestant: Contestant) throws {
        let killed = Laboratory.now
        for group in 0..<Self.casualtyCount { crowd.kill(group: group, member: 0) }
        let deadline = killed + .seconds(Self.settlingSeconds)
        func isReplaced(_ group: Int) -> Bool { crowd.primaries(of: group).contains { $0 != 0 } }
        while !(0..<Self.casualtyCount).allSatisfy(isReplaced) {
            guard Laboratory.now < deadline else {
                throw BenchFailure("\(contestant.rawValue) did not replace all that died")
            }
            usleep(10_000)
        }
        let lasted = Laboratory.now - killed - Self.downAfter
        print(
            "  \(Self.casualtyCount) primaries killed at once: the last one replaced "
                + "\(lasted.milliseconds) ms after down-after")
    }

    /// Nanoseconds on a processor so far.
    private func spent(_ program: Program) throws -> UInt64 {
        guard let time = ProcessorTime.nanoseconds(of: program) else {
            throw BenchFailure("this kernel does not tell how long a process ran")
        }
        return time
    }
}

/// With two digits after the point.
func text(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let fraction = hundredths % 100
    return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
}
