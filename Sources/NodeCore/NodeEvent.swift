public import SentinelCore

/// Everything that can happen to a ``Node``.
public enum NodeEvent: Equatable, Sendable {
    case sentinel(SentinelCore.Event)
    case address(AddressEvent)
    /// The program is asked to end: give up every address. ``Node/holdsNothing`` tells when that
    /// is done.
    case stopRequested
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
    /// Remove what a former life of the daemon, or a crash, left of the address on this host:
    /// bar it, reset its connections, remove it, unbar it. Done too when there was nothing.
    case clear(group: String)
    /// Open the address to new connections, add it to the interface and announce it at once
    /// (gratuitous ARP in both forms, or an unsolicited neighbour advertisement).
    case take(group: String)
    /// Announce once more.
    case announce(group: String)
    /// Refuse new connections to the address with a reset.
    case bar(group: String)
    /// Reset the established connections to the address (before it leaves, or clients hang).
    case reset(group: String)
    /// Remove the address from the interface, then unbar it.
    case remove(group: String)
}

/// What became of an ``AddressEffect``, and what the kernel reports unasked.
public enum AddressEvent: Equatable, Sendable {
    /// The step that was asked for, without its group.
    public enum Step: String, Equatable, Sendable, CaseIterable {
        case clear, take, announce, bar, reset, remove
    }

    case done(group: String, Step)
    /// `reason` is a whole sentence for the operator.
    case failed(group: String, Step, reason: String)
    /// The address is no longer on its interface, and we did not remove it.
    case vanished(group: String)
}
