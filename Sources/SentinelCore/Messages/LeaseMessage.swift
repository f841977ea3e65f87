public import Addressing
public import MonotonicTime

/// When a holder said something, in its own order. Two connections may deliver in another: a
/// release that was overtaken by a newer request must not end what that one was granted.
public struct LeaseStamp: Equatable, Sendable {
    /// Which life of the holder's process says it; a later one has a greater number.
    public var life: UInt64
    /// Grows with everything that it says.
    public var number: UInt64

    public init(life: UInt64, number: UInt64) {
        self.life = life
        self.number = number
    }

    /// Said before the other.
    @inlinable
    public func isOlder(than other: LeaseStamp) -> Bool {
        (life, number) < (other.life, other.number)
    }
}

/// Asked of every voter by the host that holds a group's write address, or wants to.
public struct LeaseRequest: Equatable, Sendable {
    public var group: String
    /// The epoch of the configuration that made the host's server the primary: the fencing token.
    public var epoch: Epoch
    /// The node that would hold.
    public var holder: RunID
    /// L: for how long the voter is to promise nobody else.
    public var promise: Interval
    public var stamp: LeaseStamp
    /// The number of the voter set by which the holder counts its majority.
    public var voters: UInt64

    public init(
        group: String, epoch: Epoch, holder: RunID, promise: Interval, stamp: LeaseStamp,
        voters: UInt64 = 0
    ) {
        self.voters = voters
        self.group = group
        self.epoch = epoch
        self.holder = holder
        self.promise = promise
        self.stamp = stamp
    }
}

/// A voter's answer to a ``LeaseRequest``.
public struct LeaseReply: Equatable, Sendable {
    public var group: String
    public var epoch: Epoch
    /// `nil` when it was granted.
    public var refusal: LeaseRefusal?
    /// Another's promise ends so soon, by the voter's clock; asking again then may help.
    public var retryAfter: Interval?

    public init(
        group: String, epoch: Epoch, refusal: LeaseRefusal? = nil, retryAfter: Interval? = nil
    ) {
        self.group = group
        self.epoch = epoch
        self.refusal = refusal
        self.retryAfter = retryAfter
    }
}

/// Why a lease was not granted.
public enum LeaseRefusal: String, Equatable, Sendable, CaseIterable {
    /// A newer epoch has begun, or the holder itself has said something newer.
    case outdated
    /// Another host has the grant of this very epoch.
    case taken
    /// Another host has a promise that still runs.
    case promised
    /// The voter has started lately, and may have promised in its former life.
    case silent
    /// A newer voter set is in force than the one that the holder counts by.
    case oldVoters = "old-voters"
    /// The voter can't make a grant durable now.
    case notDurable = "not-durable"
}

/// The former holder no longer answers for the address: nobody need wait for its lease to lapse.
public struct LeaseRelease: Equatable, Sendable {
    public var group: String
    public var epoch: Epoch
    public var holder: RunID
    public var stamp: LeaseStamp

    public init(group: String, epoch: Epoch, holder: RunID, stamp: LeaseStamp) {
        self.group = group
        self.epoch = epoch
        self.holder = holder
        self.stamp = stamp
    }
}

/// What a voter must not forget of the lease that it granted.
public struct LeaseGrant: Equatable, Sendable {
    public var epoch: Epoch
    public var holder: RunID
    /// L of that lease.
    public var promise: Interval

    public init(epoch: Epoch, holder: RunID, promise: Interval) {
        self.epoch = epoch
        self.holder = holder
        self.promise = promise
    }
}

/// The leader of a failover names the server that is to be the primary in its epoch. The node on
/// that server's host asks the voters for the lease, and promotes the server when it has it.
public struct Appointment: Equatable, Sendable {
    public var group: String
    public var epoch: Epoch
    public var server: Endpoint
    /// The present holder is well: its host pauses writes until the server has everything.
    public var isCoordinated: Bool

    public init(group: String, epoch: Epoch, server: Endpoint, isCoordinated: Bool = false) {
        self.group = group
        self.epoch = epoch
        self.server = server
        self.isCoordinated = isCoordinated
    }
}

/// A candidate gives an epoch up before it has chosen a replica: whoever voted for it need not wait
/// for it.
public struct Withdrawal: Equatable, Sendable {
    public var group: String
    public var epoch: Epoch
    public var candidate: RunID

    public init(group: String, epoch: Epoch, candidate: RunID) {
        self.group = group
        self.epoch = epoch
        self.candidate = candidate
    }
}
