import Glibc
import RESP
import Testing

@testable import baton

@Suite("Asking a node")
struct NodeClientTests {
    @Test("the answer is what the node sent, byte for byte, in however many pieces")
    func answer() throws {
        let text = #"{"schema":1,"name":"订单"}"#
        for pieceSize in [1, 7, 4096] {
            var reply: [UInt8] = []
            RESPEncoder().append(.bulk(text), to: &reply)
            let server = try CannedServer(reply, pieceSize: pieceSize)
            #expect(try server.client.status() == Array(text.utf8))
            #expect(server.request == "*2\r\n$5\r\nBATON\r\n$6\r\nSTATUS\r\n")
        }
    }

    @Test(
        "what is not Baton is told from it",
        arguments: [
            (
                "-ERR unknown command 'BATON'\r\n",
                NodeFailure.Cause.refused("ERR unknown command 'BATON'")
            ),
            ("-NOAUTH Authentication required.\r\n", .refused("NOAUTH Authentication required.")),
            (
                "SSH-2.0-OpenSSH_9.2\r\n",
                .otherProtocol("not RESP: no type begins with 'S'")
            ),
            ("", .closed), ("$10\r\nabc", .closed), (":1\r\n", .notBaton),
            ("$-1\r\n", .notBaton),
            (
                "$99999999999\r\n",
                .otherProtocol("string longer than 16777216 bytes")
            ),
        ])
    func other(reply: String, cause: NodeFailure.Cause) throws {
        let server = try CannedServer(Array(reply.utf8))
        #expect(throws: NodeFailure(place: server.client.target.description, cause: cause)) {
            try server.client.status()
        }
    }

    @Test("a port on which nothing listens is refused at once")
    func nothing() throws {
        let server = try CannedServer([])
        let client = server.client
        server.stop()
        #expect(
            throws: NodeFailure(
                place: client.target.description, cause: .unreachable(ECONNREFUSED))
        ) { try client.status() }
    }

    @Test(
        "a place is written as people write it",
        arguments: [
            ("10.0.0.1:7", "10.0.0.1:7"), ("10.0.0.1", "10.0.0.1:26379"),
            ("redis01:26380", "redis01:26380"), ("[fd00::1]:7", "[fd00::1]:7"),
            ("fd00::1", "[fd00::1]:26379"), ("[fd00::1]", "[fd00::1]:26379"),
        ])
    func places(text: String, place: String) {
        #expect(NodeClient.Target(text)?.description == place)
    }

    @Test(
        "what is no place is refused",
        arguments: ["", ":7", "a:", "a:0", "a:65536", "a:b", "a:-1", "[fd00::1", "[a]b", "a b:7"])
    func noPlace(text: String) {
        #expect(NodeClient.Target(text) == nil)
    }
}

/// Takes one connection on loopback, reads one request, answers what it was told, closes.
final class CannedServer: @unchecked Sendable {
    let client: NodeClient
    private let listener: Int32
    private var thread = pthread_t()
    private var isStopped = false
    private let reply: [UInt8]
    private let pieceSize: Int
    private var received: [UInt8] = []

    init(_ reply: [UInt8], pieceSize: Int = 4096) throws {
        self.reply = reply
        self.pieceSize = pieceSize
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(listener, pointer, size)
                listen(listener, 1)
                getsockname(listener, pointer, &size)
            }
            return UInt16(bigEndian: $0.pointee.sin_port)
        }
        client = NodeClient(target: .init(host: "127.0.0.1", port: port))
        try #require(port != 0)
        let this = Unmanaged.passRetained(self)
        pthread_create(&thread, nil, serve, this.toOpaque())
    }

    deinit { stop() }

    /// What the client sent; once it has its answer.
    var request: String {
        stop()
        return String(decoding: received, as: UTF8.self)
    }

    func stop() {
        guard !isStopped else { return }
        isStopped = true
        shutdown(listener, Int32(SHUT_RDWR))
        pthread_join(thread, nil)
        close(listener)
    }

    fileprivate func run() {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        defer { close(connection) }
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = recv(connection, &buffer, buffer.count, 0)
        received = Array(buffer[..<max(0, count)])
        var rest = reply[...]
        while !rest.isEmpty {
            let piece = Array(rest.prefix(pieceSize))
            guard send(connection, piece, piece.count, 0x4000) > 0 else { return }
            rest = rest.dropFirst(piece.count)
        }
    }
}

private func serve(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    Unmanaged<CannedServer>.fromOpaque(argument).takeRetainedValue().run()
    return nil
}
