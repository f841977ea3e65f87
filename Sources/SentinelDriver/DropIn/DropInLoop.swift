public import Addressing
public import DropInCore
internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import RESP
public import SentinelCore
public import TransportSecurity

/// One running drop-in Sentinel: the core and its links. Its port is opened on the same loop.
///
/// Everything that decides happens on one event loop of one thread. The disk, the log, the names
/// and the scripts have threads of their own and hop back.
public final class DropInLoop: Sendable {
    /// What a Sentinel is started with.
    public struct Options: Sendable {
        /// What the file says; without an identity one is drawn and saved.
        public var ledger: Ledger
        public var globals: GlobalSettings
        public var storage: any DropInStorage
        /// Ends the process with exit code 99 (`SENTINEL SIMULATE-FAILURE`).
        public var crash: @Sendable () -> Void = { _exit(99) }
        /// What links are encrypted with; `nil`: nothing.
        public var security: TLSClientContext?
        /// This host's end of links (`bind-source-addr`); `nil`: as the kernel chooses.
        public var source: IPAddress?

        public init(ledger: Ledger, globals: GlobalSettings, storage: any DropInStorage) {
            self.ledger = ledger
            self.globals = globals
            self.storage = storage
        }
    }

    /// This Sentinel's identity.
    public let id: RunID
    /// One thread; the port belongs on it.
    let group: MultiThreadedEventLoopGroup
    let engine: NIOLoopBound<DropInEngine>

    /// Starts a Sentinel; it runs until ``stop()``.
    public static func start(_ options: Options, log: EventLog) async throws -> DropInLoop {
        try await start(options, log: log) { _ in }
    }

    /// Starts one whose port is put on the loop by `prepare` before anything happens.
    static func start(
        _ options: Options, log: EventLog,
        prepare: @escaping @Sendable (DropInEngine) throws -> Void
    ) async throws -> DropInLoop {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let eventLoop = group.next()
        let id = options.ledger.id ?? .drawn()
        let engine = try await eventLoop.submit {
            let core = DropIn(
                id: id, isNew: options.ledger.id == nil, ledger: options.ledger,
                globals: options.globals, at: BootClock.now(),
                matches: { pattern, name in
                    GlobPattern(Array(pattern.utf8)).matches(Array(name.utf8))
                })
            let engine = DropInEngine(
                core: core, id: id,
                surroundings: DropInEngine.Surroundings(
                    storage: options.storage, log: log, crash: options.crash,
                    security: options.security, source: options.source),
                eventLoop: eventLoop)
            try prepare(engine)
            engine.start()
            return NIOLoopBound(engine, eventLoop: eventLoop)
        }.get()
        return DropInLoop(id, group, engine)
    }

    private init(
        _ id: RunID, _ group: MultiThreadedEventLoopGroup, _ engine: NIOLoopBound<DropInEngine>
    ) {
        self.id = id
        self.group = group
        self.engine = engine
    }

    /// What clients would be shown now.
    public func portrait() async throws -> NodePortrait {
        try await group.next().submit { [engine] in engine.value.portrait() }.get()
    }

    /// Carries an order out.
    public func order(_ order: Order) async throws -> OrderOutcome {
        let eventLoop = group.next()
        let promise = eventLoop.makePromise(of: OrderOutcome.self)
        eventLoop.execute { [engine] in
            engine.value.order(order) { promise.succeed($0) }
        }
        return try await promise.futureResult.get()
    }

    /// Closes every link, kills the scripts that run and finishes what is being saved.
    public func stop() async throws {
        let (writer, resolver, scripts) = try await group.next().submit { [engine] in
            engine.value.stop()
        }.get()
        try await writer.shutDown()
        resolver.shutDown()
        try await scripts?.shutDown()
        try await group.shutdownGracefully()
    }
}
