import MonotonicTime
import Testing

@testable import Simulation

@Suite("A checker's patience")
struct PatienceTests {
    private func second(_ count: Int) -> Moment { .zero + .seconds(count) }

    @Test("runs out when something was wrong for longer than the bound, undisturbed")
    func runsOut() {
        var patience = Patience()
        func look(_ at: Int, wrong: Bool, disturbed: Int) -> Bool {
            patience.runsOut(
                isWrong: wrong, at: second(at), disturbedAt: second(disturbed), bound: .seconds(5))
        }
        #expect(!look(10, wrong: true, disturbed: 0))
        #expect(!look(15, wrong: true, disturbed: 0))
        #expect(look(16, wrong: true, disturbed: 0))
        #expect(!look(17, wrong: true, disturbed: 14))
        #expect(look(20, wrong: true, disturbed: 14))
        #expect(!look(21, wrong: false, disturbed: 14))
        #expect(!look(22, wrong: true, disturbed: 14))
    }
}
