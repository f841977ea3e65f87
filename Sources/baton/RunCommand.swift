import AddressDriver
import Addressing
import ArgumentParser
import Configuration
import DirectiveFile
import Glibc
import LeaseCore
import MonotonicTime
import NodeCore
import SentinelCore
import SentinelDriver
import Synchronization

/// `baton run FILE`: one node, until it is told to end.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run this host's part: a node that watches and votes, or a balancer.",
        usage: "baton run [--directory DIRECTORY] FILE",
        discussion: """
            The same FILE serves on every host: a host finds itself by its own addresses. A \
            node watches, votes, promotes and holds the write address; a balancer serves clients. \
            Ends on SIGTERM or SIGINT. The write address stays for the rest of its lease, about \
            a second: a restart interrupts nobody, and if none comes another host takes over. A \
            balancer hands the read address over, which resets its clients' connections once; \
            on SIGHUP it reads FILE anew, and disconnects nobody.

            EXAMPLES:
              baton run /etc/baton/baton.conf
              baton run --directory /var/lib/baton /etc/baton/baton.conf

            EXIT STATUS:
              0   it was told to end
              1   it could not start; the reason is on standard error
              2   the file has errors
            """)

    @Option(
        name: .long,
        help: "Work in this directory, where the state file lies, instead of the file's `dir`.")
    var directory: String?

    @Argument(help: "The configuration file.")
    var file: String

    func run() async throws {
        do {
            try await serveUntilToldToEnd()
        } catch let refusal as Refusal {
            throw refusal.end("run")
        }
    }

    private func serveUntilToldToEnd() async throws {
        let checked = try CheckedFile.read(file)
        let configuration = checked.configuration
        // The directory will be another.
        let path = Self.absolute(file)
        let isDaemonChild = getenv(Daemon.marker) != nil
        if configuration.needsCapabilities {
            if case .failure(let failure) = Capability.check() { throw Refusal("\(failure)") }
        }
        if configuration.daemonizes, !isDaemonChild {
            return try Daemon.spawn()
        }
        try enterDirectory(configuration)
        let log = try openLog(configuration)
        switch configuration.local.role {
        case .node: try await serve(configuration, addresses: checked.localAddresses, log: log)
        case .balancer:
            try await balance(
                configuration, from: path, addresses: checked.localAddresses, log: log)
        }
        await log.shutDown()
    }

    private func enterDirectory(_ configuration: Configuration) throws {
        guard let path = directory ?? configuration.directory else { return }
        guard chdir(path) == 0 else {
            throw Refusal(
                "cannot work in the directory \(path): \(String(cString: strerror(errno)))")
        }
    }

    private func openLog(_ configuration: Configuration) throws -> EventLog {
        EventLog.reopenOnSIGUSR1()
        do {
            return try EventLog(
                to: configuration.logFile.map { .file($0) } ?? .standardOutput,
                format: configuration.logFormat == .json ? .json : .sentinel,
                leastLevel: configuration.logLevel)
        } catch {
            throw Refusal("\(error)")
        }
    }

    private func serve(
        _ configuration: Configuration, addresses: [IPAddress], log: EventLog
    ) async throws {
        let node = Mutex<NodeLoop?>(nil)
        let address: AddressDriver?
        do {
            let assignments = assignments(configuration)
            // Without a write address the node needs no right to touch interfaces.
            address =
                try assignments.isEmpty
                ? nil
                : AddressDriver(
                    assignments, trusted: configuration.hosts.map(\.address),
                    enforcement: configuration.lease.enforcement
                ) { event in
                    node.withLock { $0 }?.deliver(event)
                }
        } catch {
            throw Refusal("\(error)")
        }
        if address != nil { confess(configuration.lease, log) }
        let signals = SignalWait([SIGTERM, SIGINT, SIGHUP])
        let loop: NodeLoop
        do {
            loop = try await NodeLoop.start(
                try options(configuration, addresses: addresses),
                carrier: AddressSteps(driver: address), log: log)
        } catch {
            address?.stop()
            throw Refusal("\(error)")
        }
        node.withLock { $0 = loop }
        let pidFile = PIDFile(configuration.pidFile)
        ServiceManager.tell("READY=1\nSTATUS=Watching \(configuration.groups.count) group(s)")

        var signal = await signals.wait()
        while signal == SIGHUP {
            log.write(
                LogLine(
                    .notice,
                    "A node reads its file when it starts: restart it, which interrupts nobody."))
            signal = await signals.wait()
        }
        ServiceManager.tell("STOPPING=1")
        log.write(LogLine(.warning, "User requested shutdown (signal \(signal))..."))
        try await loop.stop()
        address?.stop()
        pidFile.remove()
        log.write(LogLine(.warning, "Baton is now ready to exit, bye bye..."))
    }

    private static func absolute(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private func balance(
        _ configuration: Configuration, from path: String, addresses: [IPAddress], log: EventLog
    ) async throws {
        let signals = SignalWait([SIGTERM, SIGINT, SIGHUP])
        let service: BalancerService
        do {
            service = try await BalancerService.start(
                configuration, ownAddresses: addresses, log: log)
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            throw Refusal("\(error)")
        }
        let pidFile = PIDFile(configuration.pidFile)
        ServiceManager.tell("READY=1\nSTATUS=Serving \(configuration.groups.count) group(s)")

        var signal = await signals.wait()
        while signal == SIGHUP {
            await readAnew(path, service, log)
            signal = await signals.wait()
        }
        ServiceManager.tell("STOPPING=1")
        log.write(LogLine(.warning, "User requested shutdown (signal \(signal))..."))
        try await service.stop()
        pidFile.remove()
        log.write(LogLine(.warning, "Baton is now ready to exit, bye bye..."))
    }

    /// SIGHUP: a file that has errors, or can't be followed, changes nothing, and is said.
    private func readAnew(
        _ path: String, _ service: BalancerService, _ log: EventLog
    ) async {
        ServiceManager.tell("RELOADING=1")
        defer { ServiceManager.tell("READY=1") }
        do {
            let checked = try CheckedFile.read(path)
            try await service.apply(
                checked.configuration, ownAddresses: checked.localAddresses, log: log)
        } catch let refusal as Refusal {
            log.write(LogLine(.warning, "The file was not taken up: \(refusal.sentence)"))
        } catch {
            log.write(LogLine(.warning, "The file was not taken up: \(error)"))
        }
    }

    /// Says once what this host can't do.
    private func confess(_ terms: LeaseTerms, _ log: EventLog) {
        switch terms.enforcement {
        case .packetFilter: break
        case .addressLifetime:
            log.write(
                LogLine(
                    .warning,
                    "Without the packet filter: the lifetime of the write address alone ends a "
                        + "lease, up to \(terms.lateness.milliseconds) ms late. Redis's own port "
                        + "is not fenced, connections to a lapsed address hang, and a late "
                        + "announcement is not stopped."))
        }
    }

    private func assignments(_ configuration: Configuration) -> [AddressDriver.Assignment] {
        configuration.groups.compactMap { group in
            group.writeAddress.map {
                AddressDriver.Assignment(
                    group: group.settings.name, prefix: $0.prefix, interface: $0.interface)
            }
        }
    }

    private func options(
        _ configuration: Configuration, addresses: [IPAddress]
    ) throws -> NodeLoop.Options {
        var options = NodeLoop.Options(
            settings: configuration.settings(localAddresses: addresses),
            stateFile: StateFile(path: configuration.stateFile),
            secret: try secret(configuration), version: Baton.version)
        options.journalPath = "baton.journal"
        options.bindAddresses = configuration.bind
        options.security = try SecurityFiles.forServers(configuration)
        for group in configuration.groups {
            let name = group.settings.name
            if group.writeAddress != nil { options.leases.append((name, configuration.lease)) }
            if let password = group.credentials.password {
                options.credentials[name] = Credentials(
                    user: group.credentials.user, password: password)
            }
            if group.notificationScript != nil || group.clientReconfigScript != nil {
                options.scripts[name] = GroupScripts(
                    notification: group.notificationScript,
                    clientReconfiguration: group.clientReconfigScript)
            }
        }
        return options
    }

    /// A secret is a line, not a book.
    private static let secretByteCountMax = 4096

    private func secret(_ configuration: Configuration) throws -> ClusterSecret {
        switch configuration.secret {
        case .none:
            return .none
        case .file(let path):
            switch FileReading.bytes(at: path, byteCountMax: Self.secretByteCountMax) {
            case .success(let bytes):
                // An editor's newline at the end is no part of a secret.
                let text = String(decoding: bytes, as: UTF8.self)
                return .shared(String(text.split(whereSeparator: \.isWhitespace).joined()))
            case .failure(let failure):
                throw Refusal(failure.sentence)
            }
        }
    }
}

extension Configuration {
    /// Interfaces are touched here.
    fileprivate var needsCapabilities: Bool {
        groups.contains {
            switch local.role {
            case .node: $0.writeAddress != nil
            case .balancer: $0.readAddress != nil
            }
        }
    }
}

/// Hands the node's steps to the driver; the two modules know nothing of each other.
private struct AddressSteps: AddressCarrier {
    /// `nil` where no group has a write address: then no step is ever decided.
    let driver: AddressDriver?

    func carry(_ effect: AddressEffect, report: @escaping @Sendable (AddressEvent) -> Void) {
        driver?.carry(effect, report: report)
    }
}
