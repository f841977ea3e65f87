internal import Addressing
internal import CLinux
internal import Glibc
internal import MonotonicTime
internal import Netlink
internal import Synchronization
internal import VRRPCore

/// Takes part in virtual routers: speaks VRRP for them, and has their addresses while this host is
/// the active one. Needs CAP_NET_ADMIN and CAP_NET_RAW.
///
/// One thread of its own does all of it, in the network namespace of the caller. There is no
/// quorum: see ``VRRPCore/VirtualRouter``.
public final class VRRPDriver: Sendable {
    private let loop: VRRPLoop
    private let thread: pthread_t
    private let isStopped = Mutex(false)

    /// Removes the addresses that a former life left, then starts the thread.
    ///
    /// - Parameters:
    ///   - assignments: each with a name of its own. An interface that is not there yet, or not
    ///     any more, is waited for.
    ///   - notice: is told what happened, with the assignment's name, on the driver's thread.
    public init(
        _ assignments: [VRRPAssignment],
        notice: @escaping @Sendable (String, VRRPNotice) -> Void
    ) throws(AddressFailure) {
        try Self.check(assignments)
        let placement = try AddressPlacement(mark: ConfiguredAddress.virtualRouterMark)
        do throws(NetlinkError) {
            loop = try VRRPLoop()
        } catch {
            throw AddressFailure("cannot speak VRRP", because: error)
        }
        try Self.removeLeftovers(assignments, placement)
        let instances = assignments.map { assignment in
            VRRPInstance(assignment, placement: placement, at: BootTime.now()) {
                notice(assignment.name, $0)
            }
        }
        var thread = pthread_t()
        let box = Unmanaged.passRetained(VRRPStart(loop, instances, placement))
        let result = pthread_create(&thread, nil, runVRRPLoop, box.toOpaque())
        guard result == 0 else {
            box.release()
            throw AddressFailure(
                "cannot speak VRRP", because: .systemCall(name: "pthread_create", errno: result))
        }
        self.thread = thread
    }

    private static func check(_ assignments: [VRRPAssignment]) throws(AddressFailure) {
        for (index, assignment) in assignments.enumerated() {
            let earlier = assignments.prefix(index)
            let objection =
                assignment.settings.objection
                ?? (earlier.contains { $0.name == assignment.name }
                    ? "there are two of that name" : nil)
            guard let objection else { continue }
            throw AddressFailure(
                what: "cannot take part in the virtual router \(assignment.name)",
                reason: objection, source: .configuration, advice: "correct the configuration")
        }
    }

    /// Clients that are connected are reset first. What a host owns is no leftover.
    private static func removeLeftovers(
        _ assignments: [VRRPAssignment], _ placement: AddressPlacement
    ) throws(AddressFailure) {
        func addresses(owned: Bool) -> [IPAddress] {
            assignments.map(\.settings)
                .filter { ($0.priority == Advertisement.ownerPriority) == owned }
                .flatMap(\.addresses)
        }
        var failures: [AddressFailure] = []
        let leftovers = placement.leftovers(
            of: addresses(owned: false), sparing: addresses(owned: true), &failures)
        for address in leftovers {
            _ = placement.resetConnections(address)
            if case .failure(let failure) = placement.remove(address) { failures.append(failure) }
        }
        if let failure = failures.first { throw failure }
    }

    /// The effective priority from now on, as health has it: 1 to 254.
    ///
    /// A lower one lets a better host preempt within its down interval; ``handOver(_:)`` besides
    /// does it at once.
    public func setPriority(_ priority: UInt8, of name: String) {
        loop.give(.tell(name, .prioritySet(priority)))
    }

    /// Somebody else is to have the addresses now, if there is anybody; nobody is preempted until
    /// the priority is set anew.
    public func handOver(_ name: String) {
        loop.give(.tell(name, .handOver))
    }

    /// How this host stands in each, in the order of the assignments; empty in the first moment.
    public var status: [VRRPStatus] { loop.status }

    /// Resigns where this host is active, waits until another has the addresses or a moment is over
    /// (a second at the most), gives them up and ends the thread. Not from within `notice`.
    public func stop() {
        let isFirst = isStopped.withLock { stopped in
            defer { stopped = true }
            return !stopped
        }
        guard isFirst else { return }
        loop.give(.stop)
        pthread_join(thread, nil)
    }

    deinit {
        stop()
    }
}

/// What the thread begins with: sockets that one thread at a time may use.
private final class VRRPStart {
    let loop: VRRPLoop
    let instances: [VRRPInstance]
    let placement: AddressPlacement

    init(_ loop: VRRPLoop, _ instances: [VRRPInstance], _ placement: AddressPlacement) {
        self.loop = loop
        self.instances = instances
        self.placement = placement
    }
}

private func runVRRPLoop(_ box: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let box else { return nil }
    pthread_setname_np(pthread_self(), "baton-vrrp")
    let start = Unmanaged<VRRPStart>.fromOpaque(box).takeRetainedValue()
    start.loop.run(start.instances, start.placement)
    return nil
}
