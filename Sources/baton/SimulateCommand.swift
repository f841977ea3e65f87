import ArgumentParser
import Glibc
import Simulation
import Synchronization

/// `baton simulate`
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Run whole clusters under virtual time, with faults, and check each promise.",
        discussion: """
            Each seed is a world: several nodes with the code that `baton run` runs, servers with \
            asynchronous replication, a network, disks, clocks that run apart, and faults. The \
            same seed gives the same world, on every run and every machine; checkers watch that \
            no promise is broken.

            EXAMPLES:
              baton simulate --seeds 1..10000         on all cores
              baton simulate --seeds 17 --trace       what happens in one world
              baton simulate --break uses-too-long    a rule broken on purpose is caught

            EXIT STATUS:
              0   every promise was kept
              1   one was broken; the seeds and their traces are printed
            """)

    @Option(
        help: ArgumentHelp("A seed, or a range with both ends.", valueName: "a..b"))
    var seeds = SeedRange(argument: "1..1000")!

    @Flag(help: "Print what happens in the world; for a single seed.")
    var trace = false

    @Option(
        name: .customLong("break"),
        help: ArgumentHelp(
            "Break a rule on purpose, to see that a checker catches it: "
                + Mutation.allCases.map(\.rawValue).joined(separator: ", ") + ".",
            valueName: "rule"),
        transform: { try Self.named($0, Mutation.self) })
    var brokenRule: Mutation?

    @Option(
        help: ArgumentHelp(
            "Only this fault, again and again: "
                + FaultKind.allCases.map(\.rawValue).joined(separator: ", ") + ".",
            valueName: "kind"),
        transform: { try Self.named($0, FaultKind.self) })
    var fault: [FaultKind] = []

    private static func named<Word: RawRepresentable<String>>(
        _ text: String, _ type: Word.Type
    ) throws -> Word {
        guard let word = Word(rawValue: text) else {
            throw ValidationError("there is none called '\(text)'")
        }
        return word
    }

    /// Traces printed for failing seeds; the first few tell what the others would.
    private static let printedTraceCountMax = 3

    func validate() throws {
        if trace && seeds.seeds.count > 1 {
            throw ValidationError("--trace is for a single seed: --seeds 17 --trace")
        }
    }

    func run() async throws {
        let clock = ContinuousClock()
        let start = clock.now
        var tally = Tally()
        if trace {
            var options = self.options
            options.trace = .whole(routine: false)
            let outcome = Simulator.run(seed: seeds.seeds.lowerBound, options: options)
            tally.add(outcome)
            Terminal.output.write(outcome.text)
        } else {
            tally = await runAll(seeds.seeds)
            report(failing: tally.failing)
        }
        Terminal.output.write(tally.result(after: clock.now - start) + "\n")
        if tally.violationCount > 0 { throw ExitCode(1) }
    }

    private var options: Options {
        var options = Options()
        options.mutation = brokenRule
        if !fault.isEmpty { options.kinds = fault }
        return options
    }

    /// All seeds, as many at a time as there are cores.
    private func runAll(_ seeds: ClosedRange<UInt64>) async -> Tally {
        let board = Board(seeds: seeds)
        var options = options
        options.trace = .nothing
        let plan = options
        await withTaskGroup { group in
            for _ in 0..<max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) {
                group.addTask {
                    while let seed = board.next() {
                        board.add(Simulator.run(seed: seed, options: plan))
                    }
                }
            }
        }
        return board.finish()
    }

    /// Again, with a trace: the same seed is the same world.
    private func report(failing: [UInt64]) {
        for seed in failing.prefix(Self.printedTraceCountMax) {
            Terminal.output.write(Simulator.run(seed: seed, options: options).text + "\n")
        }
        for seed in failing {
            Terminal.output.write("failing: baton simulate --seeds \(seed) --trace\n")
        }
    }
}

/// What the threads share: which seed is next, what came of the others, and the line of progress.
private final class Board: Sendable {
    private struct State {
        var next: UInt64
        var tally = Tally()
        var lastShown: ContinuousClock.Instant
    }

    private let seeds: ClosedRange<UInt64>
    private let state: Mutex<State>
    private let terminal = Terminal.errors
    private let clock = ContinuousClock()

    init(seeds: ClosedRange<UInt64>) {
        self.seeds = seeds
        state = Mutex(State(next: seeds.lowerBound, lastShown: ContinuousClock().now))
    }

    func next() -> UInt64? {
        state.withLock { state in
            guard state.next <= seeds.upperBound else { return nil }
            defer { state.next += 1 }
            return state.next
        }
    }

    func add(_ outcome: Outcome) {
        state.withLock { state in
            state.tally.add(outcome)
            guard terminal.isInteractive, clock.now - state.lastShown >= .milliseconds(200) else {
                return
            }
            state.lastShown = clock.now
            let tally = state.tally
            terminal.write(
                "\r\(tally.seedCount) of \(seeds.count) seeds, \(tally.failoverCount) failovers, "
                    + "\(tally.violationCount) violations\u{1B}[K")
        }
    }

    /// The tally, the line of progress being gone.
    func finish() -> Tally {
        if terminal.isInteractive { terminal.write("\r\u{1B}[K") }
        return state.withLock { $0.tally }
    }
}
