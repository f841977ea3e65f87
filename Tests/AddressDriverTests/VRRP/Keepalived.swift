import Addressing
import CLinux
import Glibc
import MonotonicTime
import NamespaceFixture
import VRRPCore

/// A real keepalived in a namespace, ended with the value.
final class Keepalived {
    private let process: pid_t
    private let folder: String
    private var isEnded = false

    static let needs = "needs root and keepalived"
    static let isThere = NamespacePair.isPermitted && program != nil
    /// Not all have the folders of system programs in their PATH.
    private static let program: String? = [
        "/usr/sbin/keepalived", "/usr/local/sbin/keepalived", "/sbin/keepalived",
    ].first { access($0, X_OK) == 0 }

    /// - Parameters:
    ///   - settings: as Baton has them.
    ///   - source: what it advertises from, where it speaks unicast.
    init(_ settings: VirtualRouterSettings, in host: Namespace, source: IPAddress? = nil) throws {
        var template = Array("/tmp/baton-keepalived-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw VRRPLab.Trouble(description: "mkdtemp: \(errno)")
        }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let text = Self.configuration(settings, source: source)
        guard let file = fopen("\(folder)/keepalived.conf", "w") else {
            throw VRRPLab.Trouble(description: "\(folder): \(errno)")
        }
        fputs(text, file)
        fclose(file)
        // Should this process die, so does keepalived.
        process = try Self.spawn(
            [
                "setpriv", "--pdeathsig", "TERM", "ip", "netns", "exec", host.name,
                Self.program ?? "keepalived", "--dont-fork", "--vrrp",
                "--use-file=\(folder)/keepalived.conf",
                "--pid=\(folder)/pid", "--vrrp_pid=\(folder)/vrrp", "--log-console",
            ], log: "\(folder)/log")
    }

    static func configuration(_ settings: VirtualRouterSettings, source: IPAddress?) -> String {
        var lines = [
            "vrrp_instance one {", "state BACKUP", "interface eth0",
            "version \(settings.version.rawValue)",
            "virtual_router_id \(settings.virtualRouterID)", "priority \(settings.priority)",
            "advert_int \(Double(settings.interval.milliseconds) / 1000)",
        ]
        if !settings.preempts { lines.append("nopreempt") }
        if let source, !settings.peers.isEmpty {
            lines.append("unicast_src_ip \(source)")
            lines.append("unicast_peer {")
            lines += settings.peers.map { "\($0)" } + ["}"]
        }
        lines.append("virtual_ipaddress {")
        lines += settings.addresses.map { "\($0)/\($0.bitCount) dev eth0" }
        return (lines + ["}", "}", ""]).joined(separator: "\n")
    }

    private static func spawn(_ words: [String], log: String) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        var arguments = words.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var process = pid_t()
        let result = posix_spawnp(&process, words[0], &actions, nil, arguments, environ)
        guard result == 0 else { throw VRRPLab.Trouble(description: "\(words[0]): \(result)") }
        return process
    }

    /// What it has said so far.
    var log: String { (try? Command.run(["cat", "\(folder)/log"])) ?? "" }

    /// Has it end as its service is ended: with priority 0, where it is active. It takes a second
    /// for it.
    func resign() {
        kill(process, SIGTERM)
    }

    /// Stops it where it is, or lets it go on: it says nothing, and its addresses stay.
    func freeze(_ isFrozen: Bool) throws {
        let text = try Command.run(["cat", "\(folder)/vrrp"])
        guard let child = pid_t(text.split(whereSeparator: \.isWhitespace).first ?? "") else {
            throw VRRPLab.Trouble(description: "no process in \(folder)/vrrp: \(text)")
        }
        // The parent first: it looks after the child.
        for process in isFrozen ? [process, child] : [child, process] {
            kill(process, isFrozen ? SIGSTOP : SIGCONT)
        }
    }

    /// Waits for its end.
    func end() {
        guard !isEnded else { return }
        isEnded = true
        // Who is stopped does not end.
        try? freeze(false)
        resign()
        var status: Int32 = 0
        // It must not outlive its test, whatever holds it up.
        for _ in 0..<500 where waitpid(process, &status, WNOHANG) == 0 { usleep(10_000) }
        if kill(process, 0) == 0 {
            kill(process, SIGKILL)
            _ = waitpid(process, &status, 0)
        }
        _ = try? Command.run(["rm", "-r", folder])
    }

    deinit {
        end()
    }
}
