internal import Glibc

/// A program run to its end, for what tests check with the host's own tools.
public enum Command {
    /// A step of a test's preparation that did not work.
    public struct Failure: Error, CustomStringConvertible {
        /// What was tried, and what came of it.
        public var description: String
    }

    /// Runs a program found in PATH; returns what it printed to both its outputs.
    @discardableResult
    public static func run(_ words: [String]) throws -> String {
        let (status, output) = try runUnchecked(words)
        guard status == 0 else {
            throw Failure(description: "\(words.joined(separator: " ")): \(status): \(output)")
        }
        return output
    }

    private static func runUnchecked(_ words: [String]) throws -> (Int32, String) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Failure(description: "pipe: \(errno)") }
        defer { _ = close(ends[0]) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
        var arguments = words.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var process = pid_t()
        let result = posix_spawnp(&process, words[0], &actions, nil, arguments, environ)
        _ = close(ends[1])
        guard result == 0 else { throw Failure(description: "\(words[0]): \(result)") }
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(ends[0], &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            output += buffer.prefix(count)
        }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        return (status, String(decoding: output, as: UTF8.self))
    }
}
