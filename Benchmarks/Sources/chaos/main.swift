import Glibc
import Laboratory
import MonotonicTime
import Workbench

// `make chaos`: every attack on real servers, nodes and kernels, again and again.

let workbench = Workbench("chaos")
let runCount = workbench.number("RUNS", default: 200)
let seed = UInt64(workbench.number("SEED", default: 1, least: 0))

/// Those that the environment names, or all.
let attacks: [Attack] = {
    guard let text = workbench.word("ATTACKS") else { return Attack.allCases }
    return text.split(separator: ",").map { name in
        guard let attack = Attack(rawValue: String(name)) else {
            let names = Attack.allCases.map(\.rawValue).joined(separator: " ")
            workbench.refuse("ATTACKS names no attack with \(name); there are: \(names)")
        }
        return attack
    }
}()

let control: ControlRun
do {
    control = try ControlRun.run(for: .seconds(1))
} catch {
    workbench.say("chaos: the control run failed: \(error)")
    exit(1)
}
workbench.say(
    "control: two hosts were made to hold the address for \(control.held.milliseconds) ms, the"
        + " prober saw \(control.twoHolders.milliseconds) ms")

var schedule = Schedule(seed: seed, attacks: attacks)
var scene: AttackScene?
var reports: [AttackReport] = []
var failureCount = 0
for count in 1...runCount where !Laboratory.isEndedBySignal {
    // New logs and new states, every now and then.
    if schedule.beginsRound {
        scene?.laboratory.close()
        scene = nil
    }
    let entry = schedule.next()
    let title = "\(count)/\(runCount) \(entry.attack.rawValue)+\(entry.delay.milliseconds)ms"
    do {
        let current = try scene ?? AttackScene()
        scene = current
        let report = try AttackRun.run(entry.attack, on: current, after: entry.delay)
        reports.append(report)
        workbench.say("\(title): \(report.line)")
        for overlap in report.answers.overlaps {
            workbench.say("  TWO HOLDERS: \(overlap)\n\(current.cluster.logEnds)")
        }
        for write in report.unreported { workbench.say("  UNEXPLAINED LOSS: \(write)") }
        if !report.cameBack || !report.forfeited.isEmpty { workbench.say(current.cluster.logEnds) }
    } catch {
        failureCount += 1
        workbench.say("\(title) FAILED: \(error)")
        scene?.laboratory.close()
        scene = nil
    }
}
scene?.laboratory.close()

let tallies = Attack.allCases.map { attack in
    Tally(attack: attack, reports: reports.filter { $0.attack == attack })
}
print("milliseconds; SEED=\(seed); two writers every 5 ms, a prober every 10 ms")
print(Tally.header)
for tally in tallies where !tally.reports.isEmpty { print(tally.row) }
if failureCount > 0 { print("\(failureCount) runs failed: see above") }

let twoHolders = tallies.reduce(Interval.zero) { $0 + $1.twoHolders }
let unreportedCount = tallies.reduce(0) { $0 + $1.unreportedCount }
let strandedCount = tallies.reduce(0) { $0 + $1.strandedCount }
let longest = tallies.filter(\.attack.isAnswered).compactMap(\.longestPause).max()
print(
    "RESULT runs=\(reports.count) two_holders_ms=\(AttackReport.milliseconds(twoHolders))"
        + " control_two_holders_ms=\(control.twoHolders.milliseconds)"
        + " lost_unreported=\(unreportedCount)"
        + " longest_unavailable_ms=\((longest ?? .zero).milliseconds)")
let isBlind = control.twoHolders < control.held - .milliseconds(200)
if isBlind { workbench.say("chaos: the prober missed two holders in the control run") }
let isClean =
    !isBlind && failureCount == 0 && strandedCount == 0 && unreportedCount == 0
    && twoHolders == .zero
exit(isClean ? 0 : 1)
