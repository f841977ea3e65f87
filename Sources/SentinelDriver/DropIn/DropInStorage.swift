public import DropInCore
internal import NIOPosix

/// Where a Sentinel's state is kept: its file. Called on a thread of its own, one call at a time.
public protocol DropInStorage: Sendable {
    /// Returns when everything is durable.
    func save(_ ledger: Ledger, _ globals: GlobalSettings) throws(DropInSaveFailure)
}

/// Why a state was not saved.
public struct DropInSaveFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// What the system said, for example `No space left on device`.
    public var description: String

    public init(_ description: String) {
        self.description = description
    }
}

/// Saves on a thread of its own, so that a slow disk never holds up the loop.
final class DropInWriter: Sendable {
    private let storage: any DropInStorage
    private let pool = NIOThreadPool(numberOfThreads: 1)

    init(_ storage: any DropInStorage) {
        self.storage = storage
        pool.start()
    }

    /// Returns at once; `completion` is called on the writer's thread.
    func save(
        _ ledger: Ledger, _ globals: GlobalSettings,
        completion: @escaping @Sendable (DropInSaveFailure?) -> Void
    ) {
        pool.submit { _ in
            do throws(DropInSaveFailure) {
                try self.storage.save(ledger, globals)
                completion(nil)
            } catch {
                completion(error)
            }
        }
    }

    /// Finishes what is being saved, then ends the thread.
    func shutDown() async throws {
        try await pool.shutdownGracefully()
    }
}
