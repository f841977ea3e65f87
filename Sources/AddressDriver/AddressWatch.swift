internal import CLinux
internal import Glibc
public import Netlink
internal import Synchronization

/// Reports every change of this host's interfaces and addresses, and what others do to Baton's
/// tables in the packet filter, from a thread of its own.
///
/// Changes after `init` are reported, in the kernel's order; what was before must be listed after
/// `init`. On ``Notice/resynchronise`` it must be listed again.
public final class AddressWatch: Sendable {
    private let thread: pthread_t
    private let loop: WatchLoop
    private let isStopped = Mutex(false)

    /// Starts the thread, in the caller's network namespace.
    ///
    /// - Parameters:
    ///   - filterPorts: those whose changes of Baton's tables are no news; `nil` to leave the
    ///     packet filter unwatched.
    ///   - tableName: Baton's table in the packet filter.
    ///   - deliver: is called on that thread, one call at a time, with at least one notice; while
    ///     it runs nothing is read, so it should only hand them on.
    public init(
        filterPorts: [UInt32]? = nil, tableName: String = "baton",
        deliver: @escaping @Sendable ([Notice]) -> Void
    ) throws(AddressFailure) {
        let what = "cannot watch interfaces and addresses"
        do throws(NetlinkError) {
            loop = try WatchLoop(
                filterPorts: filterPorts, tableName: tableName, deliver: deliver)
        } catch {
            throw AddressFailure(what, because: error)
        }
        var thread = pthread_t()
        let box = Unmanaged.passRetained(loop)
        let result = pthread_create(&thread, nil, runWatchLoop, box.toOpaque())
        guard result == 0 else {
            box.release()
            throw AddressFailure(
                what, because: .systemCall(name: "pthread_create", errno: result))
        }
        self.thread = thread
    }

    deinit {
        stop()
    }

    /// Ends the thread; nothing is delivered after this returns. From within `deliver` itself:
    /// nothing after that call.
    public func stop() {
        let isFirst = isStopped.withLock { stopped in
            defer { stopped = true }
            return !stopped
        }
        guard isFirst else { return }
        loop.wake()
        if pthread_equal(pthread_self(), thread) != 0 {
            pthread_detach(thread)
        } else {
            pthread_join(thread, nil)
        }
    }
}

/// The thread's side; it holds no reference to the watch, so that the watch can end it.
private final class WatchLoop: Sendable {
    /// After a failed read, which should not happen: wait so long, so that it does not spin.
    private static let failurePauseMilliseconds: Int32 = 1000

    private let notices: NoticeSocket
    private let filter: FilterListener?
    private let wakeup: Descriptor
    private let deliver: @Sendable ([Notice]) -> Void

    init(
        filterPorts: [UInt32]?, tableName: String,
        deliver: @escaping @Sendable ([Notice]) -> Void
    ) throws(NetlinkError) {
        let number = eventfd(0, clinuxEventFlags)
        guard number >= 0 else { throw .systemCall(name: "eventfd", errno: errno) }
        wakeup = Descriptor(owning: number)
        notices = try NoticeSocket()
        if let filterPorts {
            filter = FilterListener(
                try FilterNoticeSocket(tableName: tableName, ownPorts: filterPorts))
        } else {
            filter = nil
        }
        self.deliver = deliver
    }

    /// Makes ``run()`` return.
    func wake() {
        eventfd_write(wakeup.number, 1)
    }

    func run() {
        var waited = [
            pollfd(fd: wakeup.number, events: Int16(POLLIN), revents: 0),
            pollfd(fd: notices.number, events: Int16(POLLIN), revents: 0),
            // A negative number is passed over.
            pollfd(fd: filter?.socket.number ?? -1, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            let count = poll(&waited, nfds_t(waited.count), -1)
            if count < 0 { continue }  // EINTR: nothing else can go wrong with these.
            if waited[0].revents != 0 { return }
            do throws(NetlinkError) {
                let received = try notices.receive() + (filter?.socket.receive() ?? [])
                if !received.isEmpty { deliver(received) }
            } catch {
                let lost: [Notice] = [.resynchronise, .filterChanged(by: nil)]
                deliver(filter == nil ? Array(lost.prefix(1)) : lost)
                if poll(&waited, 1, Self.failurePauseMilliseconds) > 0 { return }
            }
        }
    }
}

/// Holds a socket that may not be there: what cannot be copied cannot be looked at in an optional.
private final class FilterListener: Sendable {
    let socket: FilterNoticeSocket

    init(_ socket: consuming FilterNoticeSocket) {
        self.socket = socket
    }
}

private func runWatchLoop(_ box: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let box else { return nil }
    pthread_setname_np(pthread_self(), "baton-watch")
    Unmanaged<WatchLoop>.fromOpaque(box).takeRetainedValue().run()
    return nil
}
