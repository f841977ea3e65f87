import Glibc
import MonotonicTime

/// A value that threads share and wait on: a mutex with its condition variable.
///
/// `Synchronization.Mutex` offers no waiting. The class is `@unchecked` because the compiler can't
/// see that `value` is only ever touched with `mutex` held.
final class Shared<Value: Sendable>: @unchecked Sendable {
    private var value: Value
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    init(_ value: Value) {
        self.value = value
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        condition = .allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        // Deadlines must not move when somebody sets the clock of the machine.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        condition.deallocate()
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Reads or changes the value, and wakes every waiter to look at it again.
    func with<Outcome>(_ body: (inout Value) -> Outcome) -> Outcome {
        pthread_mutex_lock(mutex)
        defer {
            pthread_cond_broadcast(condition)
            pthread_mutex_unlock(mutex)
        }
        return body(&value)
    }

    /// Waits until `body` gives an answer; `nil` once `deadline` has passed without one.
    func wait<Outcome>(
        until deadline: Instant? = nil, _ body: (inout Value) -> Outcome?
    ) -> Outcome? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let outcome = body(&value) { return outcome }
            guard let deadline else {
                pthread_cond_wait(condition, mutex)
                continue
            }
            guard Laboratory.now < deadline else { return nil }
            var moment = timespec(
                tv_sec: Int(deadline.nanoseconds / 1_000_000_000),
                tv_nsec: Int(deadline.nanoseconds % 1_000_000_000))
            pthread_cond_timedwait(condition, mutex, &moment)
        }
    }
}
