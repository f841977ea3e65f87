public import Addressing
internal import CLinux
internal import Glibc
public import LeaseCore
internal import Netlink
public import NodeCore
internal import Synchronization

/// Carries out the steps that a ``NodeCore/Node`` decides for the write addresses of this host.
///
/// One thread of its own does them, one after another in the order given, so that neither the
/// kernel's locks nor a slow announcement hold up the node's loop, and no step overtakes another.
/// What the kernel reports unasked (somebody removed an address) comes the same way.
public final class AddressDriver: Sendable {
    /// The write address of one group.
    public struct Assignment: Equatable, Sendable {
        public var group: String
        /// With the length of the network that it is one of.
        public var prefix: Prefix
        /// `nil`: the interface whose network contains the address.
        public var interface: String?

        public init(group: String, prefix: Prefix, interface: String? = nil) {
            self.group = group
            self.prefix = prefix
            self.interface = interface
        }
    }

    private let queue = WorkQueue()
    private let thread: pthread_t
    private let watch: AddressWatch
    private let neighbours: NeighbourWatch

    /// Starts the thread, in the network namespace of the caller.
    ///
    /// - Parameters:
    ///   - assignments: one a group; guarded by the kernel from now on.
    ///   - trusted: the cluster's own hosts.
    ///   - enforcement: which part of the kernel ends a lease.
    ///   - notice: is told what happened unasked, on the driver's thread.
    public init(
        _ assignments: [Assignment], trusted: [IPAddress] = [],
        enforcement: LeaseEnforcement = .packetFilter,
        notice: @escaping @Sendable (AddressEvent) -> Void
    ) throws(AddressFailure) {
        let (keeper, filterPorts) = try Self.keeper(assignments, trusted, enforcement)
        neighbours = try NeighbourWatch(
            assignments.map {
                NeighbourWatch.Place(
                    group: $0.group, address: $0.prefix.address, interface: $0.interface)
            }, notice: notice)
        let worker = AddressWorker(
            assignments, keeper: keeper, neighbourWatch: neighbours, notice: notice)
        let queue = queue
        watch = try AddressWatch(filterPorts: filterPorts) { notices in
            for notice in notices { queue.add(.notice(notice)) }
        }
        let box = Unmanaged.passRetained(WorkerBox(worker: worker, queue: queue))
        var thread = pthread_t()
        let result = pthread_create(&thread, nil, runAddressWorker, box.toOpaque())
        guard result == 0 else {
            box.release()
            throw AddressFailure(
                "cannot start the thread that keeps addresses",
                because: .systemCall(name: "pthread_create", errno: result))
        }
        self.thread = thread
    }

    /// Who keeps the addresses, and whose changes of the packet filter are no news.
    private static func keeper(
        _ assignments: [Assignment], _ trusted: [IPAddress], _ enforcement: LeaseEnforcement
    ) throws(AddressFailure) -> (any AddressKeeping, filterPorts: [UInt32]?) {
        switch enforcement {
        case .packetFilter:
            let keeper = try AddressKeeper()
            try keeper.guardAddresses(
                assignments.map { ($0.prefix, $0.interface) }, trusted: trusted
            ).get()
            return (keeper, [keeper.filterPort])
        case .addressLifetime:
            let keeper = try LifetimeKeeper()
            try keeper.begin(assignments.map(\.prefix.address)).get()
            return (keeper, nil)
        }
    }

    /// Does the step after all earlier ones, then reports what became of it, on the driver's
    /// thread. Only questions to the network wait for no other step.
    public func carry(
        _ effect: AddressEffect, report: @escaping @Sendable (AddressEvent) -> Void
    ) {
        // The thread that hears the answers asks, so that none overtakes the question.
        switch effect {
        case .probe(let group):
            return neighbours.probe(group, report: report)
        case .verify(let group, let epoch, let holder):
            return neighbours.seek(group, epoch: epoch, holder: holder, report: report)
        case .inspect, .clear, .take, .renew, .announce, .hush, .bar, .reset, .remove, .watch,
            .fence, .unfence:
            break
        }
        queue.add(.effect(effect, report))
    }

    /// Ends the threads after the steps that were given. Addresses stay as they are.
    public func stop() {
        watch.stop()
        neighbours.stop()
        queue.add(.stop)
        pthread_join(thread, nil)
    }
}

/// What the thread is woken for.
private enum Work: Sendable {
    case effect(AddressEffect, @Sendable (AddressEvent) -> Void)
    case notice(Notice)
    case stop
}

/// Hands work to the thread. Bounded by what the node can want at once: a few steps an address.
private final class WorkQueue: Sendable {
    private let waiting = Mutex<[Work]>([])
    private let descriptor = eventfd(0, Int32(EFD_CLOEXEC))

    func add(_ work: Work) {
        waiting.withLock { $0.append(work) }
        eventfd_write(descriptor, 1)
    }

    /// Blocks until there is something to do.
    func take() -> [Work] {
        while true {
            let work = waiting.withLock { waiting in
                defer { waiting.removeAll() }
                return waiting
            }
            if !work.isEmpty { return work }
            var count: UInt64 = 0
            eventfd_read(descriptor, &count)
        }
    }

    deinit { close(descriptor) }
}

private final class WorkerBox {
    let worker: AddressWorker
    let queue: WorkQueue

    init(worker: AddressWorker, queue: WorkQueue) {
        self.worker = worker
        self.queue = queue
    }
}

private func runAddressWorker(_ box: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let box else { return nil }
    pthread_setname_np(pthread_self(), "baton-address")
    let context = Unmanaged<WorkerBox>.fromOpaque(box).takeRetainedValue()
    while true {
        for work in context.queue.take() {
            switch work {
            case .effect(let effect, let report): report(context.worker.carry(effect))
            case .notice(let notice): context.worker.notice(notice)
            case .stop: return nil
            }
        }
    }
}
