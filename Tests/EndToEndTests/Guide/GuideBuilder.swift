import FoundationEssentials
import Laboratory
import MonotonicTime

/// The machine on which a guide's programs are built: this one, in a directory that stands for the
/// clone, with stand-ins for what takes minutes and for the way to the hosts.
struct GuideBuilder {
    private let host: Host
    private let directory: String
    private let environment: [String]

    /// `homes`: root's home on each host, by the host's address.
    init(on host: Host, directory: String, baton: String, homes: [String: String]) throws {
        self.host = host
        self.directory = directory
        let links = "\(directory)/homes"
        try FileManager.default.createDirectory(
            atPath: links, withIntermediateDirectories: true)
        for (address, home) in homes {
            try FileManager.default.createSymbolicLink(
                atPath: "\(links)/\(address)", withDestinationPath: home)
        }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        environment = [
            "PATH=\(StandIns.path("builder")):\(path)", "HOME=\(directory)", "HOMES=\(links)",
            "REPOSITORY=\(Self.repository)", "PROGRAM=\(baton)", "LANG=C.UTF-8",
        ]
    }

    /// The root of the package that this test belongs to.
    static let repository = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../..").standardizedFileURL.path(percentEncoded: false)

    /// Runs the commands in the directory, up to the first that fails.
    func run(_ commands: String) throws -> (ending: Program.ExitStatus, output: String) {
        let block = "\(directory)/block"
        try commands.write(toFile: block, atomically: true, encoding: .utf8)
        return try host.execute(
            "env",
            ["--ignore-environment", "--chdir=\(directory)"] + environment + ["bash", "-e", block],
            atMost: .seconds(40))
    }
}
