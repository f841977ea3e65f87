public import MonotonicTime

/// What of a host's kernel ends a lease when its time is over, whether or not Baton lives.
public enum LeaseEnforcement: String, Equatable, Sendable, CaseIterable {
    /// Sets of nf_tables whose elements expire; the address's lifetime is a second layer.
    case packetFilter = "packet-filter"
    /// The lifetime of the address on its interface (`valid_lft`), alone: for a kernel without
    /// nf_tables. Nothing fences the server's own port, and no connection is reset by the kernel.
    case addressLifetime = "address-lifetime"

    /// e: how late the kernel may still let a packet pass.
    ///
    /// nf_tables compares jiffies (at most 10 ms) at each packet; the rest is room for the moment
    /// between reading the clock and the kernel's commit, which is checked after the commit.
    ///
    /// A lifetime's whole seconds are rounded down, so that they end before D does and cost D, not
    /// e. But the kernel looks for what has expired no more often than once a second
    /// (ADDRCONF_TIMER_FUZZ_MAX; both families), whichever address it looked for last: so late it
    /// may be by design (measured: 0.99 s where another address was changed just before). Half a
    /// second is room for the commit, the kernel's work queue and the lock of the interfaces.
    public var lateness: Interval {
        switch self {
        case .packetFilter: .milliseconds(50)
        case .addressLifetime: .milliseconds(1500)
        }
    }

    /// The least D.
    ///
    /// With the packet filter: less than this a delayed packet or a slow wake-up would lapse.
    ///
    /// With the lifetime: of D what is left when the voters have answered is rounded down to whole
    /// seconds. Two of them outlast three renewals, of which there is one every D / 4, so that two
    /// in a row may be lost; one would not. A tenth of a second is for the voters' answers.
    public var useMin: Interval {
        switch self {
        case .packetFilter: .milliseconds(400)
        case .addressLifetime: .milliseconds(2100)
        }
    }
}
