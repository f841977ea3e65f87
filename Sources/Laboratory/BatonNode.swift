import Addressing
import Glibc
public import MonotonicTime

/// A `baton run` inside a host.
///
/// Its directory, state and log outlive its process, so that ``start()`` after ``kill()`` is what
/// a supervisor's restart is.
public final class BatonNode: Sendable {
    /// Where it runs.
    public let host: Host
    /// Its working directory: state file, log, pid file.
    public let directory: String
    /// The file that it reads; every node has the same text.
    public let configurationPath: String
    private let executable: String
    private let running = Shared<Program?>(nil)
    private let launcher: [String]

    static let logName = "baton.log"

    /// `launcher`: a program and its arguments that become `baton`, such as setpriv(1).
    init(
        on host: Host, executable: String, configuration: String, launcher: [String] = []
    ) throws(LaboratoryError) {
        self.host = host
        self.executable = executable
        self.launcher = launcher
        directory = "\(host.directory)/baton"
        configurationPath = "\(directory)/baton.conf"
        try Files.makeDirectory(directory)
        try Files.write(configuration, to: configurationPath)
    }

    /// Starts the process, which must not run, without waiting for anything.
    public func start() throws(LaboratoryError) {
        let words =
            launcher + [executable, "run", configurationPath, "--directory", directory]
        let program = try host.launch(words[0], Array(words.dropFirst()), name: "baton")
        running.with { $0 = program }
    }

    /// The process that was started last.
    public var program: Program? {
        running.with { $0 }
    }

    /// Whether its process has not ended; a stopped one runs.
    public var isRunning: Bool {
        program?.isRunning ?? false
    }

    /// SIGKILL; returns when the process is gone.
    public func kill() {
        program?.kill()
    }

    /// SIGTERM, and waits for the end; `nil` when it still runs after `limit`.
    public func terminate(atMost limit: Interval = .seconds(5)) -> Program.ExitStatus? {
        program?.send(signal: SIGTERM)
        return program?.wait(atMost: limit)
    }

    /// SIGSTOP: it hangs, and its connections stay open.
    public func pause() {
        program?.pause()
    }

    /// SIGCONT.
    public func resume() {
        program?.resume()
    }

    /// What it has logged since it was first started.
    public var log: String {
        Files.read("\(directory)/\(Self.logName)") ?? ""
    }

    /// What its process has written outside the log: refusals to start.
    public var output: String {
        program?.output ?? ""
    }

    /// The text of a file in its directory, `baton.state` for example; `nil` without such a file.
    public func contents(of name: String) -> String? {
        Files.read("\(directory)/\(name)")
    }

    /// Puts a text in the place of a file in its directory.
    public func replaceContents(of name: String, with text: String) throws(LaboratoryError) {
        try Files.write(text, to: "\(directory)/\(name)")
    }

    /// The lines of the log that hold `text`, without process and time: `+sdown master …`.
    public func events(_ text: String = "") -> [String] {
        log.split(separator: "\n").compactMap { line in
            // 4711:X 15 May 2019 21:16:28.260 # +sdown master …
            let parts = line.split(separator: " ", maxSplits: 6)
            guard parts.count == 7 else { return nil }
            let event = parts.dropFirst(6).joined(separator: " ")
            return text.isEmpty || event.contains(text) ? event : nil
        }
    }

    /// Waits for a line of the log that holds `text`; `false` when none comes within `limit`.
    public func waitForEvent(_ text: String, atMost limit: Interval) -> Bool {
        let deadline = Laboratory.now + limit
        while true {
            if log.contains(text) { return true }
            guard Laboratory.now < deadline else { return false }
            usleep(2_000)
        }
    }

    /// A client of its port, from its own host or from another.
    public func connect(from other: Host? = nil) throws(ConnectionFailure) -> RedisClient {
        let address: IPAddress =
            other == nil ? .v4(IPv4Address(127, 0, 0, 1)) : .v4(host.address(on: .internal))
        return try RedisClient(
            from: other ?? host, to: Endpoint(address: address, port: BatonSettings.port))
    }
}
