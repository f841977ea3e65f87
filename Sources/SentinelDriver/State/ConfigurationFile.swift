internal import DirectiveFile
public import DropInCore
internal import Glibc
public import SentinelFile
internal import Synchronization

/// The configuration file that a Sentinel rewrites, for it is its memory too. May be used from any
/// thread.
public final class ConfigurationFile: Sendable {
    private struct Contents {
        var server: ServerOptions
        /// What stands behind `user` of each user; `nil`: users have a file of their own.
        var userLines: [String]?
    }

    /// Absolute, so that `dir` does not matter.
    public let path: String
    private let contents: Mutex<Contents>

    /// Touches nothing yet. `server`: what the file and the command line said.
    public init(path: String, server: ServerOptions) {
        self.path = path
        contents = Mutex(Contents(server: server, userLines: []))
    }

    /// Redis gives the file this mode, as far as the umask leaves it.
    private static let mode: mode_t = 0o644

    /// From now on these users are written.
    public func setUsers(_ lines: [String]?) {
        contents.withLock { $0.userLines = lines }
    }

    /// From now on this is the log's level.
    public func setLogLevel(_ level: String) {
        contents.withLock { $0.server.logLevel = level }
    }

    /// Writes the file anew; returns when it is durable.
    public func save(
        _ ledger: Ledger, _ globals: GlobalSettings
    ) throws(DurableFile.Failure) {
        let old: [UInt8]
        do throws(DurableFile.Failure) {
            old = try DurableFile.bytes(of: path, byteCountMax: Limits().fileByteCountMax)
        } catch {
            // A file that somebody removed is written again, as Redis does.
            guard error.code == ENOENT else { throw error }
            old = []
        }
        let contents = contents.withLock { $0 }
        let text = SentinelFileText.rewritten(
            old, contents.server, globals: globals, ledger: ledger,
            userLines: contents.userLines, directory: Self.workingDirectory)
        try DurableFile.replace(path, with: text, mode: Self.mode)
    }

    /// Why the file cannot be written; `nil`: it can. To be asked at the start: a Sentinel that
    /// cannot remember must not vote.
    public var obstacle: String? {
        guard access(path, W_OK) == 0 else { return String(cString: strerror(errno)) }
        return nil
    }

    private static var workingDirectory: String {
        guard let path = getcwd(nil, 0) else { return "." }
        defer { free(path) }
        return String(cString: path)
    }
}
