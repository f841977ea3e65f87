internal import Addressing
internal import CLinux
internal import Glibc

/// One TCP connection as inet_diag names it.
struct Connection: Equatable {
    /// AF_INET or AF_INET6: the socket's, which for a mapped IPv4 address is AF_INET6.
    var family: UInt8
    var localPort: UInt16
    var remotePort: UInt16
    /// Sixteen octets each; an IPv4 address in AF_INET has twelve zeros behind it.
    var local: ArraySlice<UInt8>
    var remote: ArraySlice<UInt8>
    var interfaceIndex: UInt32

    /// Octets of `inet_diag_req_v2`.
    private static let requestLength = 56
    /// Octets of `inet_diag_sockid` that hold one address.
    private static let addressLength = 16
    private static let tcp: UInt8 = 6

    /// Reads `inet_diag_msg`: family, state, timer, retransmissions, then the socket's identity.
    init?(_ message: Message) {
        let body = message.payload
        guard Int32(message.type) == SOCK_DIAG_BY_FAMILY,
            let family = body.native(UInt8.self),
            let localPort = body.network(UInt16.self, at: 4),
            let remotePort = body.network(UInt16.self, at: 6),
            let interfaceIndex = body.native(UInt32.self, at: 40)
        else { return nil }
        self.family = family
        self.localPort = localPort
        self.remotePort = remotePort
        self.interfaceIndex = interfaceIndex
        local = body.dropFirst(8).prefix(Self.addressLength)
        remote = body.dropFirst(24).prefix(Self.addressLength)
    }

    /// The connection's address on this host, a mapped one as IPv4.
    var localAddress: IPAddress? {
        switch IPAddress(family: family, octets: local) {
        case .v6(let address) where address.high == 0 && address.low >> 32 == 0xFFFF:
            .v4(IPv4Address(bits: UInt32(truncatingIfNeeded: address.low)))
        case let address:
            address
        }
    }

    /// The states in which a peer may wait for us: all but LISTEN, CLOSE and TIME_WAIT.
    private static let states: UInt32 = [
        1,  // ESTABLISHED
        2,  // SYN_SENT
        3,  // SYN_RECV
        4,  // FIN_WAIT1
        5,  // FIN_WAIT2
        8,  // CLOSE_WAIT
        9,  // LAST_ACK
        11,  // CLOSING
        12,  // NEW_SYN_RECV, as the kernel calls a handshake under way since 4.4
    ].reduce(0) { $0 | 1 << $1 }

    /// SOCK_DIAG_BY_FAMILY: the connections whose local address is `address`, among the sockets of
    /// one family. The kernel itself filters, so a host with many other clients answers as fast.
    static func listRequest(local address: IPAddress, family: Int32) -> MessageWriter {
        var request = MessageWriter(
            type: SOCK_DIAG_BY_FAMILY, flags: NLM_F_REQUEST | NLM_F_DUMP)
        request.append([UInt8(family), tcp, 0, 0])
        request.appendNative(states)
        request.append(Array(repeating: 0, count: requestLength - 8))
        // One instruction of the filter's language, inet_diag_bc_op: yes goes on behind it (the
        // end, which accepts), no jumps beyond the end (which rejects).
        let octets = address.octets
        let length = 4 + 8 + octets.count
        var filter: [UInt8] = [UInt8(INET_DIAG_BC_S_COND), UInt8(length)]
        withUnsafeBytes(of: UInt16(length + 4)) { filter += $0 }
        // inet_diag_hostcond: family, prefix length, padding, any port. An IPv4 condition also
        // matches mapped addresses.
        filter += [address.family, UInt8(address.bitCount), 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]
        filter += octets
        request.attribute(INET_DIAG_REQ_BYTECODE, octets: filter)
        return request
    }

    /// SOCK_DESTROY: the peer gets a reset, the application ECONNABORTED.
    func destructionRequest() -> MessageWriter {
        var request = MessageWriter(type: SOCK_DESTROY, flags: NLM_F_REQUEST | NLM_F_ACK)
        request.append([family, Self.tcp, 0, 0])
        request.appendNative(Self.states)
        request.appendNetwork(localPort)
        request.appendNetwork(remotePort)
        request.append(Array(local))
        request.append(Array(remote))
        request.appendNative(interfaceIndex)
        // INET_DIAG_NOCOOKIE: whatever socket has these addresses and ports. A handshake that
        // completed since the list was made is another socket, and must go as well.
        request.append(Array(repeating: 0xFF, count: 8))
        return request
    }
}
