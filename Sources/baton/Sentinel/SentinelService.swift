import CLinux
import Glibc
import SentinelCore
import SentinelDriver
import SentinelFile
import SentinelPort

/// The process around a Sentinel: directory, log, pid file, signals, service manager.
struct SentinelService {
    let files: SentinelFiles

    init(_ files: SentinelFiles) {
        self.files = files
    }

    private var server: ServerOptions { files.configuration.server }

    /// Until it is told to end.
    func run() async throws {
        if server.daemonizes, getenv(Daemon.marker) == nil {
            return try Daemon.spawn()
        }
        try enterDirectory()
        let log = try openLog()
        tell(log, .notice, "Baton \(Baton.version) is starting as a Sentinel")
        tell(
            log, .notice,
            "Redis version=\(PortSettings.compatibleVersion), bits=64, commit=00000000,"
                + " modified=0, pid=\(getpid()), just started")
        tell(log, .notice, "Configuration loaded")
        let room = OpenFileLimit.raise()
        if room < server.clientCountMax {
            tell(
                log, .warning,
                "maxclients is \(server.clientCountMax), and this process may have descriptors for"
                    + " \(room) clients: raise the limit of open files, or lower maxclients")
        }
        let signals = SignalWait([SIGTERM, SIGINT])
        do {
            try await serve(log, signals)
        } catch {
            tell(log, .warning, "\((error as? Refusal)?.sentence ?? "\(error)")")
            await log.shutDown()
            throw (error as? Refusal) ?? Refusal("\(error)")
        }
        await log.shutDown()
    }

    private func tell(_ log: EventLog, _ level: Announcement.Level, _ text: String) {
        log.write(LogLine(level, text))
    }

    private func enterDirectory() throws(Refusal) {
        guard let path = server.directory else { return }
        guard chdir(path) == 0 else {
            throw Refusal(
                "cannot work in the directory \(path): \(String(cString: strerror(errno)))")
        }
    }

    private func openLog() throws(Refusal) -> EventLog {
        do throws(EventLog.Failure) {
            let systemLog =
                server.logsToSystem
                ? EventLog.SystemLog(
                    name: server.systemLogName, facility: server.systemLogFacility)
                : nil
            let log = try EventLog(
                to: server.logFile.map { .file($0) } ?? .standardOutput, systemLog: systemLog)
            log.setLeastLevel(Announcement.Level(logLevel: server.logLevel))
            return log
        } catch {
            throw Refusal("\(error)")
        }
    }

    private func serve(_ log: EventLog, _ signals: SignalWait) async throws {
        let shownPort = server.port != 0 ? server.port : server.tlsPort
        tell(log, .notice, "Running mode=sentinel, port=\(shownPort).")
        let isSupervised =
            server.supervision == "systemd"
            || server.supervision == "auto" && getenv("NOTIFY_SOCKET") != nil
        let running = try await DropInSentinel.start(
            DropInSentinel.Options(
                configuration: files.configuration,
                file: ConfigurationFile(path: files.path, server: server),
                settings: PortSettings(
                    files.configuration, path: files.path,
                    executable: SentinelFiles.absolute("/proc/self/exe"),
                    supervision: isSupervised ? "systemd" : "no", startedAt: BootClock.now()),
                requestEnd: { kill(getpid(), SIGTERM) }),
            log: log)
        let pidFile = PIDFile(server.pidFile ?? (server.daemonizes ? "/var/run/redis.pid" : nil))
        if isSupervised { ServiceManager.tell("STATUS=Ready to accept connections\nREADY=1") }

        let signal = await signals.wait()
        if isSupervised { ServiceManager.tell("STOPPING=1") }
        let name = signal == SIGINT ? "SIGINT" : "SIGTERM"
        tell(log, .warning, "Received \(name) scheduling shutdown...")
        tell(log, .warning, "User requested shutdown...")
        try await running.stop()
        if server.pidFile != nil { tell(log, .notice, "Removing the pid file.") }
        pidFile.remove()
        tell(log, .warning, "Sentinel is now ready to exit, bye bye...")
    }
}

extension Announcement.Level {
    /// Sentinel's name of a level; `nil`: nothing is told.
    init?(logLevel: String) {
        switch logLevel {
        case "debug": self = .debug
        case "verbose": self = .verbose
        case "warning": self = .warning
        case "nothing": return nil
        case _: self = .notice
        }
    }
}
