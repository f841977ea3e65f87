import Addressing
import Glibc
import NamespaceFixture
import Testing

@testable import Netlink

@Suite(
    "Resetting connections in the kernel",
    .enabled(if: NamespacePair.isPermitted, "\(NamespacePair.needs)"))
struct ConnectionResetTests {
    @Test("resets more connections than fit one datagram, and none of another address")
    func many() throws {
        let address = IPAddress.v4(IPv4Address(10, 18, 13, 1))
        let other = IPAddress.v4(IPv4Address(10, 18, 13, 3))
        try NamespacePair.with { pair in
            try pair.near.ip("addr add 10.18.13.3/20 dev near0")
            let listener = try pair.near.run { try TCPSocket.listen(family: .dual, port: 6379) }
            var sockets: [TCPSocket] = []
            for endpoint in Array(repeating: address, count: 150) + [other] {
                let (socket, errno) = try pair.far.run {
                    try TCPSocket.connect(to: Endpoint(address: endpoint, port: 6379))
                }
                try #require(errno == 0)
                sockets.append(socket)
                sockets.append(try listener.accept())
            }
            let count = try pair.near.run {
                var connections = try ConnectionReset()
                return try connections.resetAll(local: address)
            }
            #expect(count == 150)
            for index in 0..<150 {
                #expect(sockets[2 * index].readErrno() == ECONNRESET)
            }
            #expect(sockets[300].writeErrno() == 0)
            #expect(sockets[301].readErrno() == 0)
        }
    }

    @Test("resets connections that wait to be accepted")
    func backlog() throws {
        let address = IPAddress.v4(IPv4Address(10, 18, 13, 1))
        try NamespacePair.with { pair in
            let listener = try pair.near.run { try TCPSocket.listen(family: .v4, port: 6379) }
            let (client, errno) = try pair.far.run {
                try TCPSocket.connect(to: Endpoint(address: address, port: 6379))
            }
            try #require(errno == 0)
            let count = try pair.near.run {
                var connections = try ConnectionReset()
                return try connections.resetAll(local: address)
            }
            #expect(count == 1)
            #expect(client.readErrno() == ECONNRESET)
            withExtendedLifetime(listener) {}
        }
    }
}
