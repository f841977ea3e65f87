public import MonotonicTime

/// Work that is done inside a host again and again, on a thread of its own: to look at a server,
/// for example, many times a second.
public final class Routine: Sendable {
    private let interruption = Interruption()
    private let isFinished = Shared(false)

    /// Begins at once. `make` runs first, on the thread, and returns what is then done `every` so
    /// often (from the end of one time to the beginning of the next): it may keep connections and
    /// other things that only one thread may use. It stops at the latest when the laboratory
    /// closes.
    public init(on host: Host, every: Interval, _ make: @escaping @Sendable () -> () -> Void) {
        let (interruption, isFinished) = (interruption, isFinished)
        host.start(until: interruption) {
            let work = make()
            repeat { work() } while !interruption.wait(atMost: every)
            isFinished.with { $0 = true }
        }
    }

    /// Returns when the work has been done for the last time.
    public func stop() {
        interruption.interrupt()
        _ = isFinished.wait { $0 ? true : nil }
    }
}
