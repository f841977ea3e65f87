internal import Glibc
public import Laboratory

/// How much memory a process has.
public enum MemoryUse {
    /// Resident, its program's own pages included (proc(5), `VmRSS` of `status`); 0 once it has
    /// ended.
    public static func residentKiB(of program: Program) -> Int {
        guard let file = fopen("/proc/\(program.pid)/status", "r") else { return 0 }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 8192)
        let count = fread(&bytes, 1, bytes.count, file)
        for line in String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: "\n")
        where line.hasPrefix("VmRSS:") {
            return line.split(whereSeparator: \.isWhitespace).dropFirst().first
                .flatMap { Int($0) } ?? 0
        }
        return 0
    }
}
