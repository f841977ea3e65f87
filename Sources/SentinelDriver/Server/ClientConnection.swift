internal import NIOCore
internal import NIOPosix
internal import NodeCore
internal import RESP
internal import SentinelCore

/// One client of the node's own port.
///
/// Replies leave in the order of the requests: where one has to wait for the node, those behind it
/// wait in slots, while their requests are carried out already.
final class ClientConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What a client may send: the longest honest request is a hello of 400 bytes.
    static let limits = RESPLimits(
        lineBytesMax: 16 * 1024, elementCountMax: 512, bulkBytesMax: 16 * 1024, depthMax: 1,
        valueBytesMax: 64 * 1024)

    /// Bytes that a client may leave unread before it is dropped. The largest reply, of a hundred
    /// groups, has less than half of it.
    static let unreadBytesMax = 1024 * 1024

    /// Requests of one client that may wait for the node.
    static let slotCountMax = 128

    /// How long a request waits for the node before it is given up: a vote that cannot be
    /// written to disk is never answered.
    static let answerTimeout = TimeAmount.seconds(5)

    private struct Slot {
        let number: Int
        /// `nil` while it waits.
        var bytes: [UInt8]?
        /// It answers a request that came under seal.
        let isSealed: Bool
    }

    private let server: NodeServer
    let remoteHost: String
    private var client: ClientState
    /// With a node that has introduced itself.
    private var session: PeerSession?
    private var scanner = RequestScanner(limits: ClientConnection.limits)
    private var unread = ByteBuffer()
    private var context: ChannelHandlerContext?
    private var slots: [Slot] = []
    private var slotCount = 0
    private var waiting: [Int: (query: QueryID, deadline: Scheduled<Void>)] = [:]
    /// What was answered and is not yet given to the socket.
    private var outgoing: [UInt8] = []
    private var isClosing = false

    init(server: NodeServer, id: Int, remoteHost: String, isLoopback: Bool) {
        self.server = server
        self.remoteHost = remoteHost
        client = ClientState(id: id, isLoopback: isLoopback)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        for (query, deadline) in waiting.values {
            deadline.cancel()
            server.engine?.forget(query)
        }
        waiting = [:]
        server.left(client.id)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        unread.writeBuffer(&bytes)
        while !isClosing, let request = nextRequest() {
            run(request)
        }
        if unread.readableBytes == 0 { unread.clear() } else { unread.discardReadBytes() }
        flush()
    }

    private func nextRequest() -> [[UInt8]]? {
        do throws(RESPError) {
            switch try scanner.scan(unread.readableBytesSpan) {
            case .needsMore(let consumed):
                unread.moveReaderIndex(forwardBy: consumed)
                return nil
            case .value(let request, let consumed):
                unread.moveReaderIndex(forwardBy: consumed)
                return request
            }
        } catch {
            answer([.error(Array("ERR ".utf8) + error.message)])
            isClosing = true
            return nil
        }
    }

    private func run(_ request: [[UInt8]]) {
        guard let (bytes, tag) = PeerWire.unsealed(request) else { return carryOut(request) }
        var inner = RequestScanner(limits: Self.limits)
        guard session?.accepts(bytes, tag: tag) == true,
            case .value(let request, bytes.count)? = try? inner.scan(bytes.span.bytes)
        else {
            server.tellOfIntruder(remoteHost)
            answer([.failure("WRONGPASS this is not sealed with this cluster's secret")])
            isClosing = true
            return
        }
        client.isPeer = true
        carryOut(request)
        client.isPeer = false
    }

    private func carryOut(_ request: [[UInt8]]) {
        guard let engine = server.engine else { return }
        let command = ServerCommand(
            request, facts: server.facts, now: BootClock.now(), status: { engine.status },
            history: { engine.history })
        switch command.run(for: &client) {
        case .replies(let values):
            if values.first?.isError("WRONGPASS") == true { server.tellOfIntruder(remoteHost) }
            answer(values)
        case .introduce(let nonce):
            introduce(nonce)
        case .hello(let text):
            engine.feed(.published(text))
            answer([.integer(1)])
        case .tell(let message):
            wait { .asked($0, message) }
        case .failover(let group, let order):
            wait { .failoverOrdered($0, group: group, order) }
        case .pause(let group, let order):
            wait { .pauseOrdered($0, group: group, order) }
        case .close(let value):
            if let value { answer([value]) }
            isClosing = true
        }
    }

    private func introduce(_ nonce: [UInt8]) {
        let own = Nonce.drawn()
        guard case .shared(let secret) = server.facts.secret, session == nil,
            let session = PeerSession(
                secret: secret, askingNonce: nonce, answeringNonce: own,
                answerer: server.facts.address, side: .answering)
        else { return answer([.failure("ERR this connection is introduced already")]) }
        self.session = session
        answer([PeerWire.introduction(own, proof: session.proof)])
    }

    // MARK: Replies

    /// What is published, to a client that may listen for it.
    func deliver(channel: [UInt8], _ message: [UInt8]) {
        guard !isClosing, client.isSubscribed else { return }
        answer(client.messages(channel: channel, message))
        flush()
    }

    private func answer(_ values: [RESPValue]) {
        guard !values.isEmpty else { return }
        let bytes = encoded(values, version: client.version)
        if slots.isEmpty {
            send(bytes, isSealed: client.isPeer)
        } else {
            slotCount += 1
            slots.append(Slot(number: slotCount, bytes: bytes, isSealed: client.isPeer))
        }
    }

    private func encoded(_ values: [RESPValue], version: RESPVersion) -> [UInt8] {
        let encoder = RESPEncoder(version: version)
        var bytes: [UInt8] = []
        for value in values { encoder.append(value, to: &bytes) }
        return bytes
    }

    /// Has the node answer, and keeps the reply's place.
    private func wait(for event: (QueryID) -> SentinelCore.Event) {
        guard slots.count < Self.slotCountMax, let engine = server.engine, let context else {
            isClosing = true
            return
        }
        slotCount += 1
        let number = slotCount
        let version = client.version
        slots.append(Slot(number: number, bytes: nil, isSealed: client.isPeer))
        let query = engine.ask(
            { [weak self] in
                self?.fill(number, with: Self.value($0), version: version)
            }, event: event)
        guard slots.contains(where: { $0.number == number && $0.bytes == nil }) else { return }
        let deadline = context.eventLoop.assumeIsolated().scheduleTask(in: Self.answerTimeout) {
            [weak self] in
            guard let self else { return }
            self.server.engine?.forget(query)
            self.fill(number, with: .failure("ERR the node gave no answer"), version: version)
        }
        waiting[number] = (query, deadline)
    }

    private static func value(_ answer: NodeEngine.QueryAnswer) -> RESPValue {
        switch answer {
        case .peer(let reply): PeerWire.value(reply)
        case .order(error: let error?): .failure(error)
        case .order(error: nil): .simple("OK")
        }
    }

    private func fill(_ number: Int, with value: RESPValue, version: RESPVersion) {
        guard let index = slots.firstIndex(where: { $0.number == number }) else { return }
        slots[index].bytes = encoded([value], version: version)
        waiting.removeValue(forKey: number)?.deadline.cancel()
        while let slot = slots.first, let bytes = slot.bytes {
            send(bytes, isSealed: slot.isSealed)
            slots.removeFirst()
        }
        flush()
    }

    /// Sealed here and not before: seals are numbered in the order in which they leave.
    private func send(_ bytes: [UInt8], isSealed: Bool) {
        guard isSealed, let tag = session?.seal(bytes) else {
            outgoing += bytes
            return
        }
        outgoing += encoded([PeerWire.sealed(reply: bytes, tag: tag)], version: .resp2)
    }

    private func flush() {
        guard let context else { return }
        if !outgoing.isEmpty {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: outgoing)), promise: nil)
            outgoing = []
            let unsent = try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)
            if let unsent, unsent > Self.unreadBytesMax {
                server.log(.notice, "Client \(remoteHost) reads too slowly and was dropped")
                isClosing = true
            }
        }
        if isClosing, slots.isEmpty || !context.channel.isActive {
            context.close(promise: nil)
        }
    }
}
