internal import Addressing
internal import DropInCore
internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import SentinelCore
public import SentinelFile
public import SentinelPort

/// A drop-in Sentinel that runs: its core and links, its port, and the file that it remembers in.
public final class DropInSentinel: Sendable {
    /// What it is started with.
    public struct Options: Sendable {
        public var configuration: SentinelConfiguration
        public var file: ConfigurationFile
        public var settings: PortSettings
        /// Asks the process to end, as `SHUTDOWN` does. Called on the loop.
        public var requestEnd: @Sendable () -> Void

        public init(
            configuration: SentinelConfiguration, file: ConfigurationFile,
            settings: PortSettings, requestEnd: @escaping @Sendable () -> Void
        ) {
            self.configuration = configuration
            self.file = file
            self.settings = settings
            self.requestEnd = requestEnd
        }
    }

    private let loop: DropInLoop
    private let port: PortLoop

    private init(_ loop: DropInLoop, _ port: PortLoop) {
        self.loop = loop
        self.port = port
    }

    /// Starts it: what is remembered is saved, then the port is open.
    public static func start(_ options: Options, log: EventLog) async throws -> DropInSentinel {
        options.file.setUsers(nil)
        var beginning = DropInLoop.Options(
            ledger: options.configuration.ledger, globals: options.configuration.globals,
            storage: FileStorage(file: options.file))
        beginning.crash = { _exit(99) }
        let security = try PortSecurity(options.configuration.server)
        beginning.security = security.links
        beginning.source = try PortListener.source(options.configuration.server)
        let parts = PortParts()
        let loop = try await DropInLoop.start(beginning, log: log) { engine in
            try parts.make(options, engine, log)
        }
        do {
            let port = try await PortLoop.open(
                parts, options.configuration.server, group: loop.group,
                secure: security.accept)
            return DropInSentinel(loop, port)
        } catch {
            try? await loop.stop()
            throw error
        }
    }

    /// Closes the port and the links, and finishes what is being saved.
    public func stop() async throws {
        try await port.stop()
        try await loop.stop()
    }
}

/// Saves into the configuration file.
private struct FileStorage: DropInStorage {
    let file: ConfigurationFile

    func save(_ ledger: Ledger, _ globals: GlobalSettings) throws(DropInSaveFailure) {
        do throws(DurableFile.Failure) {
            try file.save(ledger, globals)
        } catch {
            throw DropInSaveFailure(error.reason)
        }
    }
}

/// The engine as the port sees it.
final class PortBridge: PortService {
    private unowned let engine: DropInEngine
    private let options: DropInSentinel.Options
    private let eventLog: EventLog

    init(_ engine: DropInEngine, _ options: DropInSentinel.Options, _ log: EventLog) {
        self.engine = engine
        self.options = options
        eventLog = log
    }

    func order(_ order: Order, answer: @escaping (OrderOutcome) -> Void) {
        engine.order(order, answer: answer)
    }

    func ask(_ question: DownQuestion, answer: @escaping (DownAnswer) -> Void) {
        engine.ask(question, answer: answer)
    }

    func resolve(_ name: String, answer: @escaping (IPAddress?) -> Void) {
        engine.resolve(name, answer: answer)
    }

    func receiveHello(_ text: String) { engine.receiveHello(text) }

    func portrait() -> NodePortrait { engine.portrait() }

    func portrait(of group: String) -> GroupPortrait? { engine.portrait(of: group) }

    func pendingScripts() -> [PendingScript] { engine.pendingScripts() }

    func setLogLevel(_ level: LogLevel) {
        options.file.setLogLevel(level.rawValue)
        eventLog.setLeastLevel(level.least)
    }

    func log(_ level: LogLevel, _ text: String) {
        if let level = level.least { eventLog.write(LogLine(level, text)) }
    }

    func shutDown() { options.requestEnd() }
}

extension LogLevel {
    /// The least level that is told; `nil`: nothing is.
    fileprivate var least: Announcement.Level? {
        switch self {
        case .debug: .debug
        case .verbose: .verbose
        case .notice: .notice
        case .warning: .warning
        case .nothing: nil
        }
    }
}
