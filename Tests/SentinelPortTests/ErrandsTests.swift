import DropInCore
import Testing

@testable import SentinelPort

@Suite("What clients wait for")
struct ErrandsTests {
    @Test("is answered once, and to nobody who has left")
    func once() {
        var counter = Counter()
        counter.ask("SENTINEL FLUSHCONFIG")
        guard let ticket = counter.order?.ticket else {
            Issue.record("no order")
            return
        }
        #expect(counter.port.client(of: ticket) == 1)
        counter.port.leave(1)
        #expect(counter.port.answer(.done, to: ticket).isEmpty)
        #expect(counter.port.client(of: ticket) == nil)
        #expect(counter.port.answer(.done, to: ticket).isEmpty)
    }
}
