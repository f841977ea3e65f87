import Glibc
import Synchronization

/// Turns SIGINT and SIGTERM into an orderly close of every laboratory.
enum SignalWatch {
    /// The end of a pipe that the handler writes to: a handler may do hardly anything else.
    private static let pipeEnd = Atomic<Int32>(-1)
    private static let heard = Atomic(false)

    /// Whether the process is about to end, since every laboratory is being closed.
    static var hasHeard: Bool { heard.load(ordering: .acquiring) }

    /// True once the signals are watched; the first use starts the watch.
    static let isWatching: Bool = {
        guard let pipe = try? Pipe() else { return false }
        pipeEnd.store(pipe.writeEnd, ordering: .releasing)
        startThread {
            var number: UInt8 = 0
            while read(pipe.readEnd, &number, 1) < 0, errno == EINTR {}
            heard.store(true, ordering: .releasing)
            Laboratory.closeAllForEver()
            signal(Int32(number), SIG_DFL)
            kill(getpid(), Int32(number))
        }
        for number in [SIGINT, SIGTERM] {
            signal(number, note)
        }
        return true
    }()

    private static let note: @convention(c) (Int32) -> Void = { number in
        let errorNumber = errno
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(pipeEnd.load(ordering: .acquiring), &byte, 1)
        errno = errorNumber
    }
}
