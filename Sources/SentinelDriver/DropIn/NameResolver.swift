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

    private struct State {
        var waitingCount = 0
        var isOver = false
    }

    private let pool = NIOThreadPool(numberOfThreads: NameResolver.threadCount)
    private let lookUp: @Sendable (String) -> IPAddress?
    private let state = Mutex(State())

    /// `lookUp` may take as long as it wants.
    init(lookUp: @escaping @Sendable (String) -> IPAddress? = NameResolver.firstAddress) {
        self.lookUp = lookUp
        pool.start()
    }

    /// `completion` is called on any thread, with the first address or nothing; after
    /// ``shutDown()`` not at all.
    func resolve(_ host: String, completion: @escaping @Sendable (IPAddress?) -> Void) {
        let isAccepted = state.withLock { state in
            guard state.waitingCount < Self.waitingMax, !state.isOver else { return false }
            state.waitingCount += 1
            return true
        }
        guard isAccepted else { return completion(nil) }
        pool.submit { [self] item in
            let isWanted = item == .active && !state.withLock { $0.isOver }
            let address = isWanted ? lookUp(host) : nil
            state.withLock { state in
                state.waitingCount -= 1
                // Inside: whoever hears of it may be gone once `isOver` can be set.
                if !state.isOver { completion(address) }
            }
        }
    }

    /// Does not wait for what is under way: a name server that is silent keeps a thread for ten
    /// seconds and more, and a Sentinel that is told to end has them not.
    func shutDown() {
        state.withLock { $0.isOver = true }
        pool.shutdownGracefully { _ in }
    }

    @Sendable private static func firstAddress(of host: String) -> IPAddress? {
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
