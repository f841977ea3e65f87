internal import Addressing
internal import NIOCore
internal import NIOPosix
internal import SentinelCore

/// The node's own port: who is connected, and what all of them are told.
final class NodeServer {
    /// Connections at the same time; Redis's default is 10,000, of which a Sentinel sees a few.
    static let clientCountMax = 1000
    /// Places beyond those, for the declared nodes: strangers can't shut them out.
    static let reservedCount = 64
    /// Hosts that are remembered as having been told of, so that the log stays short.
    private static let intruderCountMax = 64

    let facts: ServerFacts
    /// `nil` once the loop is stopped.
    private(set) weak var engine: NodeEngine?
    private let peerHosts: Set<String>
    /// In the order of connecting, so that what is published is sent in that order.
    private var clients: [(id: Int, connection: ClientConnection)] = []
    private var clientCount = 0
    private var intruders: Set<String> = []

    init(facts: ServerFacts, peers: [Endpoint], engine: NodeEngine) {
        self.facts = facts
        self.engine = engine
        peerHosts = Set(peers.map { $0.address.description })
    }

    /// Puts a new connection to work, or turns it away.
    func accept(_ channel: any Channel) throws {
        let host = channel.remoteAddress?.ipAddress.map(Self.plainHost) ?? "?"
        let isPeer = peerHosts.contains(host)
        guard clients.count < Self.clientCountMax + (isPeer ? Self.reservedCount : 0) else {
            try channel.pipeline.syncOperations.addHandler(TurnedAway())
            return
        }
        clientCount += 1
        let connection = ClientConnection(
            server: self, id: clientCount, remoteHost: host, isLoopback: Self.isLoopback(host))
        clients.append((clientCount, connection))
        try channel.pipeline.syncOperations.addHandler(connection)
    }

    func left(_ id: Int) {
        clients.removeAll { $0.id == id }
    }

    /// Sends an event to whoever subscribed to it.
    func publish(_ announcement: Announcement) {
        let channel = Array(announcement.name.rawValue.utf8)
        let message = Array(announcement.message.utf8)
        for client in clients { client.connection.deliver(channel: channel, message) }
    }

    func log(_ level: Announcement.Level, _ text: String) {
        engine?.log(LogLine(level, text))
    }

    /// Says once a host that it does not know the secret.
    func tellOfIntruder(_ host: String) {
        guard intruders.count < Self.intruderCountMax, intruders.insert(host).inserted else {
            return
        }
        log(
            .warning,
            "A client at \(host) offered a wrong secret: a node of another cluster, or a node with"
                + " another secret-file. It is not listened to")
    }

    /// A dual-stack socket shows IPv4 clients as `::ffff:a.b.c.d`.
    private static func plainHost(_ text: String) -> String {
        text.hasPrefix("::ffff:") ? String(text.dropFirst(7)) : text
    }

    private static func isLoopback(_ host: String) -> Bool {
        switch IPAddress(host) {
        case .v4(let address)?: address.bits >> 24 == 127
        case .v6(let address)?: address.high == 0 && address.low == 1
        case nil: false
        }
    }
}

/// A connection beyond the limit: told so, and closed.
private final class TurnedAway: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelActive(context: ChannelHandlerContext) {
        let text = ByteBuffer(string: "-ERR max number of clients reached\r\n")
        context.writeAndFlush(wrapOutboundOut(text), promise: nil)
        context.close(promise: nil)
    }
}
