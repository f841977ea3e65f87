public import Addressing
internal import Glibc
public import LeaseCore
internal import MonotonicTime
internal import NIOCore
internal import NIOPosix
public import NodeCore
public import SentinelCore
public import TransportSecurity

/// One running node: the core, its links, its own port, its memory and its log.
///
/// Everything that decides happens on one event loop of one thread. The disk, the log and the
/// watch of processes have a thread each and hop back.
public final class NodeLoop: Sendable {
    /// What a node is started with.
    public struct Options: Sendable {
        /// What the core is told.
        public var settings: Settings
        /// The groups that have a write address, with the terms of its lease.
        public var leases: [(group: String, terms: LeaseTerms)] = []
        /// The node's memory.
        public var stateFile: StateFile
        /// Where the journal of failovers is kept; `nil`: nowhere.
        public var journalPath: String?
        /// Where the node's own port is opened; empty means every address of the family of the
        /// node's own.
        public var bindAddresses: [IPAddress] = []
        /// What other nodes must know.
        public var secret: ClusterSecret
        /// What the servers of a group want to hear, by the group's name.
        public var credentials: [String: Credentials] = [:]
        /// What connections to servers are encrypted with; `nil` where they don't speak TLS.
        public var security: TLSClientContext?
        /// By the group's name; groups without scripts may be left out.
        public var scripts: [String: GroupScripts] = [:]
        /// Baton's version, for `INFO`.
        public var version: String

        /// A node without write addresses and passwords, open on every address of its family.
        public init(
            settings: Settings, stateFile: StateFile, secret: ClusterSecret, version: String
        ) {
            self.settings = settings
            self.stateFile = stateFile
            self.secret = secret
            self.version = version
        }
    }

    /// Why a node did not start.
    public struct StartFailure: Error, Equatable, Sendable, CustomStringConvertible {
        /// A sentence for the operator.
        public var description: String
    }

    private let group: MultiThreadedEventLoopGroup
    private let engine: NIOLoopBound<NodeEngine>
    private let server: NIOLoopBound<NodeServer>
    private let listeners: [any Channel]

    /// Starts a node; it runs until ``stop()``.
    ///
    /// A state file that is missing makes a new node, whose identity is on disk before anything
    /// else happens. One that cannot be trusted is left as it is: the node then watches and does
    /// not vote, and the log says why.
    public static func start(
        _ options: Options, carrier: any AddressCarrier, log: EventLog
    ) async throws(StartFailure) -> NodeLoop {
        let memory = Memory(options.stateFile)
        if let problem = memory.problem { log.write(LogLine(.warning, problem)) }
        log.write(LogLine(.warning, "Sentinel ID is \(memory.state.id)"))
        let node = Node(
            settings: options.settings, leases: options.leases,
            state: memory.state,
            mayVote: memory.problem == nil, at: BootClock.now())
        for group in node.status(at: BootClock.now()).groups {
            log.write(
                LogLine(
                    Announcement(
                        .monitor, .primary(group: group.settings.name, group.primary),
                        detail: "quorum \(group.settings.quorum)")))
        }
        return try await start(
            node, options, memory: memory, carrier: carrier, log: log,
            connectTimeout: .nanoseconds(Sentinel.connectTimeout.nanoseconds))
    }

    /// Starts with any machine in the core's place.
    static func start(
        _ machine: any NodeMachine, _ options: Options, memory: Memory,
        carrier: any AddressCarrier, log: EventLog, connectTimeout: TimeAmount,
        readClocks: @escaping @Sendable () -> ClockReading = ClockReading.now
    ) async throws(StartFailure) -> NodeLoop {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let eventLoop = group.next()
            let parts = try await eventLoop.submit {
                Parts(
                    machine, options, memory: memory, carrier: carrier, log: log,
                    connectTimeout: connectTimeout, readClocks: readClocks, eventLoop: eventLoop)
            }.get()
            let listeners = try await listen(options, parts.server, group: group)
            try await eventLoop.submit { parts.engine.value.start() }.get()
            return NodeLoop(group, parts, listeners)
        } catch {
            // The first failure is the one to tell.
            try? await group.shutdownGracefully()
            throw (error as? StartFailure) ?? StartFailure(description: "\(error)")
        }
    }

    private init(
        _ group: MultiThreadedEventLoopGroup, _ parts: Parts, _ listeners: [any Channel]
    ) {
        self.group = group
        engine = parts.engine
        server = parts.server
        self.listeners = listeners
    }

    /// Hands the core what the kernel reports of an address. May be called from any thread.
    public func deliver(_ event: AddressEvent) {
        group.next().execute { [engine] in engine.value.feed(.address(event)) }
    }

    /// What the node knows now.
    public func status() async throws -> NodeStatus {
        try await group.next().submit { [engine] in engine.value.status }.get()
    }

    /// Closes the port and every link, and finishes what is being written. The write address is
    /// left to the rest of its lease: the next life carries it on, or the kernel ends it.
    public func stop() async throws {
        for listener in listeners { try await listener.close().get() }
        let (watch, writer, journal) = try await group.next().submit { [engine] in
            engine.value.stop()
        }.get()
        try await watch?.shutDown()
        try await writer?.shutDown()
        try await journal?.shutDown()
        try await group.shutdownGracefully()
    }

    /// Where the node listens: what was asked for, with the port that the kernel chose for 0.
    var listeningPorts: [Int] {
        listeners.compactMap { $0.localAddress?.port }
    }

    private static func listen(
        _ options: Options, _ server: NIOLoopBound<NodeServer>, group: MultiThreadedEventLoopGroup
    ) async throws -> [any Channel] {
        let endpoint = options.settings.endpoint
        let wildcard: IPAddress =
            switch endpoint.address {
            case .v4: .v4(IPv4Address(bits: 0))
            case .v6: .v6(IPv6Address(high: 0, low: 0))
            }
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(ChannelOptions.backlog, value: 511)
            .childChannelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try server.value.accept(channel) }
            }
        var channels: [any Channel] = []
        for address in options.bindAddresses.isEmpty ? [wildcard] : options.bindAddresses {
            let place = Endpoint(address: address, port: endpoint.port)
            do {
                channels.append(try await bootstrap.bind(to: SocketAddress(place)).get())
            } catch {
                let reason =
                    (error as? IOError).map { String(cString: strerror($0.errnoCode)) }
                    ?? "\(error)"
                throw StartFailure(description: "cannot listen on \(place): \(reason)")
            }
        }
        return channels
    }

    /// The objects of one loop, made on it.
    private struct Parts: Sendable {
        let engine: NIOLoopBound<NodeEngine>
        let server: NIOLoopBound<NodeServer>

        init(
            _ machine: any NodeMachine, _ options: Options, memory: Memory,
            carrier: any AddressCarrier, log: EventLog, connectTimeout: TimeAmount,
            readClocks: @escaping @Sendable () -> ClockReading, eventLoop: any EventLoop
        ) {
            let engine = NodeEngine(
                machine: machine,
                surroundings: NodeEngine.Surroundings(
                    clientNameStem: "sentinel-\(memory.state.id.description.prefix(8))",
                    credentials: options.credentials, secret: options.secret,
                    security: options.security, log: log,
                    carrier: carrier, memory: memory,
                    journal: options.journalPath.map { path in
                        Journal(path: path, node: options.settings.name) { text in
                            log.write(LogLine(.warning, text))
                        }
                    },
                    connectTimeout: connectTimeout,
                    scripts: options.scripts.isEmpty
                        ? nil
                        : ScriptRunner(options.scripts) { line in log.write(line) },
                    readClocks: readClocks),
                eventLoop: eventLoop)
            let facts = ServerFacts(
                version: options.version, secret: options.secret,
                address: options.settings.endpoint.address,
                port: options.settings.endpoint.port, processID: getpid(), runID: .drawn(),
                startedAt: BootClock.now())
            let server = NodeServer(
                facts: facts, peers: options.settings.peers.map(\.endpoint), engine: engine)
            engine.publish = { [weak server] in server?.publish($0) }
            self.engine = NIOLoopBound(engine, eventLoop: eventLoop)
            self.server = NIOLoopBound(server, eventLoop: eventLoop)
        }
    }
}
