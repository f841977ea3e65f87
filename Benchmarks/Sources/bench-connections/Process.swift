import Glibc

/// What could not be run, or was answered wrongly.
struct BenchFailure: Error, CustomStringConvertible {
    let description: String
}

/// A program of the benchmark, ended by its process id.
final class Process {
    let pid: pid_t

    init(_ words: [String]) throws {
        var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        pointers.append(nil)
        defer { for pointer in pointers { free(pointer) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        var pid = pid_t()
        let status = posix_spawnp(&pid, words[0], &actions, nil, pointers, environ)
        guard status == 0 else { throw BenchFailure(description: "\(words[0]): errno \(status)") }
        self.pid = pid
    }

    func end() {
        kill(pid, SIGKILL)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
    }

    /// Resident memory (proc(5), field 2 of `statm`).
    var memoryKiB: Int {
        let pages = Self.fields("/proc/\(pid)/statm").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * sysconf(Int32(_SC_PAGESIZE)) / 1024
    }

    /// Of its own and of the kernel for it (proc(5), fields 14 and 15 of `stat`).
    var processorMilliseconds: Int {
        let fields = Self.fields("/proc/\(pid)/stat")
        guard fields.count > 15, let user = Int(fields[13]), let system = Int(fields[14]) else {
            return 0
        }
        return (user + system) * 1000 / sysconf(Int32(_SC_CLK_TCK))
    }

    var descriptorCount: Int {
        guard let directory = opendir("/proc/\(pid)/fd") else { return 0 }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        return count
    }

    private static func fields(_ path: String) -> [String] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: " ").map {
            String($0)
        }
    }
}
