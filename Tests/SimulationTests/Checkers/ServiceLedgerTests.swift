import MonotonicTime
import Testing

@testable import Simulation

@Suite("The ledger of service")
struct ServiceLedgerTests {
    @Test("books what nobody served after the first service, and what two served")
    func books() {
        var ledger = ServiceLedger()
        func note(_ count: Int, _ at: Int) {
            _ = ledger.note(holderCount: count, at: .zero + .seconds(at))
        }
        note(1, 3)
        note(0, 10)
        note(2, 14)
        note(1, 16)
        note(0, 20)
        ledger.close(at: .zero + .seconds(21))
        #expect(ledger.unserved == .seconds(5))
        #expect(ledger.longest == .seconds(4))
        #expect(ledger.dual == .seconds(2))
    }
}
