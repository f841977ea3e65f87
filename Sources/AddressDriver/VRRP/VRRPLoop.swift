import CLinux
import Glibc
import MonotonicTime
import Netlink
import Synchronization
import VRRPCore

/// The side of ``VRRPDriver`` that its thread runs.
final class VRRPLoop: Sendable {
    /// What the thread is woken for.
    enum Order: Sendable {
        case tell(String, VirtualRouterEvent)
        case stop
    }

    /// How often interfaces and addresses are looked at, whatever is told of them.
    private static let lookPeriod = Interval.seconds(1)

    private let wakeup: Descriptor
    /// Wakes the thread at a moment of ``BootTime``, exact to what the kernel's timers are.
    private let timer: Descriptor
    private let changes: NoticeSocket
    private let orders = Mutex<[Order]>([])
    private let statuses = Mutex<[VRRPStatus]>([])

    init() throws(NetlinkError) {
        let wakeup = eventfd(0, clinuxEventFlags)
        guard wakeup >= 0 else { throw .systemCall(name: "eventfd", errno: errno) }
        self.wakeup = Descriptor(owning: wakeup)
        let timer = timerfd_create(CLOCK_BOOTTIME, clinuxTimerFlags)
        guard timer >= 0 else { throw .systemCall(name: "timerfd_create", errno: errno) }
        self.timer = Descriptor(owning: timer)
        changes = try NoticeSocket()
    }

    /// From any thread.
    func give(_ order: Order) {
        orders.withLock { $0.append(order) }
        eventfd_write(wakeup.number, 1)
    }

    /// From any thread: as it was after the last thing that happened.
    var status: [VRRPStatus] { statuses.withLock { $0 } }

    /// Returns when all instances have given up what they had, after ``Order/stop``.
    func run(_ instances: [VRRPInstance], _ placement: AddressPlacement) {
        var lookAt = BootTime.now()
        while true {
            let now = BootTime.now()
            let isLookDue = now >= lookAt
            if isLookDue {
                for instance in instances { instance.refresh() }
                lookAt = now + Self.lookPeriod
            }
            if isLookDue || hasChanged() { look(instances, placement) }
            for order in takeOrders() { carry(order, instances) }
            // What has come counts before what has lapsed: a thread that was held up must not take
            // a queue of advertisements for silence.
            for instance in instances { instance.receive(at: BootTime.now()) }
            for instance in instances { instance.tell(.tick, at: BootTime.now()) }
            let status = instances.map(\.status)
            statuses.withLock { $0 = status }
            if instances.allSatisfy(\.isOver) { return }
            wait(instances, until: lookAt)
        }
    }

    private func carry(_ order: Order, _ instances: [VRRPInstance]) {
        let now = BootTime.now()
        switch order {
        case .tell(let name, let event):
            for instance in instances where instance.assignment.name == name {
                instance.tell(event, at: now)
            }
        case .stop:
            for instance in instances { instance.stop(at: now) }
        }
    }

    private func wait(_ instances: [VRRPInstance], until lookAt: Instant) {
        let due = instances.compactMap { $0.router.nextDeadline }.reduce(lookAt, min)
        // 0 would disarm it; what is due already is due now.
        let nanoseconds = max(due.nanoseconds, 1)
        var setting = itimerspec()
        setting.it_value.tv_sec = Int(nanoseconds / 1_000_000_000)
        setting.it_value.tv_nsec = Int(nanoseconds % 1_000_000_000)
        timerfd_settime(timer.number, clinuxTimerAbsolute, &setting, nil)
        let numbers =
            [wakeup.number, timer.number, changes.number] + instances.compactMap(\.socketNumber)
        var waited = numbers.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        // EINTR and a look too many do no harm.
        _ = poll(&waited, nfds_t(waited.count), -1)
        var count: UInt64 = 0
        _ = read(timer.number, &count, MemoryLayout<UInt64>.size)
    }

    private func hasChanged() -> Bool {
        // What can't be read is looked at once a second.
        guard let notices = try? changes.receive() else { return false }
        return !notices.isEmpty
    }

    /// One list that cannot be read leaves all as it is: the next is due within a second.
    private func look(_ instances: [VRRPInstance], _ placement: AddressPlacement) {
        guard let links = try? placement.links(), let addresses = try? placement.addresses() else {
            return
        }
        for instance in instances {
            instance.look(links: links, addresses: addresses, at: BootTime.now())
        }
    }

    private func takeOrders() -> [Order] {
        var count: UInt64 = 0
        eventfd_read(wakeup.number, &count)
        return orders.withLock { orders in
            defer { orders.removeAll() }
            return orders
        }
    }
}
