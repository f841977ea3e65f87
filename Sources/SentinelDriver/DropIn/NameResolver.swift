internal import Addressing
internal import Glibc
internal import NIOPosix
internal import Synchronization

/// Resolves names on threads of its own: a slow name server holds up nobody but those who wait
/// for the same name.
final class NameResolver: Sendable {
    /// Names that may wait; the core asks for each name once at a time.
    static let waitingMax = 256
    private static let threadCount = 2

    private let pool = NIOThreadPool(numberOfThreads: NameResolver.threadCount)
    private let waitingCount = Mutex(0)

    init() {
        pool.start()
    }

    /// `completion` is called on any thread, with the first address or nothing.
    func resolve(_ host: String, completion: @escaping @Sendable (IPAddress?) -> Void) {
        let isAccepted = waitingCount.withLock { count in
            guard count < Self.waitingMax else { return false }
            count += 1
            return true
        }
        guard isAccepted else { return completion(nil) }
        pool.submit { _ in
            let address = Self.firstAddress(of: host)
            self.waitingCount.withLock { $0 -= 1 }
            completion(address)
        }
    }

    func shutDown() async throws {
        try await pool.shutdownGracefully()
    }

    private static func firstAddress(of host: String) -> IPAddress? {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0, let first = list else { return nil }
        defer { freeaddrinfo(list) }
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let code = getnameinfo(
            first.pointee.ai_addr, first.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0,
            NI_NUMERICHOST)
        guard code == 0 else { return nil }
        let bytes = text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
        return IPAddress(String(decoding: bytes, as: UTF8.self))
    }
}
