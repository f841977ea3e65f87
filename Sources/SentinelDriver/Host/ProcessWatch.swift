internal import Addressing
internal import CLinux
internal import Glibc
internal import NIOPosix
internal import Synchronization

/// Sees processes of this host end, at the moment they do (pidfd), on a thread of its own.
final class ProcessWatch: Sendable {
    /// What the watch says, on its thread.
    enum Report: Equatable, Sendable {
        case ended(Endpoint, processID: Int32)
        /// The end of this server's process will not be seen; the reason is a clause for people.
        case unavailable(Endpoint, processID: Int32, reason: String)
    }

    private struct Order {
        var endpoint: Endpoint
        var processID: Int32
    }

    private struct Shared {
        var orders: [Order] = []
        var isOver = false
        /// `nil` until the thread runs.
        var wake: Int32?
    }

    private struct Watched {
        var order: Order
        var descriptor: Int32
    }

    private let shared = Mutex(Shared())
    private let pool = NIOThreadPool(numberOfThreads: 1)
    private let report: @Sendable (Report) -> Void

    init(report: @escaping @Sendable (Report) -> Void) {
        self.report = report
    }

    /// Watches the process that listens at `endpoint`, in place of the one watched so far.
    func watch(_ endpoint: Endpoint, processID: Int32) {
        let mustStart = shared.withLock { shared in
            shared.orders.append(Order(endpoint: endpoint, processID: processID))
            if let wake = shared.wake {
                eventfd_write(wake, 1)
                return false
            }
            guard !shared.isOver else { return false }
            shared.wake = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
            return true
        }
        guard mustStart else { return }
        pool.start()
        pool.submit { _ in self.run() }
    }

    /// Ends the thread; nothing is reported any more.
    func shutDown() async throws {
        let wasStarted = shared.withLock { shared in
            shared.isOver = true
            if let wake = shared.wake { eventfd_write(wake, 1) }
            return shared.wake != nil
        }
        guard wasStarted else { return }
        try await pool.shutdownGracefully()
        shared.withLock { shared in
            if let wake = shared.wake { close(wake) }
            shared.wake = nil
        }
    }

    private func run() {
        var watched: [Watched] = []
        defer { for one in watched { close(one.descriptor) } }
        while true {
            let (orders, isOver, wake) = shared.withLock { shared in
                defer { shared.orders = [] }
                return (shared.orders, shared.isOver, shared.wake ?? -1)
            }
            if isOver { return }
            for order in orders { accept(order, &watched) }
            wait(wake, &watched)
        }
    }

    private func accept(_ order: Order, _ watched: inout [Watched]) {
        watched.removeAll { one in
            guard one.order.endpoint == order.endpoint else { return false }
            close(one.descriptor)
            return true
        }
        // Opened before it is looked at: a number that is given to another process meanwhile
        // cannot be taken for the one that was checked.
        let descriptor = baton_pidfd_open(order.processID)
        var reason: String?
        if descriptor < 0 {
            reason =
                errno == ESRCH
                ? "there is no process \(order.processID) on this host (a container's own numbers?)"
                : "pidfd_open: \(String(cString: strerror(errno)))"
        } else {
            reason = ListeningProcess.doubt(
                processID: order.processID, port: order.endpoint.port)
        }
        guard let reason else {
            watched.append(Watched(order: order, descriptor: descriptor))
            return
        }
        if descriptor >= 0 { close(descriptor) }
        report(.unavailable(order.endpoint, processID: order.processID, reason: reason))
    }

    /// Sleeps until a process ends or there is an order.
    private func wait(_ wake: Int32, _ watched: inout [Watched]) {
        var polled = [pollfd(fd: wake, events: Int16(POLLIN), revents: 0)]
        polled += watched.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        guard poll(&polled, nfds_t(polled.count), -1) > 0 else { return }  // Interrupted.
        var count: eventfd_t = 0
        if polled[0].revents != 0 { eventfd_read(wake, &count) }
        for index in watched.indices.reversed() where polled[index + 1].revents != 0 {
            let ended = watched.remove(at: index)
            close(ended.descriptor)
            report(.ended(ended.order.endpoint, processID: ended.order.processID))
        }
    }
}
