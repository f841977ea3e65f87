import Addressing
import DropInCore
import NIOCore
import NIOPosix
import RESP
import SentinelCore

@testable import SentinelDriver

/// As much of a Sentinel's port as its peers need: PING, PUBLISH and is-master-down-by-addr.
final class SmallPort: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let engine: DropInEngine
    private var scanner = RequestScanner()
    private var unread = ByteBuffer()

    init(_ engine: DropInEngine) {
        self.engine = engine
    }

    static func open(_ port: UInt16, for loop: DropInLoop) async throws -> any Channel {
        try await ServerBootstrap(group: loop.group)
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = SmallPort(loop.engine.value)
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .bind(host: "127.0.0.1", port: Int(port)).get()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        unread.writeBuffer(&bytes)
        while case .value(let request, let consumed)? = try? scanner.scan(
            unread.readableBytesSpan)
        {
            unread.moveReaderIndex(forwardBy: consumed)
            run(request.map { String(decoding: $0, as: UTF8.self) }, context)
        }
    }

    private func run(_ words: [String], _ context: ChannelHandlerContext) {
        switch words[0].uppercased() {
        case "PING": answer(.simple("PONG"), context)
        case "PUBLISH":
            engine.receiveHello(words.last ?? "")
            answer(.integer(1), context)
        case "SENTINEL" where words.count == 6:
            let place = Place(
                host: words[2], address: IPAddress(words[2]), port: UInt16(words[3]) ?? 0)
            let question = DownQuestion(
                primary: place, currentEpoch: Epoch(words[4]) ?? 0, candidate: RunID(words[5]))
            engine.ask(question) { opinion in
                let leader = opinion.leader?.description ?? "*"
                self.answer(
                    .array([
                        .integer(opinion.isDown ? 1 : 0), .bulk(leader),
                        .integer(Int(opinion.leaderEpoch)),
                    ]), context)
            }
        default: answer(.simple("OK"), context)
        }
    }

    private func answer(_ value: RESPValue, _ context: ChannelHandlerContext) {
        var bytes: [UInt8] = []
        RESPEncoder().append(value, to: &bytes)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }
}
