import CLinux
import Glibc

/// Waits for a signal that asks the program to end.
///
/// The signals are blocked before any thread exists, so that all inherit the mask and the one
/// thread that waits here gets them.
struct SignalWait {
    private let numbers: [Int32]

    init(_ numbers: [Int32]) {
        self.numbers = numbers
        var set = Self.set(of: numbers)
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// The number of the signal that came.
    func wait() async -> Int32 {
        await withCheckedContinuation { continuation in
            let waiting = Waiting(numbers: numbers, continuation: continuation)
            var thread = pthread_t()
            let result = pthread_create(
                &thread, nil, waitForSignal, Unmanaged.passRetained(waiting).toOpaque())
            precondition(result == 0, "no thread to wait for signals")
            pthread_detach(thread)
        }
    }

    static func set(of numbers: [Int32]) -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in numbers { sigaddset(&set, number) }
        return set
    }
}

private final class Waiting {
    let numbers: [Int32]
    let continuation: CheckedContinuation<Int32, Never>

    init(numbers: [Int32], continuation: CheckedContinuation<Int32, Never>) {
        self.numbers = numbers
        self.continuation = continuation
    }
}

private func waitForSignal(_ box: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let box else { return nil }
    let waiting = Unmanaged<Waiting>.fromOpaque(box).takeRetainedValue()
    var set = SignalWait.set(of: waiting.numbers)
    var number: Int32 = 0
    while sigwait(&set, &number) != 0 {}
    waiting.continuation.resume(returning: number)
    return nil
}
