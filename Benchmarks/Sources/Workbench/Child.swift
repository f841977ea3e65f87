public import Glibc

/// What could not be run or read.
public struct BenchFailure: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}

/// Microseconds on a processor.
public struct ProcessorTimes {
    public var user = 0.0
    public var system = 0.0

    /// None, or as given.
    public init(user: Double = 0, system: Double = 0) {
        self.user = user
        self.system = system
    }
}

/// A program of the benchmark, ended by its process id.
public final class Child {
    public let pid: pid_t

    /// - Parameter output: where standard output goes; nowhere when `nil`.
    public init(_ words: [String], output: Int32? = nil) throws {
        var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        pointers.append(nil)
        defer { for pointer in pointers { free(pointer) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        if let output { posix_spawn_file_actions_adddup2(&actions, output, 1) }
        var pid = pid_t()
        let status = posix_spawnp(&pid, words[0], &actions, nil, pointers, environ)
        guard status == 0 else { throw BenchFailure("\(words[0]): errno \(status)") }
        self.pid = pid
    }

    /// Until it has ended.
    public func wait() {
        var status: Int32 = 0
        waitpid(pid, &status, 0)
    }

    /// At once, and waits until it is gone.
    public func end() {
        kill(pid, SIGKILL)
        wait()
    }

    /// Runs a program to its end; what it printed.
    public static func output(of words: [String]) throws -> String {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw BenchFailure("pipe: errno \(errno)") }
        let child = try Child(words, output: ends[1])
        close(ends[1])
        defer { close(ends[0]) }
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(ends[0], &chunk, chunk.count)
            guard count > 0 else { break }
            text += chunk[..<count]
        }
        child.wait()
        return String(decoding: text, as: UTF8.self)
    }

    /// Time on a processor, of the program itself and of the kernel for it, in microseconds
    /// (proc(5), fields 14 and 15 of `stat`).
    public var times: ProcessorTimes {
        let text = contents("stat")
        // The name in parentheses may hold anything.
        guard let end = text.lastIndex(of: ")") else { return ProcessorTimes() }
        let fields = text[end...].split(separator: " ")
        guard fields.count > 13 else { return ProcessorTimes() }
        let tick = 1_000_000 / Double(sysconf(Int32(_SC_CLK_TCK)))
        return ProcessorTimes(
            user: (Double(fields[12]) ?? 0) * tick, system: (Double(fields[13]) ?? 0) * tick)
    }

    /// Resident memory (proc(5), field 2 of `statm`).
    public var memoryKiB: Int {
        let pages = contents("statm").split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return (pages ?? 0) * sysconf(Int32(_SC_PAGESIZE)) / 1024
    }

    /// Files and sockets that it has open.
    public var descriptorCount: Int {
        guard let directory = opendir("/proc/\(pid)/fd") else { return 0 }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        return count
    }

    private func contents(_ name: String) -> String {
        guard let file = fopen("/proc/\(pid)/\(name)", "r") else { return "" }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
