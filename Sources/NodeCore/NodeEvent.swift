public import Addressing
public import MonotonicTime
public import SentinelCore

/// Everything that can happen to a ``Node``.
public enum NodeEvent: Equatable, Sendable {
    case sentinel(SentinelCore.Event)
    case address(AddressEvent)
    /// This whole machine has stood still, or may have: a lease that runs by its clocks may be over
    /// by all others'.
    case stoodStill
}

/// Everything that a ``Node`` can want done, in order.
public enum NodeEffect: Equatable, Sendable {
    case sentinel(SentinelCore.Effect)
    case address(AddressEffect)
}

/// One step that a host takes with the write address of a group. The driver does them one after
/// another in the order given and reports each as ``AddressEvent/done(group:_:)`` or
/// ``AddressEvent/failed(group:_:reason:)``.
public enum AddressEffect: Equatable, Sendable {
    /// Look whether a former life's lease still runs in the kernel; answered by
    /// ``AddressEvent/found(group:until:)``.
    case inspect(group: String)
    /// Remove what a former life of the daemon, or a crash, left of the address on this host:
    /// bar it, reset its connections, remove it, unbar it. Done too when there was nothing.
    case clear(group: String)
    /// Ask the network once whether anybody has the address (RFC 5227 section 2.1.1; RFC 4862
    /// section 5.4). Done when the question is out; each answer is an
    /// ``AddressEvent/claimed(group:by:isPeer:)``, never before that.
    case probe(group: String)
    /// Let the kernel pass packets of the address until the moment given and no longer, add it to
    /// the interface and announce it at once (gratuitous ARP in both forms, or an unsolicited
    /// neighbour advertisement). As long everybody may reach the port, should it be fenced. Fails
    /// when the moment has passed.
    case take(group: String, port: UInt16?, until: Instant)
    /// Put the kernel's deadline off. Answered by ``AddressEvent/lapsed(group:)`` when it had
    /// passed: then nothing was put off.
    case renew(group: String, port: UInt16?, until: Instant)
    /// Announce once more.
    case announce(group: String)
    /// End the kernel's lease in silence: nothing comes in and only resets leave, so that who waits
    /// for an answer waits on until it is reset. For a handover.
    case hush(group: String, port: UInt16?)
    /// End the kernel's lease; refuse new connections to the address with a reset.
    case bar(group: String, port: UInt16?)
    /// Reset the established connections to the address (before it leaves, or clients hang).
    case reset(group: String)
    /// Remove the address from the interface, then neither bar nor hush it any more.
    case remove(group: String)
    /// Another host holds the address since this epoch: ask the network for it at a quick pace, and
    /// for the holder's own address there, until both are answered by the same hardware address or
    /// a second has passed; answered by ``AddressEvent/sighted(group:epoch:_:)``.
    case verify(group: String, epoch: Epoch, holder: IPAddress)
    /// These are the other hosts' addresses on the network of the write address: ask them whether
    /// they are there, and report ``AddressEvent/network(group:own:isReached:)``.
    case watch(group: String, neighbours: [IPAddress])
    /// Keep all but this host and the cluster's own from the server's port, unless a lease admits
    /// them.
    case fence(group: String, port: UInt16)
    /// Open the server's port to everybody.
    case unfence(group: String, port: UInt16)
}

/// What a host heard when it asked the network for an address that another host holds.
public struct Sighting: Equatable, Sendable {
    /// The hardware address that answered for the address last; `nil` when none did.
    public var answering: String?
    /// The hardware address of the holder's own address there; `nil` when that was not answered.
    public var holder: String?
    /// From the first question to the answer, or to the end of the patience.
    public var after: Interval

    public init(answering: String?, holder: String?, after: Interval) {
        self.answering = answering
        self.holder = holder
        self.after = after
    }

    /// The holder answers, and was the last that did.
    public var isConfirmed: Bool { answering != nil && answering == holder }
}

/// What became of an ``AddressEffect``, and what the kernel reports unasked.
public enum AddressEvent: Equatable, Sendable {
    /// The step that was asked for, without its group.
    public enum Step: String, Equatable, Sendable, CaseIterable {
        case inspect, clear, take, renew, announce, hush, bar, reset, remove, fence, unfence
        case watch, probe, verify
    }

    /// What a former life left: its lease runs until then, or there is none.
    case found(group: String, until: Instant?)
    case done(group: String, Step)
    /// `reason` is a whole sentence for the operator.
    case failed(group: String, Step, reason: String)
    /// The kernel's lease had ended before it was renewed.
    case lapsed(group: String)
    /// Whether this host is heard on the network of the address, and its own address there; `nil`
    /// when that can't be told.
    case network(group: String, own: IPAddress?, isReached: Bool?)
    /// Somebody else says that the address is his, asked or unasked: the claimant's hardware
    /// address, and whether it is known as a peer's.
    case claimed(group: String, by: String, isPeer: Bool)
    /// What came of asking for an address that another host holds since that epoch.
    case sighted(group: String, epoch: Epoch, Sighting)
    /// Somebody else, a program of that name where it is known, laid hands on what guards the
    /// address in the packet filter; it was put right.
    case tampered(group: String, by: String?)
    /// The address is no longer on its interface, and we did not remove it.
    case vanished(group: String)
}
