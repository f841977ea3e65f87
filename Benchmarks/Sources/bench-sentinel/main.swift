import Glibc
import Laboratory
import RESP
import Workbench

// `make bench-sentinel`: what one Sentinel costs that watches 1, 100 and 1,000 groups of three
// servers, ours and redis-sentinel in turn.

let workbench = Workbench("bench-sentinel")
let runCount = workbench.number("RUNS", default: 3)
let seconds = workbench.number("SECONDS_EACH", default: 20)

/// What a real server answers to `INFO`.
func likeness(_ laboratory: Laboratory, _ host: Host) throws -> String {
    let server = try laboratory.startServer(on: host)
    defer { server.kill() }
    guard let text = try server.connect(from: host).command("INFO").text else {
        throw BenchFailure("redis-server answers no INFO")
    }
    return text
}

func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

do {
    var limit = rlimit(rlim_cur: 20_000, rlim_max: 20_000)
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    let laboratory = try Laboratory.build()
    defer { laboratory.close() }
    let host = laboratory.host("redis01")
    let contest = Contest(
        laboratory: laboratory, host: host, seconds: seconds,
        likeness: try likeness(laboratory, host))
    var ratios: [String] = []
    for groupCount in [1, 100, 1_000] {
        var costs: [Contestant: [Cost]] = [:]
        for _ in 0..<runCount {
            for contestant in Contestant.allCases {
                costs[contestant, default: []].append(
                    try contest.cost(of: contestant, groupCount: groupCount))
            }
        }
        func ratio(_ value: (Cost) -> Double) -> String {
            let theirs = median((costs[.redisSentinel] ?? []).map(value))
            return text(median((costs[.baton] ?? []).map(value)) / theirs)
        }
        ratios.append("cpu_ratio_\(groupCount)=\(ratio(\.processorPercent))")
        if groupCount == 1_000 {
            ratios.append("memory_ratio_1000=\(ratio { Double($0.memoryKiB) })")
        }
    }
    print("RESULT " + ratios.joined(separator: " "))
} catch {
    workbench.say("bench-sentinel: \(error)")
    exit(1)
}
