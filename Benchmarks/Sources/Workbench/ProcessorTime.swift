internal import Glibc
public import Laboratory

/// How long a process has been on a processor.
public enum ProcessorTime {
    /// Of all its threads so far, in nanoseconds, the kernel's time for it included
    /// (`/proc/PID/task/TID/schedstat`). The ticks of `/proc/PID/stat` are samples on some kernels:
    /// they say too little or too much of a process that wakes by a timer for some microseconds.
    ///
    /// A thread that has ended is no longer counted. `nil` where the kernel doesn't tell.
    public static func nanoseconds(of program: Program) -> UInt64? {
        let tasks = "/proc/\(program.pid)/task"
        guard let directory = opendir(tasks) else { return nil }
        defer { closedir(directory) }
        var sum: UInt64?
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard let time = firstWord(of: "\(tasks)/\(name)/schedstat") else { continue }
            sum = (sum ?? 0) + (UInt64(time) ?? 0)
        }
        return sum
    }

    /// The first word of a file.
    private static func firstWord(of path: String) -> Substring? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = fread(&bytes, 1, bytes.count, file)
        let text = String(decoding: bytes.prefix(count), as: UTF8.self)
        return text.split(whereSeparator: \.isWhitespace).first
    }
}
