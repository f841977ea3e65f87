import FoundationEssentials
import Laboratory
import MonotonicTime

/// A host on which a guide is followed: besides its networks it has files and processes of its
/// own, and stand-ins for the commands that only a whole machine could carry out.
///
/// The machine's own files are there to be read. The host's processes end with its first, which
/// ends with the laboratory; its mounts end with them.
final class GuideMachine {
    let host: Host
    private let files: String
    private let first: Program

    /// Longer than any block takes that works.
    private static let blockLimit = Interval.seconds(40)
    private static let path =
        "/run/stand-ins:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// Gives `host` its files in `directory`; `baton` is the program that will be installed.
    init(_ host: Host, directory: String, baton: String) throws {
        self.host = host
        files = "\(directory)/files"
        try FileManager.default.createDirectory(
            atPath: "\(files)/run", withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            atPath: StandIns.path("host"), toPath: "\(files)/run/stand-ins")
        first = try host.launch(
            "unshare",
            [
                "--mount", "--pid", "--fork", "--kill-child=KILL", "--mount-proc",
                StandIns.path("boot"), files, baton,
            ], name: "boot")
        guard first.waitForOutput("ready\n", atMost: .seconds(10)) else {
            throw GuideFailure("\(host.name) does not boot: \(first.output)")
        }
    }

    /// Root's home, as it is seen from outside.
    var home: String { "\(files)/home" }

    /// What the services have printed or logged, for messages.
    var journal: String {
        ["var/log/journal/baton.log", "var/log/redis/redis-server.log"].map { name in
            let text = (try? String(contentsOfFile: "\(files)/\(name)", encoding: .utf8)) ?? ""
            let lines = text.split(separator: "\n").suffix(Self.journalLinesMax)
            return "== \(host.name) \(name)\n\(lines.joined(separator: "\n"))\n"
        }.joined()
    }

    private static let journalLinesMax = 25

    /// Runs the commands as root in root's home, up to the first that fails.
    func run(_ commands: String) throws -> (ending: Program.ExitStatus, output: String) {
        try commands.write(toFile: "\(files)/run/block", atomically: true, encoding: .utf8)
        let namespaces = "/proc/\(first.pid)/ns"
        return try host.execute(
            "nsenter",
            [
                "--mount=\(namespaces)/mnt", "--pid=\(namespaces)/pid_for_children", "--",
                "env", "--ignore-environment", "--chdir=/root", "HOME=/root", "USER=root",
                "LANG=C.UTF-8", "PATH=\(Self.path)", "bash", "-e", "/run/block",
            ], atMost: Self.blockLimit)
    }
}

/// Where the programs lie that stand in for others.
enum StandIns {
    static func path(_ name: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "StandIns/\(name)")
            .path(percentEncoded: false)
    }
}

/// Why a guide could not be followed.
struct GuideFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
