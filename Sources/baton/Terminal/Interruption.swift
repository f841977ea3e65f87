import Glibc
import Synchronization

/// The writing end of the pipe that a handler tells; a handler may do nothing but write.
private let tellingEnd = Atomic<Int32>(-1)

/// Notices that the user wants the program to end (Ctrl-C, `kill`, a closed terminal), so that it
/// can put the terminal back in order first.
struct Interruption: ~Copyable {
    private let heard: Int32
    private let telling: Int32

    /// From now on SIGINT, SIGTERM and SIGHUP end ``wait(seconds:)`` and nothing else. One at a
    /// time in a process; when it goes the signals end the process again.
    init() {
        var ends: [Int32] = [-1, -1]
        // Without a pipe (no descriptors left) the signals keep their usual effect.
        guard pipe(&ends) == 0 else {
            heard = -1
            telling = -1
            return
        }
        (heard, telling) = (ends[0], ends[1])
        _ = fcntl(telling, F_SETFL, O_NONBLOCK)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        tellingEnd.store(telling, ordering: .sequentiallyConsistent)
        for number in Self.signals { _ = signal(number, tell) }
    }

    deinit {
        guard heard >= 0 else { return }
        for number in Self.signals { _ = signal(number, SIG_DFL) }
        tellingEnd.store(-1, ordering: .sequentiallyConsistent)
        close(heard)
        close(telling)
    }

    private static let signals = [SIGINT, SIGTERM, SIGHUP]

    /// Waits; true as soon as the user wants an end.
    func wait(seconds: Double) -> Bool {
        var descriptor = pollfd(fd: heard, events: Int16(POLLIN), revents: 0)
        return poll(&descriptor, 1, Int32(seconds * 1000)) > 0
    }
}

private func tell(_ number: Int32) {
    let error = errno  // Of whatever was interrupted.
    defer { errno = error }
    var byte: UInt8 = 1
    _ = write(tellingEnd.load(ordering: .sequentiallyConsistent), &byte, 1)
}
