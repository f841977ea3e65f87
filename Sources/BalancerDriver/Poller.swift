internal import CLinux
internal import Glibc

/// What a descriptor is to the reactor; travels through the kernel with each event.
enum Token: Equatable {
    case listener(Int)
    case mailbox
    case client(slot: UInt32, generation: UInt32)
    case upstream(slot: UInt32, generation: UInt32)

    /// Kind in the top two bits, generation in the next thirty: an event for a former life of a
    /// slot is recognised unless it had 2^29 lives within one turn.
    @inline(__always)
    var bits: UInt64 {
        switch self {
        case .listener(let index):
            UInt64(index)
        case .mailbox:
            1 << 62
        case .client(let slot, let generation):
            2 << 62 | UInt64(generation & Self.generationMask) << 32 | UInt64(slot)
        case .upstream(let slot, let generation):
            3 << 62 | UInt64(generation & Self.generationMask) << 32 | UInt64(slot)
        }
    }

    @inline(__always)
    init(bits: UInt64) {
        let slot = UInt32(truncatingIfNeeded: bits)
        let generation = UInt32(truncatingIfNeeded: bits >> 32) & Self.generationMask
        switch bits >> 62 {
        case 0: self = .listener(Int(slot))
        case 1: self = .mailbox
        case 2: self = .client(slot: slot, generation: generation)
        case _: self = .upstream(slot: slot, generation: generation)
        }
    }

    static let generationMask: UInt32 = 0x3FFF_FFFF
}

/// What to hear of a descriptor. Errors and hang-ups are always heard of.
struct Interest: OptionSet {
    let rawValue: UInt32

    static let read = Interest(rawValue: clinuxPollIn)
    static let write = Interest(rawValue: clinuxPollOut)
    /// The peer sends no more, whether or not all that it sent was read.
    static let hangUp = Interest(rawValue: clinuxPollPeerHangUp)
}

/// The kernel's list of descriptors that something can happen to (epoll(7)), level-triggered: a
/// read that takes less than there is needs no second one to find out.
struct Poller: ~Copyable {
    /// What happened to one descriptor.
    struct Happening {
        var token: Token
        var isReadable: Bool
        var isWritable: Bool
        /// The peer sends no more; only where that is of interest.
        var hasHungUp: Bool
        /// An error, or both directions are shut.
        var isBroken: Bool
    }

    private let descriptor: Int32
    private let events: UnsafeMutablePointer<epoll_event>
    private static let eventCountMax = 512

    init() throws(BalancerDriverError) {
        descriptor = epoll_create1(clinuxPollFlags)
        guard descriptor >= 0 else { throw .systemCall("epoll_create1", errno) }
        events = .allocate(capacity: Self.eventCountMax)
    }

    deinit {
        close(descriptor)
        events.deallocate()
    }

    func add(_ number: Int32, _ interest: Interest, _ token: Token) -> Bool {
        control(EPOLL_CTL_ADD, number, interest, token)
    }

    func change(_ number: Int32, _ interest: Interest, _ token: Token) {
        _ = control(EPOLL_CTL_MOD, number, interest, token)
    }

    private func control(
        _ operation: Int32, _ number: Int32, _ interest: Interest, _ token: Token
    ) -> Bool {
        var event = epoll_event()
        event.events = interest.rawValue
        event.data.u64 = token.bits
        return epoll_ctl(descriptor, operation, number, &event) == 0
    }

    /// Waits for something to happen, at most for so long; how many things did.
    func wait(milliseconds: Int32) -> Int {
        Int(max(0, epoll_wait(descriptor, events, Int32(Self.eventCountMax), milliseconds)))
    }

    @inline(__always)
    func happening(_ index: Int) -> Happening {
        let event = events[index]
        return Happening(
            token: Token(bits: event.data.u64),
            isReadable: event.events & clinuxPollIn != 0,
            isWritable: event.events & clinuxPollOut != 0,
            hasHungUp: event.events & clinuxPollPeerHangUp != 0,
            isBroken: event.events & (clinuxPollError | clinuxPollHangUp) != 0)
    }
}
