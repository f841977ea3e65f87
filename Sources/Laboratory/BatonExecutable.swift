import Glibc

/// Where the `baton` program is that the laboratory runs.
public enum BatonExecutable {
    /// Its absolute path, or `nil` when it has not been built.
    ///
    /// In this order: the environment's `BATON_EXECUTABLE`; this very program if it is `baton`;
    /// the one built together with this program (a test bundle lies beside it); a release build
    /// in one of the directories above (benchmarks are a package inside the repository).
    public static func find() -> String? {
        if let named = getenv("BATON_EXECUTABLE") {
            return Files.executable(absolute(String(cString: named)))
        }
        let directory = directoryOfThisProgram
        return Files.executable("\(directory)/baton")
            ?? firstAbove(directory, holding: ".build/release/baton")
    }

    /// A file of the repository that this program was built in, looked for in the directories
    /// above the program's own.
    static func firstAbove(_ directory: String, holding path: String) -> String? {
        var parts = directory.split(separator: "/")
        while true {
            let candidate = "/" + (parts + [path[...]]).joined(separator: "/")
            if Files.executable(candidate) != nil { return candidate }
            if parts.popLast() == nil { return nil }
        }
    }

    static var directoryOfThisProgram: String {
        var path = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = path.withUnsafeMutableBytes {
            readlink("/proc/self/exe", $0.baseAddress!, $0.count)
        }
        let text = String(decoding: path.prefix(max(count, 0)), as: UTF8.self)
        return text.split(separator: "/").dropLast().map { "/\($0)" }.joined()
    }

    /// Programs are started with another working directory than this one's.
    private static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let directory = getcwd(nil, 0) else { return path }
        defer { free(directory) }
        return "\(String(cString: directory))/\(path)"
    }
}
