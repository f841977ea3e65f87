import SentinelCore
import Testing

@testable import Simulation

@Suite("The configuration checker")
struct ConfigurationCheckerTests {
    @Test("sees an epoch that stands for two primaries, in whatever order they come")
    func twice() {
        var checker = ConfigurationChecker(groupCount: 1)
        var verdicts = Verdicts()
        let primaries = (0..<3).map { Scenario.serverEndpoint(host: $0, group: 0) }
        checker.note(0, primary: primaries[0], group: 0, verdicts: &verdicts)
        checker.note(7, primary: primaries[2], group: 0, verdicts: &verdicts)
        checker.note(3, primary: primaries[1], group: 0, verdicts: &verdicts)
        checker.note(7, primary: primaries[2], group: 0, verdicts: &verdicts)
        #expect(verdicts.violations.isEmpty)
        #expect(checker.failovers == 2)
        #expect(checker.newest(of: 0)?.primary == primaries[2])
        checker.note(3, primary: primaries[2], group: 0, verdicts: &verdicts)
        #expect(verdicts.violations.map(\.promise) == [.oneConfiguration])
    }
}
