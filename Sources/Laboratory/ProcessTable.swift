import Glibc

/// What `/proc` knows of processes, for ending those that belong to a run and no others.
enum ProcessTable {
    /// A process that can't be mistaken for a later one of the same number.
    struct Identity: Hashable, Sendable {
        let pid: Int32
        /// Clock ticks since boot at which it started: field 22 of proc(5) `stat`.
        let startTicks: UInt64
    }

    /// `nil` when no such process exists.
    static func identity(of pid: Int32) -> Identity? {
        guard let stat = Files.read("/proc/\(pid)/stat"), let ticks = startTicks(inStat: stat)
        else { return nil }
        return Identity(pid: pid, startTicks: ticks)
    }

    /// Field 22; counted from the last parenthesis, since a program's name may hold spaces.
    static func startTicks(inStat stat: String) -> UInt64? {
        guard let nameEnd = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: nameEnd)...].split(separator: " ")
        // The field after the name is number 3.
        return fields.count > 19 ? UInt64(fields[19]) : nil
    }

    /// Sends SIGKILL to those that are still the ones recorded, and waits for their end, so that
    /// nothing writes any more to files that are about to be removed.
    static func end(_ processes: [Identity]) {
        let living = processes.filter { identity(of: $0.pid) == $0 }
        living.forEach { Glibc.kill($0.pid, SIGKILL) }
        for _ in 0..<endingPollsMax {
            guard living.contains(where: isActive) else { return }
            usleep(1_000)
        }
    }

    /// Milliseconds to wait for killed processes: one in the middle of a disk write takes longer
    /// than the kernel's few, and one that can't be killed must not hold up the rest.
    private static let endingPollsMax = 1_000

    /// Whether it exists and is more than an entry that its parent has yet to collect.
    private static func isActive(_ process: Identity) -> Bool {
        guard identity(of: process.pid) == process,
            let stat = Files.read("/proc/\(process.pid)/stat"),
            let nameEnd = stat.lastIndex(of: ")")
        else { return false }
        return !stat[nameEnd...].hasPrefix(") Z")
    }

    /// Every process inside one of the namespaces (full names), except this one. It finds also
    /// what the laboratory's own children have started and left behind.
    static func inside(_ namespaces: [String]) -> [Identity] {
        let inodes = Set(namespaces.compactMap { inode("\(Namespaces.directory)/\($0)") })
        guard !inodes.isEmpty else { return [] }
        return Files.names(in: "/proc").compactMap(Int32.init).compactMap { pid in
            guard pid != getpid(), let inode = inode("/proc/\(pid)/ns/net"),
                inodes.contains(inode)
            else { return nil }
            return identity(of: pid)
        }
    }

    private static func inode(_ path: String) -> UInt? {
        var status = stat()
        return stat(path, &status) == 0 ? UInt(status.st_ino) : nil
    }
}
