import Glibc
import Testing

@testable import baton

@Suite("Waiting for a signal")
struct SignalWaitTests {
    @Test("a signal is waited for, whichever thread it reaches, and does not end the process")
    func anyThread() async {
        let threadsBefore = Task.detached { 1 }
        _ = await threadsBefore.value
        let signals = SignalWait([SIGUSR2])
        // To the process: the kernel picks any thread that does not block it.
        kill(getpid(), SIGUSR2)
        #expect(await signals.wait() == SIGUSR2)
    }
}
