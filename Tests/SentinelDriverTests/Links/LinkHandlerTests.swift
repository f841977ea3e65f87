import MonotonicTime
import NIOCore
import NIOEmbedded
import SentinelCore
import Testing

@testable import SentinelDriver

@Suite("A link on its socket")
struct LinkHandlerTests {
    private func link() throws -> (EmbeddedChannel, LinkHandler<LinkSession>, Box) {
        let box = Box()
        let session = LinkSession(
            target: .server(LinkSessionTests.endpoint, group: "orders"), clientName: "n",
            credentials: nil, secret: .none, nonce: [])
        let handler = LinkHandler(session: session) { box.signals.append($0) }
        let channel = EmbeddedChannel(handler: handler)
        handler.mustOpen(within: .milliseconds(500), on: channel.eventLoop)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        return (channel, handler, box)
    }

    final class Box {
        var signals: [LinkSession.Signal] = []
    }

    @Test("a server that accepts and says nothing is given up in time")
    func silent() throws {
        let (channel, _, box) = try link()
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(499))
        #expect(box.signals.isEmpty)
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(box.signals == [.broken(.unreachable)])
        #expect(!channel.isActive)
    }

    @Test("an open link may be silent")
    func open() throws {
        let (channel, _, box) = try link()
        try channel.writeInbound(ByteBuffer(string: "+OK\r\n"))
        channel.embeddedEventLoop.advanceTime(by: .seconds(60))
        #expect(box.signals == [.opened])
        #expect(channel.isActive)
    }

    @Test("the end of a connection is told once")
    func closedOnce() throws {
        let (channel, handler, box) = try link()
        try channel.writeInbound(ByteBuffer(string: "+OK\r\n"))
        channel.pipeline.fireErrorCaught(ChannelError.inputClosed)
        channel.embeddedEventLoop.run()
        handler.abandon()
        #expect(box.signals == [.opened, .broken(.closed)])
    }

    @Test("a link that the core gave up says nothing more")
    func abandoned() throws {
        let (channel, handler, box) = try link()
        handler.abandon()
        channel.embeddedEventLoop.run()
        #expect(box.signals.isEmpty)
        #expect(!channel.isActive)
    }
}
