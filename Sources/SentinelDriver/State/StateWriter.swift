internal import NIOPosix
internal import SentinelCore
internal import Synchronization

/// Writes the state file on a thread of its own, so that a slow disk never holds up the loop.
///
/// States that come while one is being written replace each other: only the newest is written,
/// since a sequence number's durability says the same of all before it.
final class StateWriter: Sendable {
    /// What became of the newest state handed in so far.
    typealias Completion = @Sendable (_ sequence: UInt64, _ failure: StateFileError?) -> Void

    private struct Waiting {
        var state: PersistentState
        var sequence: UInt64
    }

    private let file: StateFile
    private let pool = NIOThreadPool(numberOfThreads: 1)
    private let waiting = Mutex<Waiting?>(nil)
    /// Held while a state is written: when the pool is shut down, what it still had to do is done
    /// by the thread that shuts it down.
    private let writing = Mutex(())
    private let completion: Completion

    /// `completion` is called on the writer's thread.
    init(file: StateFile, completion: @escaping Completion) {
        self.file = file
        self.completion = completion
        pool.start()
    }

    /// Returns at once.
    func write(_ state: PersistentState, sequence: UInt64) {
        waiting.withLock { $0 = Waiting(state: state, sequence: sequence) }
        pool.submit { _ in self.writeWaiting() }
    }

    /// Writes what is waiting, then ends the thread.
    func shutDown() async throws {
        try await pool.shutdownGracefully()
        writeWaiting()
    }

    private func writeWaiting() {
        writing.withLock { _ in
            guard let next = waiting.withLock({ $0.take() }) else { return }
            do throws(StateFileError) {
                try file.write(next.state)
                completion(next.sequence, nil)
            } catch {
                completion(next.sequence, error)
            }
        }
    }
}
