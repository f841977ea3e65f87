internal import Glibc
public import SentinelCore

/// Why a node's memory could not be read or written.
public struct StateFileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The ways in which it can fail.
    public enum Reason: Equatable, Sendable {
        /// A system call; `errno` and the call's name.
        case system(call: String, code: Int32)
        /// The file is there and is not what Baton wrote.
        case damaged(StateText.Problem)
        /// More bytes than a state can have.
        case tooLarge(limitBytes: Int)
    }

    /// The file.
    public var path: String
    /// What failed.
    public var reason: Reason

    /// File, line, what is wrong and what to do.
    public var description: String {
        switch reason {
        case .system(let call, let code):
            return "state file \(path): \(call): \(String(cString: strerror(code)))"
        case .damaged(let problem):
            let line = problem.line.map { " line \($0)" } ?? ""
            return "state file \(path)\(line): \(problem.text). \(Self.advice)"
        case .tooLarge(let limit):
            return "state file \(path): larger than \(limit) bytes, so it is not a state file."
                + " \(Self.advice)"
        }
    }

    private static let advice =
        "This node votes for nobody and leaves the file as it is. Restore the file from this"
        + " host's own newest copy; if there is none, move it away and start again: the node then"
        + " comes back as a new one"
}

/// The file in which a node remembers its promises.
public struct StateFile: Sendable {
    /// Absolute, or relative to where baton was started.
    public var path: String

    /// A state of 100 groups with 512 replicas each has less.
    static let sizeBytesMax = 4 * 1024 * 1024

    /// Touches nothing yet.
    public init(path: String) {
        self.path = path
    }

    /// Where a new version is written before it takes the old one's place. What a crash left
    /// there counts for nothing: the next write begins it anew.
    var temporaryPath: String { path + ".new" }

    /// What stands in the file; `nil` when there is no file, as on a node's first start.
    public func read() throws(StateFileError) -> PersistentState? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw failure("open")
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("read") }
            if count == 0 { break }
            bytes += chunk[..<count]
            guard bytes.count <= Self.sizeBytesMax else {
                throw StateFileError(path: path, reason: .tooLarge(limitBytes: Self.sizeBytesMax))
            }
        }
        do throws(StateText.Problem) {
            return try StateText.decode(bytes)
        } catch {
            throw StateFileError(path: path, reason: .damaged(error))
        }
    }

    /// Makes `state` durable: written beside, fsynced, renamed, and the directory fsynced. When
    /// it throws, the old version stands (or, after a failed fsync of the directory, either).
    public func write(_ state: PersistentState) throws(StateFileError) {
        let descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("open") }
        do throws(StateFileError) {
            try writeAll(Array(StateText.encode(state).utf8), to: descriptor)
            guard fsync(descriptor) == 0 else { throw failure("fsync") }
        } catch {
            close(descriptor)
            throw error
        }
        guard close(descriptor) == 0 else { throw failure("close") }
        guard rename(temporaryPath, path) == 0 else { throw failure("rename") }
        try syncDirectory()
    }

    private func writeAll(_ bytes: [UInt8], to descriptor: Int32) throws(StateFileError) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("write") }
            written += count
        }
    }

    private func syncDirectory() throws(StateFileError) {
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open directory") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("fsync directory") }
    }

    private func failure(_ call: String) -> StateFileError {
        StateFileError(path: path, reason: .system(call: call, code: errno))
    }
}
