import DirectiveFile
import Glibc
import SentinelDriver
import SentinelFile

/// The configuration file of a Sentinel, found on this host.
struct SentinelFiles {
    /// Absolute: `dir` changes where the process works.
    var path: String
    var configuration: SentinelConfiguration

    /// A file that is missing, wrong or not to be written is refused: a Sentinel that cannot
    /// remember must not vote.
    static func read(
        _ file: String, directives: [[String]]
    ) throws(Refusal) -> SentinelFiles {
        let bytes: [UInt8]
        switch FileReading.bytes(at: file, byteCountMax: Limits().fileByteCountMax + 1) {
        case .success(let read): bytes = read
        case .failure(let failure): throw Refusal(failure.sentence)
        }
        let (configuration, problems) = examine(bytes, path: file, directives: directives)
        guard problems.isEmpty else {
            let lines = problems.map { "\($0.path):\($0.line):\($0.column): \($0.message)" }
            throw Refusal((["the configuration is wrong"] + lines).joined(separator: "\n"))
        }
        let path = absolute(file)
        if let obstacle = ConfigurationFile(path: path, server: configuration.server).obstacle {
            throw Refusal(
                "\(path) is not writable: \(obstacle). A Sentinel keeps its votes there; give it"
                    + " the right to write the file, and its directory")
        }
        return SentinelFiles(path: path, configuration: configuration)
    }

    /// What the bytes of a file say on this host, and what is wrong with them.
    static func examine(
        _ bytes: [UInt8], path: String, directives: [[String]] = []
    ) -> (configuration: SentinelConfiguration, problems: [FileProblem]) {
        SentinelFileReader.read(
            bytes, path: path, commandLine: directives,
            SentinelFileReader.Surroundings(
                include: include, isExecutable: { access($0, X_OK) == 0 }))
    }

    static func absolute(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Files that `include` names; a pattern may match none.
    private static func include(
        _ pattern: String
    ) -> Result<[(path: String, bytes: [UInt8])], SentinelFileReader.Unreadable> {
        var paths = [pattern]
        if pattern.contains(where: { "*?[".contains($0) }) {
            var found = glob_t()
            defer { globfree(&found) }
            guard glob(pattern, 0, nil, &found) == 0 else { return .success([]) }
            paths = (0..<Int(found.gl_pathc)).compactMap { index in
                found.gl_pathv[index].map { String(cString: $0) }
            }
        }
        var files: [(path: String, bytes: [UInt8])] = []
        for path in paths {
            switch FileReading.bytes(at: path, byteCountMax: Limits().fileByteCountMax + 1) {
            case .success(let bytes): files.append((path, bytes))
            case .failure(let failure):
                return .failure(
                    SentinelFileReader.Unreadable("can't be included: \(failure.sentence)"))
            }
        }
        return .success(files)
    }
}
