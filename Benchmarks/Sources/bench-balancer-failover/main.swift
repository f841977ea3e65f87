import Glibc
import Laboratory
import MonotonicTime
import Workbench

// `make bench-balancer-failover`: 200 clients that write, half of them through a `write` listener
// and half through an `auto` one, and 20 that read, while the primary is moved or killed, a replica
// is killed, and the balancer itself. Each remembers what it was told; at the end the final primary
// is asked what it holds.

let workbench = Workbench("bench-balancer-failover")
let runCount = workbench.number("RUNS", default: 5)

/// All trials of one fault, and how many failed.
func measure(_ fault: Fault) -> (trials: [Trial], failureCount: Int) {
    var failureCount = 0
    var trials: [Trial] = []
    var scene: Scene?
    for number in 1...runCount {
        do {
            let current = try scene ?? Scene()
            scene = current
            let trial = try current.run(fault)
            trials.append(trial)
            workbench.say("\(fault.title) \(number)/\(runCount): \(trial.line)")
        } catch {
            // A cluster that did not come back is no use to the next trial.
            workbench.say("\(fault.title) \(number)/\(runCount) FAILED: \(error)")
            failureCount += 1
            scene?.close()
            scene = nil
        }
    }
    scene?.close()
    return (trials, failureCount)
}

/// The middle one, or the mean of the two in the middle, in milliseconds; `-` for none.
func median(_ intervals: [Interval]) -> String {
    let sorted = intervals.sorted()
    guard !sorted.isEmpty else { return "-" }
    let middle = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    return "\(middle.milliseconds)"
}

let measured = Dictionary(uniqueKeysWithValues: Fault.allCases.map { ($0, measure($0)) })
let failureCount = measured.values.reduce(0) { $0 + $1.failureCount }
let all = Fault.allCases.flatMap { measured[$0]?.trials ?? [] }
func trials(_ fault: Fault) -> [Trial] { measured[fault]?.trials ?? [] }
func sum(_ trials: [Trial], _ figure: (Trial) -> Int) -> Int {
    trials.reduce(0) { $0 + figure($1) }
}

print("median ms without writes, and without reads; the sums of all runs:")
for fault in Fault.allCases {
    let these = trials(fault)
    print(
        "  \(fault.title): \(median(these.map(\.writePause))), \(median(these.map(\.readPause)));"
            + " \(sum(these, \.acknowledged)) acknowledged, \(sum(these, \.errorCount)) errors,"
            + " \(sum(these, \.lost)) lost, of \(these.count) runs")
}
let strayCount = sum(trials(.primary)) { $0.strayErrors.count }
print(
    "errors of the killed primary that are not BATON_UNSURE, or not for what was under way:"
        + " \(strayCount)")
let brokenCount = all.count { !$0.brokenPromises.isEmpty }
if brokenCount > 0 { print("\(brokenCount) runs broke a promise: see above") }
if failureCount > 0 { print("\(failureCount) runs failed: see above") }
print(
    "RESULT disconnections=\(sum(all, \.disconnections))"
        + " executed_twice=\(sum(all, \.executedTwice))"
        + " errors_planned=\(sum(trials(.planned), \.errorCount))"
        + " errors_kill=\(sum(trials(.primary), \.errorCount))"
        + " read_errors=\(sum(all, \.readErrors))"
        + " vrrp_gap_median_ms=\(median(trials(.balancer).map(\.readPause)))")
exit(failureCount + brokenCount == 0 ? 0 : 1)
