public import Addressing
import Glibc
public import MonotonicTime
public import RESP

/// A Sentinel inside a host: redis-sentinel, or Baton in its place.
///
/// Its file and log outlive its process, so that ``start(as:launcher:)`` after its end is a
/// restart, also one by which the one program takes the other's place.
public final class Sentinel: Sendable {
    /// Which program it is.
    public enum Kind: String, Sendable {
        /// Debian's, from redis-server.
        case redis = "redis-sentinel"
        /// `baton sentinel`.
        case baton
    }

    /// Where it runs.
    public let host: Host
    /// Its own directory.
    public let directory: String
    /// Its sentinel.conf, which it rewrites.
    public let configurationPath: String
    private let settings: SentinelSettings
    private let state: Shared<(kind: Kind, program: Program?)>

    private static let logName = "sentinel.log"

    init(
        on host: Host, _ kind: Kind, _ settings: SentinelSettings, primary: Endpoint
    ) throws(LaboratoryError) {
        self.host = host
        self.settings = settings
        state = Shared((kind, nil))
        directory = "\(host.directory)/sentinel"
        configurationPath = "\(directory)/sentinel.conf"
        try Files.makeDirectory(directory)
        try Files.write(settings.configuration(primary: primary), to: configurationPath)
    }

    /// Which program it is, or was last.
    public var kind: Kind { state.with { $0.kind } }

    /// The process that was started last.
    public var program: Program? { state.with { $0.program } }

    /// Whether its process has not ended; a stopped one runs.
    public var isRunning: Bool { program?.isRunning ?? false }

    /// Starts the process, which must not run, without waiting for anything.
    ///
    /// `kind`: from now on another program than before. `launcher`: a program and its arguments
    /// that become the Sentinel, such as unshare(1).
    public func start(as kind: Kind? = nil, launcher: [String] = []) throws(LaboratoryError) {
        let kind = kind ?? self.kind
        // The log stands outside of the directory, which a launcher may hide behind a mount.
        let directives = ["--daemonize", "no", "--logfile", logPath]
        var words = launcher
        switch kind {
        case .redis:
            words += ["redis-server", configurationPath, "--sentinel"] + directives
        case .baton:
            guard let executable = BatonExecutable.find() else {
                throw .unavailable([.programMissing("baton")])
            }
            words += [executable, "sentinel", configurationPath] + directives
        }
        let program = try host.launch(words[0], Array(words.dropFirst()), name: kind.rawValue)
        state.with { $0 = (kind, program) }
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

    private var logPath: String { "\(host.directory)/\(Self.logName)" }

    /// What it has logged since it was first started.
    public var log: String { Files.read(logPath) ?? "" }

    /// What its process has written outside the log: refusals to start.
    public var output: String { program?.output ?? "" }

    /// When it logged the last line that holds `text`, in milliseconds of that day.
    public func moment(of text: String) -> Int? {
        let lines = log.split(separator: "\n")
        guard let line = lines.last(where: { $0.contains(text) }) else { return nil }
        // 4711:X 15 May 2019 21:16:28.260 # +sdown master …
        let words = line.split(separator: " ")
        guard words.count > 4 else { return nil }
        let parts = words[4].split(whereSeparator: { ":.".contains($0) }).compactMap { Int($0) }
        guard parts.count == 4 else { return nil }
        return ((parts[0] * 60 + parts[1]) * 60 + parts[2]) * 1_000 + parts[3]
    }

    /// Waits until the log holds `text` `count` times; `false` when it does not within `limit`.
    public func waitForEvent(
        _ text: String, count: Int = 1, atMost limit: Interval
    ) -> Bool {
        let deadline = Laboratory.now + limit
        while true {
            if log.split(separator: "\n").count(where: { $0.contains(text) }) >= count {
                return true
            }
            guard Laboratory.now < deadline else { return false }
            usleep(5_000)
        }
    }

    /// Where it answers without TLS.
    public var endpoint: Endpoint {
        Endpoint(
            address: .v4(host.address(on: .internal)),
            port: settings.plainPort ?? SentinelSettings.port)
    }

    /// A client of its port, from its own host or from another.
    public func connect(from other: Host? = nil) throws(ConnectionFailure) -> RedisClient {
        try RedisClient(
            from: other ?? host, to: endpoint, password: settings.password, timeout: .seconds(1))
    }

    /// Its answer; `nil` when none comes within a second.
    public func ask(_ words: String...) -> RESPValue? {
        try? connect().command(words)
    }

    /// Has it ask servers and say hello four times as often, until it ends; so it also makes a
    /// replica of a returned primary after 2 s instead of 8. For tests that measure no time.
    @discardableResult
    public func hasten() -> Bool {
        ask("SENTINEL", "DEBUG", "info-period", "500", "publish-period", "500")?.text == "OK"
    }

    /// A field of what it says about its group.
    public func field(_ key: String) -> String? {
        ask("SENTINEL", "MASTER", settings.group)?.field(key)
    }

    /// Where it says that the primary is, when asked from `other` as a Sentinel-aware library does
    /// before it connects.
    public func primary(askedFrom other: Host? = nil) -> Endpoint? {
        let reply = try? connect(from: other).command(
            "SENTINEL", "GET-MASTER-ADDR-BY-NAME", settings.group)
        guard let words = reply?.elements?.compactMap({ $0.text }), words.count == 2,
            let address = IPAddress(words[0]), let port = UInt16(words[1])
        else { return nil }
        return Endpoint(address: address, port: port)
    }
}

extension RESPValue {
    /// The value of a key in Sentinel's flat list of keys and values.
    func field(_ key: String) -> String? {
        pairs?.first { $0.key.text == key }?.value.text
    }
}
