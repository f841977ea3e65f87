internal import NIOCore
internal import NIOPosix
internal import SentinelCore
internal import SentinelFile
internal import SentinelPort

/// A port that is open, on the loop of the Sentinel behind it.
final class PortLoop: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let parts: PortParts
    private let listener: PortListener

    private init(
        _ group: MultiThreadedEventLoopGroup, _ parts: PortParts, _ listener: PortListener
    ) {
        self.group = group
        self.parts = parts
        self.listener = listener
    }

    /// Opens the port of `parts`, which were made on the group's loop; on another port than the
    /// options' if one is given.
    static func open(
        _ parts: PortParts, _ options: ServerOptions, group: MultiThreadedEventLoopGroup,
        port: UInt16? = nil, secure: (@Sendable (any Channel) throws -> Void)? = nil
    ) async throws -> PortLoop {
        let server = try await group.next().submit { [group] in
            NIOLoopBound(try parts.server, eventLoop: group.next())
        }.get()
        let listener = try await PortListener.open(
            options, server, group: group, port: port, secure: secure)
        return PortLoop(group, parts, listener)
    }

    /// With the numbers that the kernel chose for 0.
    var ports: [Int] { listener.ports }

    /// Takes no more connections and closes those that there are.
    func stop() async throws {
        await listener.close()
        try await group.next().submit { [parts] in try parts.server.closeAll() }.get()
    }
}

/// The objects of a port on one loop, made on it and used only there.
final class PortParts: @unchecked Sendable {
    /// They are not there yet.
    struct NotMade: Error {}

    private var made: (server: PortServer, service: any PortService)?

    var server: PortServer {
        get throws {
            guard let made else { throw NotMade() }
            return made.server
        }
    }

    /// To be called on the loop.
    func make(
        _ configuration: SentinelConfiguration, _ settings: PortSettings,
        service: any PortService, eventLoop: any EventLoop
    ) throws {
        let port = try PortExamination(configuration, settings).port
        let server = PortServer(port, service: service, eventLoop: eventLoop)
        made = (server, service)
        server.watchIdle()
    }

    /// Before an engine. To be called on the loop.
    func make(_ options: DropInSentinel.Options, _ engine: DropInEngine, _ log: EventLog) throws {
        try make(
            options.configuration, options.settings,
            service: PortBridge(engine, options, log), eventLoop: engine.eventLoop)
        let server = try server
        engine.publish = { [weak server] announcement in
            server?.publish(
                channel: announcement.name.rawValue, message: announcement.message)
        }
        server.usersChanged = { options.file.setUsers($0) }
        server.tellOfUsers()
    }
}
