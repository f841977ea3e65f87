internal import Addressing
internal import BalancerCore
internal import CLinux
internal import Glibc
internal import Synchronization

/// What other threads tell a reactor, and what it last told them.
final class Mailbox: Sendable {
    enum Letter {
        case servers([ServerReport], WritePlace?)
        /// Other places to listen on: those that stay, and those that are new.
        case change(
            keeping: [BalancerListener], adding: [ListeningSocket], SelectionPolicy,
            BalancerSecurity)
        case moveAnnounced
        case moveCalledOff
        /// These addresses are another host's in so many seconds.
        case depart(from: [IPAddress], seconds: Int)
        /// Whoever connects to these is to be heard by that host.
        case ignoreNewcomers(at: [IPAddress])
        /// No more clients; those that are there go when nothing is owed to them.
        case drain
        /// The reactor ends, whoever is there.
        case stop
    }

    private struct Content {
        var letters: [Letter] = []
        var statistics = BalancerStatistics()
        var failures = HandshakeFailures()
        var isOver = false
    }

    private let content = Mutex(Content())
    /// Readable when there are letters.
    let descriptor: Int32

    init() throws(BalancerDriverError) {
        descriptor = eventfd(0, clinuxEventFlags)
        guard descriptor >= 0 else { throw .systemCall("eventfd", errno) }
    }

    deinit {
        close(descriptor)
    }

    func post(_ letter: Letter) {
        content.withLock { $0.letters.append(letter) }
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    func take() -> [Letter] {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
        return content.withLock { content in
            defer { content.letters = [] }
            return content.letters
        }
    }

    func publish(
        _ statistics: BalancerStatistics, _ failures: HandshakeFailures, isOver: Bool
    ) {
        content.withLock { content in
            content.statistics = statistics
            content.failures = failures
            content.isOver = isOver
        }
    }

    var statistics: BalancerStatistics { content.withLock { $0.statistics } }

    var failures: HandshakeFailures { content.withLock { $0.failures } }

    /// Whether the reactor has ended.
    var isOver: Bool { content.withLock { $0.isOver } }
}
