import Glibc
import Laboratory
import MonotonicTime
import Workbench

// `make bench-failover`: what clients feel when a primary dies, hangs or is cut off.

let workbench = Workbench("bench-failover")
let runCount = workbench.number("RUNS", default: 20)

/// All trials of one fault, and how many failed.
func measure(_ fault: Fault) -> (summary: Summary, failureCount: Int) {
    var failureCount = 0
    var trials: [Trial] = []
    var bench: Bench?
    for number in 1...runCount {
        do {
            let current = try bench ?? Bench(fault)
            bench = current
            let trial = try current.run()
            trials.append(trial)
            workbench.say(
                "\(fault.rawValue) \(number)/\(runCount): no writes for"
                    + " \(trial.pause.milliseconds) ms, \(trial.lostCount) lost, redis-py's longest"
                    + " call \(trial.pythonCall.milliseconds) ms")
        } catch {
            // A cluster that did not come back is no use to the next trial.
            workbench.say("\(fault.rawValue) \(number)/\(runCount) FAILED: \(error)")
            failureCount += 1
            bench?.close()
            bench = nil
        }
    }
    bench?.close()
    return (Summary(fault: fault, trials: trials), failureCount)
}

let measured = Fault.allCases.map(measure)
let summaries = measured.map(\.summary)
let failureCount = measured.reduce(0) { $0 + $1.failureCount }
print("milliseconds; a writer every 5 ms with 200 ms socket time-out; redis-py without time-outs")
print(Summary.header)
for summary in summaries { print(summary.row) }
if failureCount > 0 { print("\(failureCount) runs failed: see above") }

let (kill9, stop, isolate) = (summaries[0], summaries[1], summaries[2])
print(
    "RESULT runs=\(summaries.map(\.trials.count).min() ?? 0)"
        + " kill9_median_ms=\(Summary.text(Summary.median(kill9.pauses)))"
        + " kill9_worst_ms=\(Summary.text(kill9.pauses.last))"
        + " stop_median_ms=\(Summary.text(Summary.median(stop.pauses)))"
        + " isolate_median_ms=\(Summary.text(Summary.median(isolate.pauses)))"
        + " redispy_worst_ms=\(Summary.text((kill9.pythonCalls + stop.pythonCalls).max()))"
        + " lost=\(summaries.reduce(0) { $0 + $1.lostCount })")
exit(failureCount == 0 ? 0 : 1)
