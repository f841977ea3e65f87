import Glibc

/// Reads a file that the user named.
enum FileReading {
    /// Why it can't be read, as a sentence about the file.
    struct Failure: Error, Equatable {
        var sentence: String
    }

    /// At most `byteCountMax` bytes from the start of the file at `path`.
    static func bytes(at path: String, byteCountMax: Int) -> Result<[UInt8], Failure> {
        // Not to wait for the other end of a named pipe; but one that has it is read to its end.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return .failure(failure(path, errno)) }
        defer { close(descriptor) }
        _ = fcntl(descriptor, F_SETFL, O_RDONLY)
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return .failure(failure(path, errno)) }
        guard status.st_mode & S_IFMT != S_IFDIR else { return .failure(failure(path, EISDIR)) }

        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count < byteCountMax {
            let wanted = min(part.count, byteCountMax - bytes.count)
            let count = part.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, wanted) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return .failure(failure(path, errno)) }
            guard count > 0 else { break }
            bytes += part[..<count]
        }
        return .success(bytes)
    }

    private static func failure(_ path: String, _ code: Int32) -> Failure {
        let sentence =
            switch code {
            case ENOENT: "\(path) does not exist"
            case ENOTDIR: "\(path) does not exist: a part of the path is no directory"
            case EISDIR: "\(path) is a directory; a file is needed"
            case EACCES: "\(path) can't be read by this user (permission denied)"
            default: "\(path) can't be read: \(String(cString: strerror(code)))"
            }
        return Failure(sentence: sentence)
    }
}
