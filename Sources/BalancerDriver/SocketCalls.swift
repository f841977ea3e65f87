internal import Addressing
internal import CLinux
internal import Glibc

/// The system calls of the reactor's sockets, which never block and never raise SIGPIPE.
enum SocketCalls {
    /// Connections that the kernel keeps for a reactor that has not taken them yet. 511 as Redis's
    /// `tcp-backlog`.
    private static let backlog: Int32 = 511

    /// A listening socket that shares its port with those of other reactors. Its address need not
    /// be this host's yet: a virtual one may come and go.
    static func listen(
        on endpoint: Endpoint
    ) throws(BalancerDriverError) -> Int32 {
        let number = openSocket(endpoint)
        guard number >= 0 else { throw .systemCall("socket", errno) }
        set(number, SOL_SOCKET, SO_REUSEADDR, 1)
        set(number, SOL_SOCKET, clinuxReusePort, 1)
        switch endpoint.address {
        case .v4: set(number, Int32(IPPROTO_IP), IP_FREEBIND, 1)
        case .v6:
            set(number, Int32(IPPROTO_IPV6), IPV6_FREEBIND, 1)
            // `::` is every address of its family, as `0.0.0.0` is of the other.
            set(number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1)
        }
        let bound = withAddress(endpoint) { Glibc.bind(number, $0, $1) }
        guard bound == 0, Glibc.listen(number, backlog) == 0 else {
            let error = errno
            close(number)
            throw .bind(endpoint.description, error)
        }
        return number
    }

    /// The port that a listening socket got, for one that was bound to port 0.
    static func port(of number: Int32) -> UInt16 { ownEndpoint(of: number)?.port ?? 0 }

    /// What a connected client knows this host by.
    static func ownAddress(of number: Int32) -> IPAddress? { ownEndpoint(of: number)?.address }

    private static func ownEndpoint(of number: Int32) -> Endpoint? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(number, $0, &length)
            }
        }
        guard result == 0 else { return nil }
        let family = Int32(storage.ss_family)
        return withUnsafeBytes(of: &storage) { bytes in
            // The port lies at the same place for both families.
            let port = UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
            if family == AF_INET6 {
                let high = bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
                let low = bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
                let address = IPv6Address(high: .init(bigEndian: high), low: .init(bigEndian: low))
                return Endpoint(address: .v6(address), port: port)
            }
            let bits = bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
            let address = IPv4Address(bits: UInt32(bigEndian: bits))
            return Endpoint(address: .v4(address), port: port)
        }
    }

    /// Lets the kernel drop every request to connect, as if it had been lost on the way; what is
    /// connected, or about to be, goes on. Those in the queue are still accepted.
    static func ignoreNewcomers(_ listener: Int32) {
        let loadByte = UInt16(BPF_LD | BPF_B | BPF_ABS)
        let mask = UInt16(BPF_ALU | BPF_AND | BPF_K)
        let jumpIfEqual = UInt16(BPF_JMP | BPF_JEQ | BPF_K)
        let giveBack = UInt16(BPF_RET | BPF_K)
        // The flags of TCP: SYN without ACK is 2.
        var program = [
            sock_filter(code: loadByte, jt: 0, jf: 0, k: 13),
            sock_filter(code: mask, jt: 0, jf: 0, k: 0x12),
            sock_filter(code: jumpIfEqual, jt: 0, jf: 1, k: 0x02),
            sock_filter(code: giveBack, jt: 0, jf: 0, k: 0),
            sock_filter(code: giveBack, jt: 0, jf: 0, k: UInt32.max),
        ]
        program.withUnsafeMutableBufferPointer { buffer in
            var filter = sock_fprog(len: UInt16(buffer.count), filter: buffer.baseAddress)
            setsockopt(
                listener, SOL_SOCKET, clinuxAttachFilter, &filter,
                socklen_t(MemoryLayout<sock_fprog>.size))
        }
    }

    enum Acceptance {
        case client(Int32)
        case none
        case noDescriptors
    }

    static func accept(_ listener: Int32) -> Acceptance {
        while true {
            let number = accept4(listener, nil, nil, clinuxAcceptFlags)
            if number >= 0 { return .client(number) }
            switch errno {
            case EINTR, ECONNABORTED: continue
            case EMFILE, ENFILE, ENOMEM, ENOBUFS: return .noDescriptors
            case _: return .none
            }
        }
    }

    /// Replies go out at once; a peer that has vanished is noticed after some minutes, as Redis
    /// does (`tcp-keepalive 300`).
    static func tuneClient(_ number: Int32) {
        set(number, Int32(IPPROTO_TCP), clinuxNoDelay, 1)
        set(number, SOL_SOCKET, SO_KEEPALIVE, 1)
        set(number, Int32(IPPROTO_TCP), TCP_KEEPIDLE, 300)
        set(number, Int32(IPPROTO_TCP), TCP_KEEPINTVL, 100)
        set(number, Int32(IPPROTO_TCP), TCP_KEEPCNT, 3)
    }

    /// Begins to connect; -1 with errno when that cannot even begin. A server that takes nothing
    /// for 5 s is lost, and one that is silent is asked by the kernel every 5 s.
    static func connect(to endpoint: Endpoint) -> Int32 {
        let number = openSocket(endpoint)
        guard number >= 0 else { return -1 }
        set(number, Int32(IPPROTO_TCP), clinuxNoDelay, 1)
        set(number, Int32(IPPROTO_TCP), clinuxUserTimeout, 5000)
        set(number, SOL_SOCKET, SO_KEEPALIVE, 1)
        set(number, Int32(IPPROTO_TCP), TCP_KEEPIDLE, 5)
        set(number, Int32(IPPROTO_TCP), TCP_KEEPINTVL, 5)
        set(number, Int32(IPPROTO_TCP), TCP_KEEPCNT, 3)
        let result = withAddress(endpoint) { Glibc.connect(number, $0, $1) }
        guard result == 0 || errno == EINPROGRESS else {
            close(number)
            return -1
        }
        return number
    }

    /// Whether a connection that has become writable is there.
    static func isConnected(_ number: Int32) -> Bool {
        var error: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(number, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0
    }

    enum Transfer: Equatable {
        case bytes(Int)
        /// Not now.
        case later
        case ended
        case broken
    }

    @inline(__always)
    static func receive(_ number: Int32, into memory: UnsafeMutableRawBufferPointer) -> Transfer {
        while true {
            let count = recv(number, memory.baseAddress, memory.count, clinuxMessageDoNotWait)
            if count > 0 { return .bytes(count) }
            if count == 0 { return .ended }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .later
            case _: return .broken
            }
        }
    }

    @inline(__always)
    static func send(_ number: Int32, _ bytes: UnsafeRawBufferPointer) -> Transfer {
        while true {
            let count = Glibc.send(
                number, bytes.baseAddress, bytes.count,
                clinuxMessageDoNotWait | clinuxMessageNoSignal)
            if count >= 0 { return .bytes(count) }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .later
            case _: return .broken
            }
        }
    }

    private static func openSocket(_ endpoint: Endpoint) -> Int32 {
        let family =
            switch endpoint.address {
            case .v4: AF_INET
            case .v6: AF_INET6
            }
        return socket(family, clinuxStreamNonBlocking, 0)
    }

    private static func set(_ number: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(number, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func withAddress(
        _ endpoint: Endpoint, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        switch endpoint.address {
        case .v4(let address):
            var storage = sockaddr_in()
            storage.sin_family = sa_family_t(AF_INET)
            storage.sin_port = endpoint.port.bigEndian
            storage.sin_addr.s_addr = address.bits.bigEndian
            return withUnsafePointer(to: &storage) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        case .v6(let address):
            var storage = sockaddr_in6()
            storage.sin6_family = sa_family_t(AF_INET6)
            storage.sin6_port = endpoint.port.bigEndian
            withUnsafeMutableBytes(of: &storage.sin6_addr) { bytes in
                bytes.storeBytes(of: address.high.bigEndian, as: UInt64.self)
                bytes.storeBytes(of: address.low.bigEndian, toByteOffset: 8, as: UInt64.self)
            }
            return withUnsafePointer(to: &storage) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
                }
            }
        }
    }
}
