internal import Glibc

/// Checks that a process of this host is the one that listens on a port here.
///
/// A server says its process number in its own process namespace and its port in its own network
/// namespace; only when both are ours does the end of that process mean anything.
enum ListeningProcess {
    /// `nil` when it is the one, else why that is not known: a clause for people.
    static func doubt(processID: Int32, port: UInt16) -> String? {
        guard let ownNetwork = link("/proc/self/ns/net") else {
            return "/proc is not there"
        }
        guard let network = link("/proc/\(processID)/ns/net") else {
            return errno == EACCES || errno == EPERM
                ? "process \(processID) may not be looked at (CAP_SYS_PTRACE is missing)"
                : "there is no process \(processID) on this host (a container's own numbers?)"
        }
        guard network == ownNetwork else {
            return "process \(processID) is in another network namespace"
        }
        let sockets = Set(
            ["tcp", "tcp6"].flatMap { listeners("/proc/self/net/\($0)", port: port) })
        guard let directory = opendir("/proc/\(processID)/fd") else {
            return "the files of process \(processID) may not be looked at (CAP_SYS_PTRACE is"
                + " missing)"
        }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let target = link("/proc/\(processID)/fd/\(name)"), sockets.contains(target) {
                return nil
            }
        }
        return "process \(processID) does not listen on port \(port)"
    }

    /// `socket:[INODE]` of each socket that listens on `port` in this network namespace.
    private static func listeners(_ path: String, port: UInt16) -> [String] {
        guard let file = fopen(path, "re") else { return [] }
        defer { fclose(file) }
        var found: [String] = []
        var buffer = [CChar](repeating: 0, count: 512)
        while fgets(&buffer, Int32(buffer.count), file) != nil {
            let line = String(
                decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            // sl local_address rem_address st tx:rx tr:tm retrnsmt uid timeout inode …
            let fields = line.split(separator: " ")
            guard fields.count > 9, fields[3] == "0A",
                let digits = fields[1].split(separator: ":").last,
                UInt16(digits, radix: 16) == port
            else { continue }
            found.append("socket:[\(fields[9])]")
        }
        return found
    }

    private static func link(_ path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = buffer.withUnsafeMutableBytes {
            readlink(path, $0.assumingMemoryBound(to: CChar.self).baseAddress!, $0.count)
        }
        guard count > 0 else { return nil }
        return String(decoding: buffer[..<count], as: UTF8.self)
    }
}
