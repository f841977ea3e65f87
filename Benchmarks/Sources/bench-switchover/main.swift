import Glibc
import Laboratory
import MonotonicTime
import Workbench

// `make bench-switchover`: what clients feel when the primary is moved on purpose.

let workbench = Workbench("bench-switchover")
let runCount = workbench.number("RUNS", default: 50)
// Sentinel waits between two orders, so that as many runs would take an hour.
let sentinelRunCount = min(runCount, workbench.number("SENTINEL_RUNS", default: 10, least: 0))

/// All moves of one way, and how many failed.
func measure<Way: Bench>(_ way: Way.Type, runs: Int) -> (summary: Summary, failureCount: Int) {
    var handings: [Handing] = []
    var failureCount = 0
    var bench: Way?
    for run in 1..<(runs + 1) {
        do {
            let current = try bench ?? Way()
            bench = current
            let handing = try current.run(run)
            handings.append(handing)
            workbench.say(
                "\(Way.title) \(run)/\(runs): no writes for \(handing.gap.milliseconds) ms, "
                    + "\(handing.errorCount) failed, \(handing.lostCount) lost, "
                    + "\(handing.ghostCount) ran unseen")
        } catch {
            // A cluster that did not come back is no use to the next run.
            workbench.say("\(Way.title) \(run)/\(runs) FAILED: \(error)")
            failureCount += 1
            bench?.close()
            bench = nil
        }
    }
    bench?.close()
    return (Summary(title: Way.title, handings: handings), failureCount)
}

let (baton, batonFailures) = measure(BatonBench.self, runs: runCount)
let (sentinel, sentinelFailures) = measure(SentinelBench.self, runs: sentinelRunCount)
print("milliseconds; a writer every 5 ms, socket time-out 200 ms; errors: beyond one a move;")
print("ghosts: writes that ran although their client saw them fail")
print(Summary.header)
print(baton.row)
print(sentinel.row)
if batonFailures + sentinelFailures > 0 {
    print("\(batonFailures + sentinelFailures) runs failed: see above")
}
print(
    "RESULT runs=\(baton.handings.count) lost=\(baton.lostCount) errors=\(baton.errorCount)"
        + " gap_median_ms=\(Summary.text(baton.median))"
        + " gap_worst_ms=\(Summary.text(baton.gaps.last))"
        + " sentinel_gap_median_ms=\(Summary.text(sentinel.median))"
        + " sentinel_lost=\(sentinel.lostCount)")
exit(batonFailures + sentinelFailures == 0 ? 0 : 1)
