public import Addressing

/// What a ``VirtualRouter`` is told.
public enum VirtualRouterEvent: Equatable, Sendable {
    /// The interface is usable, and this is the address to advertise from: the machine takes part
    /// from now on. Told again when the address is another one.
    case startup(source: IPAddress)
    /// The interface is gone, off or without carrier: nobody is heard and nobody hears.
    case interfaceLost
    /// Time has passed, to ``VirtualRouter/nextDeadline`` or so. What has arrived meanwhile is
    /// to be told **before**: an advertisement in the queue shows that the active host lives.
    case tick
    /// ``Reception`` admitted an advertisement.
    case heard(Advertisement, from: IPAddress)
    /// The effective priority is another one from now on: 1 to 254 (0 counts as 1), or 255 for who
    /// owns the addresses.
    case prioritySet(UInt8)
    /// Somebody else is to have the addresses, though this host lives: it resigns if it is active,
    /// and preempts nobody until its priority is set anew.
    case handOver
    /// This host takes part no longer; it resigns if it is active.
    case shutdown
}
