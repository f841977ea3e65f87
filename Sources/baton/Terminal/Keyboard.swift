import Glibc
import Synchronization

/// Reads single keys from a terminal: no line editing, no echo, Ctrl-C still a signal.
///
/// The terminal is as it was before when this goes, and also when the process crashes.
struct Keyboard: ~Copyable {
    private let descriptor: Int32

    /// One at a time in a process; `nil` where the descriptor is no terminal.
    init?(descriptor: Int32 = STDIN_FILENO) {
        var mode = termios()
        guard isatty(descriptor) == 1, tcgetattr(descriptor, &mode) == 0 else { return nil }
        self.descriptor = descriptor
        modeBefore.initialize(to: mode)
        terminalInUse.store(descriptor, ordering: .sequentiallyConsistent)
        for number in Self.crashes { _ = signal(number, putBackAndDie) }
        mode.c_lflag &= ~tcflag_t(ICANON | ECHO)
        tcsetattr(descriptor, TCSAFLUSH, &mode)
    }

    deinit {
        putBack()
        for number in Self.crashes { _ = signal(number, SIG_DFL) }
    }

    /// What a trap of Swift, a bad access or the C library's own checks end a process with.
    private static let crashes = [SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS, SIGFPE]

    /// The keys pressed by now, waiting at most so long for the first. A key that sends several
    /// bytes (an arrow, for example) gives none.
    func keys(waitMilliseconds: Int32) -> [Character] {
        var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&polled, 1, waitMilliseconds) > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 0 else {
            // A terminal that has gone is readable for ever: not to turn at full speed.
            usleep(UInt32(max(waitMilliseconds, 0)) * 1_000)
            return []
        }
        let escape: UInt8 = 0x1B
        guard !bytes[..<count].contains(escape) else { return [] }
        return bytes[..<count].map { Character(Unicode.Scalar($0)) }
    }
}

/// The terminal's mode before a ``Keyboard`` changed it. A handler may not allocate, so it lies
/// here from the start.
private nonisolated(unsafe) let modeBefore = UnsafeMutablePointer<termios>.allocate(capacity: 1)
/// The terminal whose mode is to be put back; -1 for none.
private let terminalInUse = Atomic<Int32>(-1)
/// Cursor on, second screen off; harmless where they are so already.
private let lastWords: StaticString = "\u{1B}[?2026l\u{1B}[?25h\u{1B}[?1049l"

private func putBack() {
    let descriptor = terminalInUse.exchange(-1, ordering: .sequentiallyConsistent)
    if descriptor >= 0 { tcsetattr(descriptor, TCSAFLUSH, modeBefore) }
}

/// Only calls what signal-safety(7) allows.
private func putBackAndDie(_ number: Int32) {
    putBack()
    _ = write(STDOUT_FILENO, lastWords.utf8Start, lastWords.utf8CodeUnitCount)
    _ = signal(number, SIG_DFL)
    _ = raise(number)
}
