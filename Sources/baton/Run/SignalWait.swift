import CLinux
import Glibc
import Synchronization

/// Waits for a signal that asks the program to end.
///
/// A handler passes the signal on through a pipe. Blocking signals and taking them with sigwait
/// would need every thread to block them, and the runtime, the log and the drivers start threads
/// of their own: one that does not block SIGTERM ends the program with the address still held.
struct SignalWait {
    private let readEnd: Int32

    /// From now on these signals no longer end the process. To be used once in a process.
    init(_ numbers: [Int32]) {
        var ends: [Int32] = [-1, -1]
        let result = pipe2(&ends, O_CLOEXEC)
        precondition(result == 0, "no pipe to wait for signals")
        readEnd = ends[0]
        signalPipeWriteEnd.store(ends[1], ordering: .releasing)
        for number in numbers { signal(number, passSignalOn) }
    }

    /// The number of the signal that came, perhaps before this call.
    func wait() async -> Int32 {
        await withCheckedContinuation { continuation in
            let waiting = Waiting(readEnd: readEnd, continuation: continuation)
            var thread = pthread_t()
            let result = pthread_create(
                &thread, nil, waitForSignal, Unmanaged.passRetained(waiting).toOpaque())
            precondition(result == 0, "no thread to wait for signals")
            pthread_detach(thread)
        }
    }
}

private let signalPipeWriteEnd = Atomic<Int32>(-1)

/// A handler may do hardly anything else than write.
private func passSignalOn(_ number: Int32) {
    let code = errno
    var byte = UInt8(truncatingIfNeeded: number)
    _ = write(signalPipeWriteEnd.load(ordering: .acquiring), &byte, 1)
    errno = code
}

private final class Waiting {
    let readEnd: Int32
    let continuation: CheckedContinuation<Int32, Never>

    init(readEnd: Int32, continuation: CheckedContinuation<Int32, Never>) {
        self.readEnd = readEnd
        self.continuation = continuation
    }
}

private func waitForSignal(_ box: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let box else { return nil }
    let waiting = Unmanaged<Waiting>.fromOpaque(box).takeRetainedValue()
    var number: UInt8 = 0
    while read(waiting.readEnd, &number, 1) < 0, errno == EINTR {}
    waiting.continuation.resume(returning: Int32(number))
    return nil
}
