import Glibc

/// What the laboratory needs of the file system: small texts, lists of names, removal of trees.
enum Files {
    /// The whole text, or `nil` where the file can't be read (in `/proc`, that is a process that
    /// has just ended). Bytes that are not UTF-8 are shown as replacement characters.
    static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return readAll(descriptor)
    }

    /// What comes from an open file until its end.
    static func readAll(_ descriptor: Int32) -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk[..<count]
        }
    }

    /// Writes `text` to a file that is made, or emptied first.
    static func write(_ text: String, to path: String) throws(LaboratoryError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw .systemCall("open", subject: path, errorNumber: errno)
        }
        defer { close(descriptor) }
        try write(text, to: descriptor, path: path)
    }

    /// Writes all of `text` to an open file; `path` is for the error only.
    static func write(_ text: String, to descriptor: Int32, path: String) throws(LaboratoryError) {
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw .systemCall("write", subject: path, errorNumber: errno)
            }
            written += count
        }
    }

    /// Makes a directory that only its owner may enter. One that exists is as good if it is ours:
    /// in a directory that others may write to, it could be somebody's trap.
    static func makeDirectory(_ path: String) throws(LaboratoryError) {
        if mkdir(path, 0o700) == 0 { return }
        let errorNumber = errno
        var status = stat()
        guard errorNumber == EEXIST, lstat(path, &status) == 0, status.st_uid == geteuid(),
            status.st_mode & S_IFMT == S_IFDIR
        else { throw .systemCall("mkdir", subject: path, errorNumber: errorNumber) }
    }

    /// The names in a directory, sorted; none where it can't be read.
    static func names(in path: String) -> [String] {
        guard let stream = opendir(path) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(
                    to: CChar.self, capacity: MemoryLayout.size(ofValue: $0.pointee)
                ) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Removes a file, or a directory with all that is in it; links are not followed.
    static func removeTree(_ path: String) {
        if unlink(path) == 0 || errno == ENOENT { return }
        for name in names(in: path) {
            removeTree("\(path)/\(name)")
        }
        rmdir(path)
    }

    /// The file that running `name` would execute: a path as given, else the first of PATH and
    /// the directories of the system's own tools, which PATH lacks for ordinary users.
    static func executable(_ name: String) -> String? {
        if name.contains("/") {
            return access(name, X_OK) == 0 ? name : nil
        }
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        let directories =
            path.split(separator: ":").map(String.init) + ["/usr/local/sbin", "/usr/sbin", "/sbin"]
        return directories.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }
}

/// The C library's words for an error number.
func systemErrorText(_ errorNumber: Int32) -> String {
    var text = [CChar](repeating: 0, count: 256)
    guard strerror_r(errorNumber, &text, text.count) == 0 else { return "error \(errorNumber)" }
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
