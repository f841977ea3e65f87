import MonotonicTime
import SentinelDriver

/// The read addresses are about to go to another balancer, because this one is stopped: who asked
/// to be told of such things (`CLIENT MAINT_NOTIFICATIONS`) leaves first, between two requests, and
/// comes back to the same address when the other has it. The rest are reset when it goes.
struct Departure {
    /// What they are told that it takes. They go when half of it has passed, and come at once.
    private static let seconds = 2

    /// From then on no new connection is answered: a moment before the first of them comes back,
    /// who would else come back to this balancer.
    private static let quietAfter = Interval.milliseconds(900)

    /// They are waited for no longer. Whoever connected just after `quietAfter` asks a second time
    /// after a second: by then the next balancer has the address, if it took it within 300 ms.
    private static let patience = Interval.milliseconds(1_600)

    /// For so long the counts do not show who was told.
    private static let countAge = Interval.milliseconds(200)

    let parts: [BalancerPart]

    /// - Parameter parts: of which the read address is here, and has another balancer to go to.
    init(_ parts: [BalancerPart]) {
        self.parts = parts.filter { $0.toldCount > 0 }
    }

    /// Returns when those who were told have gone, or have had their time.
    func run() async throws {
        guard !parts.isEmpty else { return }
        for part in parts { part.depart(within: Self.seconds) }
        let begin = BootClock.now()
        var isQuiet = false
        while true {
            try await Task.sleep(for: .milliseconds(20))
            let passed = BootClock.now() - begin
            let isAwaited = parts.contains { $0.departingCount > 0 }
            if passed >= Self.patience || passed >= Self.countAge && !isAwaited { return }
            guard passed >= Self.quietAfter, !isQuiet else { continue }
            isQuiet = true
            for part in parts { part.ignoreNewcomers() }
        }
    }
}
