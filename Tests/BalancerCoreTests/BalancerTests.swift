import Testing

@testable import BalancerCore

@Suite("Balancer")
struct BalancerTests {
    private static func run(
        seeds: ClosedRange<UInt64>, stepCount: Int, mayLose: Bool = true,
        sabotage: World.Sabotage? = nil
    ) -> (problems: [String], answered: Int) {
        var problems: [String] = []
        var answered = 0
        for seed in seeds {
            var world = World(seed: seed, mayLose: mayLose, sabotage: sabotage)
            for _ in 0..<stepCount where world.problem == nil { world.step() }
            if world.problem == nil { world.settle() }
            if let problem = world.problem { problems.append("seed \(seed): \(problem)") }
            answered += world.answeredCount
            answered += world.clients.reduce(0) { $0 + ($1.isClosed ? 0 : $1.answeredCount) }
        }
        return (problems, answered)
    }

    @Test("every client gets its own replies in order, whatever arrives in whatever pieces")
    func sound() {
        let (problems, answered) = Self.run(seeds: 1...40, stepCount: 500, mayLose: false)
        #expect(problems.isEmpty, "\(problems.prefix(5).joined(separator: "\n"))")
        #expect(answered > 5_000)
    }

    @Test("nothing is executed twice or answered wrongly while connections break at any byte")
    func lossy() {
        let (problems, answered) = Self.run(seeds: 1...60, stepCount: 1500)
        #expect(problems.isEmpty, "\(problems.prefix(5).joined(separator: "\n"))")
        #expect(answered > 5_000)
    }

    @Test(
        "the checks notice a broken rule",
        arguments: [World.Sabotage.misdelivers, .repeats, .swallows, .staysBehind])
    func sabotage(_ sabotage: World.Sabotage) {
        let (problems, _) = Self.run(
            seeds: 1...20, stepCount: sabotage == .staysBehind ? 2000 : 500,
            mayLose: sabotage == .staysBehind, sabotage: sabotage)
        #expect(problems.count > 5)
    }
}
