import Glibc
import Laboratory
import MonotonicTime

// `make chaos`: every attack on real servers, nodes and kernels, again and again.

Laboratory.closeAllOnSignals()

/// Progress and failures; the table and the result alone go to standard output.
func say(_ text: String) {
    let line = Array((text + "\n").utf8)
    _ = write(STDERR_FILENO, line, line.count)
}

/// A number of the environment; an empty one counts as none.
func number(_ name: String, default standard: UInt64) -> UInt64 {
    guard let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty else {
        return standard
    }
    guard let number = UInt64(value), number > 0 else {
        say("chaos: \(name) must be a number above 0, not \(value)")
        exit(2)
    }
    return number
}

let runCount = Int(number("RUNS", default: 200))
let seed = number("SEED", default: 1)
let obstacles = Laboratory.availability.namespaceObstacles
guard obstacles.isEmpty else {
    say("chaos: " + obstacles.map(\.description).joined(separator: "; "))
    exit(2)
}

/// Those that the environment names, or all.
let attacks: [Attack] = {
    guard let text = getenv("ATTACKS").map({ String(cString: $0) }), !text.isEmpty else {
        return Attack.allCases
    }
    return text.split(separator: ",").map { name in
        guard let attack = Attack(rawValue: String(name)) else {
            let names = Attack.allCases.map(\.rawValue).joined(separator: " ")
            say("chaos: ATTACKS names no attack with \(name); there are: \(names)")
            exit(2)
        }
        return attack
    }
}()

let control: ControlRun
do {
    control = try ControlRun.run(for: .seconds(1))
} catch {
    say("chaos: the control run failed: \(error)")
    exit(1)
}
say(
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
        say("\(title): \(report.line)")
        for overlap in report.answers.overlaps {
            say("  TWO HOLDERS: \(overlap)\n\(current.cluster.logEnds)")
        }
        for write in report.unreported { say("  UNEXPLAINED LOSS: \(write)") }
        if !report.cameBack || !report.forfeited.isEmpty { say(current.cluster.logEnds) }
    } catch {
        failureCount += 1
        say("\(title) FAILED: \(error)")
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
if isBlind { say("chaos: the prober missed two holders in the control run") }
let isClean =
    !isBlind && failureCount == 0 && strandedCount == 0 && unreportedCount == 0
    && twoHolders == .zero
exit(isClean ? 0 : 1)
