import Addressing
import Testing

@testable import Netlink

@Suite("Connections in sock_diag's format")
struct SocketDiagnosisTests {
    @Test("asks the kernel for the connections of one local address only")
    func list() throws {
        let request = Connection.listRequest(
            local: try #require(IPAddress("10.18.14.94")), family: 10)
        let expected: [[UInt8]] = [
            [92, 0, 0, 0, 20, 0, 0x01, 0x03],  // SOCK_DIAG_BY_FAMILY, REQUEST | DUMP.
            [7, 0, 0, 0, 0, 0, 0, 0],  // Sequence, port.
            [10, 6, 0, 0],  // inet_diag_req_v2: AF_INET6 (mapped ones), TCP, no extensions.
            [0x3E, 0x1B, 0, 0],  // States 1 to 5, 8, 9, 11, 12.
            Array(repeating: 0, count: 48),  // The identity of one socket: any.
            [20, 0, 1, 0],  // INET_DIAG_REQ_BYTECODE:
            [7, 16, 20, 0],  // source condition; yes: behind it; no: beyond the end.
            [2, 32, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF],  // AF_INET, 32 bits, any port.
            [10, 18, 14, 94],
        ]
        #expect(request.finished(sequence: 7) == expected.flatMap { $0 })
    }

    @Test("a mapped address is the IPv4 address that it stands for")
    func mapped() throws {
        let message = try #require(Message.scan(Samples.connection)?.first)
        let connection = try #require(Connection(message))
        #expect(connection.localAddress == IPAddress("10.18.14.94"))
        #expect(connection.localPort == 6379)
        #expect(connection.remotePort == 40000)
    }

    @Test("destroys by addresses and ports, whatever socket has them by then")
    func destruction() throws {
        let message = try #require(Message.scan(Samples.connection)?.first)
        let connection = try #require(Connection(message))
        let expected: [[UInt8]] = [
            [72, 0, 0, 0, 21, 0, 0x05, 0],  // SOCK_DESTROY, REQUEST | ACK.
            [7, 0, 0, 0, 0, 0, 0, 0],  // Sequence, port.
            [10, 6, 0, 0, 0x3E, 0x1B, 0, 0],  // AF_INET6, TCP, states.
            [0x18, 0xEB, 0x9C, 0x40],  // Ports.
            [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 10, 18, 14, 94],
            [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 10, 18, 13, 2],
            [0, 0, 0, 0],  // Interface.
            Array(repeating: 0xFF, count: 8),  // INET_DIAG_NOCOOKIE
        ]
        #expect(connection.destructionRequest().finished(sequence: 7) == expected.flatMap { $0 })
    }
}
