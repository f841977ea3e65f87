internal import Glibc

/// A file that is replaced as a whole: after a crash there is either the old one or the new.
public enum DurableFile {
    /// Why it was not replaced; the old file stands (or, after a failed fsync of the directory,
    /// either).
    public struct Failure: Error, Equatable, Sendable, CustomStringConvertible {
        public var path: String
        /// The system call.
        public var call: String
        /// Its `errno`.
        public var code: Int32

        /// As `strerror` says it.
        public var reason: String { String(cString: strerror(code)) }
        public var description: String { "\(path): \(call): \(reason)" }
    }

    /// Writes a file beside it, fsyncs it, gives it the old one's name and fsyncs the directory.
    /// `mode` is what the process's umask leaves of it.
    public static func replace(
        _ path: String, with bytes: [UInt8], mode: UInt32
    ) throws(Failure) {
        var status = stat()
        // rename(2) would say so too, but only after the writing.
        if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            throw Failure(path: path, call: "open", code: EISDIR)
        }
        let temporary = "\(path).\(getpid()).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw failure(path, "open") }
        do throws(Failure) {
            try write(bytes, to: descriptor, path)
            guard fsync(descriptor) == 0 else { throw failure(path, "fsync") }
        } catch {
            close(descriptor)
            unlink(temporary)
            throw error
        }
        guard close(descriptor) == 0, rename(temporary, path) == 0 else {
            let code = errno
            unlink(temporary)
            throw Failure(path: path, call: "rename", code: code)
        }
        try syncDirectory(of: path)
    }

    private static func write(
        _ bytes: [UInt8], to descriptor: Int32, _ path: String
    ) throws(Failure) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(path, "write") }
            written += count
        }
    }

    private static func syncDirectory(of path: String) throws(Failure) {
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, "open directory") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(path, "fsync directory") }
    }

    /// At most `byteCountMax` bytes from the file's start.
    public static func bytes(
        of path: String, byteCountMax: Int
    ) throws(Failure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, "open") }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count < byteCountMax {
            let count = read(descriptor, &part, min(part.count, byteCountMax - bytes.count))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(path, "read") }
            guard count > 0 else { break }
            bytes += part[..<count]
        }
        return bytes
    }

    private static func failure(_ path: String, _ call: String) -> Failure {
        Failure(path: path, call: call, code: errno)
    }
}
