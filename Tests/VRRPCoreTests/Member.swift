import Addressing
import MonotonicTime
import VRRPCore

/// A virtual router's member with a clock that the test moves; effects in short words.
struct Member {
    /// An effect, as far as most tests care.
    enum Word: Equatable {
        case send(priority: UInt8)
        case take
        case announce
        case giveUp
        case change(VirtualRouterRole, VirtualRouterRole)
    }

    var router: VirtualRouter
    var now = Instant(nanoseconds: 1_000_000_000_000)
    private(set) var lastReason: VirtualRouterTransition.Reason?

    init(_ settings: VirtualRouterSettings) {
        router = VirtualRouter(settings: settings)
    }

    static func backup(
        _ settings: VirtualRouterSettings, source: IPAddress = Samples.near
    ) -> Member {
        var member = Member(settings)
        _ = member.tell(.startup(source: source))
        return member
    }

    static func active(
        _ settings: VirtualRouterSettings, source: IPAddress = Samples.near
    ) -> Member {
        var member = backup(settings, source: source)
        if let due = member.router.nextDeadline, member.router.role == .backup {
            member.now = due
            _ = member.tell(.tick)
        }
        return member
    }

    mutating func tell(_ event: VirtualRouterEvent) -> [Word] {
        var effects: [VirtualRouterEffect] = []
        router.handle(event, at: now, effects: &effects)
        return effects.map { effect in
            switch effect {
            case .send(let advertisement): .send(priority: advertisement.priority)
            case .takeAddresses: .take
            case .announceAddresses: .announce
            case .giveUpAddresses: .giveUp
            case .changed(let transition): word(transition)
            }
        }
    }

    private mutating func word(_ transition: VirtualRouterTransition) -> Word {
        lastReason = transition.reason
        return .change(transition.from, transition.to)
    }

    /// Time passes, and is told once.
    mutating func pass(_ interval: Interval) -> [Word] {
        now = now + interval
        return tell(.tick)
    }

    mutating func hear(
        _ priority: UInt8, from source: IPAddress, interval: Interval? = nil
    ) -> [Word] {
        var advertisement = router.settings.advertisement(priority: priority)
        if let interval { advertisement.interval = interval }
        return tell(.heard(advertisement, from: source))
    }
}
