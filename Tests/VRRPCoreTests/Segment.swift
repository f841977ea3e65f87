import Addressing
import MonotonicTime
import VRRPCore

/// A network segment with two or three members of one virtual router under virtual time. Packets
/// are delayed, and lost or cut off while a fault says so; all chance comes from one seed.
struct Segment {
    /// What is wrong with every member, so that a checker has something to find.
    enum Flaw {
        case none
        /// Heeds no advertisement.
        case deaf
        /// A backup that never takes over.
        case numb
        /// Changes its priority again and again.
        case fickle
    }

    struct Host {
        let settings: VirtualRouterSettings
        let source: IPAddress
        var router: VirtualRouter
        /// Its process runs.
        var isUp = false
        /// It stands still: what arrives waits, and so do its timers.
        var isStalled = false
        var waiting: [Packet] = []
    }

    struct Packet {
        let due: Instant
        let from: Int
        let to: Int
        let advertisement: Advertisement
    }

    static let delayMax = Interval.milliseconds(20)

    private(set) var now = Instant(nanoseconds: 1_000_000_000_000)
    private(set) var hosts: [Host]
    private(set) var checkers: SegmentCheckers
    private var packets: [Packet] = []
    var noise: Noise
    var lossPercent = 0
    /// `cut[from][to]`.
    private var cut: [[Bool]]
    private let flaw: Flaw
    private var nextWhim: Instant

    init(_ settings: [VirtualRouterSettings], seed: UInt64, flaw: Flaw = .none) {
        hosts = settings.enumerated().map { index, settings in
            Host(
                settings: settings,
                source: .v4(IPv4Address(10, 18, 13, UInt8(index + 1))),
                router: VirtualRouter(settings: settings))
        }
        noise = Noise(seed: seed)
        let row = Array(repeating: false, count: settings.count)
        cut = Array(repeating: row, count: settings.count)
        checkers = SegmentCheckers(settings, since: now)
        self.flaw = flaw
        nextWhim = now + .seconds(10)
    }

    // MARK: Faults

    mutating func start(_ host: Int) {
        guard !hosts[host].isUp else { return }
        hosts[host].router = VirtualRouter(settings: hosts[host].settings)
        hosts[host].isUp = true
        tell(host, .startup(source: hosts[host].source))
        checkers.disturbed(at: now)
    }

    /// It is gone, without a word.
    mutating func crash(_ host: Int) {
        hosts[host].isUp = false
        hosts[host].isStalled = false
        hosts[host].waiting = []
        checkers.disturbed(at: now)
    }

    mutating func tellFrom(outside event: VirtualRouterEvent, _ host: Int) {
        if hosts[host].isUp, !hosts[host].isStalled { tell(host, event) }
        checkers.disturbed(at: now)
    }

    mutating func stall(_ host: Int) {
        hosts[host].isStalled = hosts[host].isUp
    }

    mutating func cutOff(_ from: Int, _ to: Int) {
        cut[from][to] = true
    }

    /// All is well from now on, but for those who are down.
    mutating func heal() {
        lossPercent = 0
        for row in cut.indices { cut[row] = cut[row].map { _ in false } }
        for index in hosts.indices where hosts[index].isStalled {
            hosts[index].isStalled = false
            let waiting = hosts[index].waiting
            hosts[index].waiting = []
            for packet in waiting { deliver(packet) }
        }
        checkers.disturbed(at: now)
    }

    var isCalm: Bool {
        lossPercent == 0 && !cut.contains { $0.contains(true) }
            && !hosts.contains { $0.isStalled }
    }

    // MARK: Time

    /// Lets time pass; every moment at which something is due is one of its own.
    mutating func run(_ interval: Interval) {
        let end = now + interval
        look()
        while true {
            let deadlines = hosts.indices.compactMap { index in
                ticks(index) ? hosts[index].router.nextDeadline : nil
            }
            var next = ([end] + deadlines + packets.map(\.due)).min() ?? end
            if flaw == .fickle { next = min(next, nextWhim) }
            guard next < end else { break }
            now = max(now, next)
            step()
            look()
        }
        now = end
        look()
    }

    private mutating func step() {
        let arrived = packets.filter { $0.due <= now }
        packets.removeAll { $0.due <= now }
        for packet in arrived { deliver(packet) }
        for index in hosts.indices where ticks(index) { tell(index, .tick) }
        if flaw == .fickle, now >= nextWhim {
            nextWhim = now + .seconds(10)
            for index in hosts.indices where hosts[index].isUp {
                tell(index, .prioritySet(UInt8(1 + noise.below(254))))
            }
        }
    }

    private func ticks(_ host: Int) -> Bool {
        guard hosts[host].isUp, !hosts[host].isStalled else { return false }
        return flaw != .numb || hosts[host].router.role != .backup
    }

    private mutating func deliver(_ packet: Packet) {
        guard hosts[packet.to].isUp, flaw != .deaf else { return }
        if hosts[packet.to].isStalled {
            hosts[packet.to].waiting.append(packet)
        } else {
            tell(packet.to, .heard(packet.advertisement, from: hosts[packet.from].source))
        }
    }

    private mutating func tell(_ host: Int, _ event: VirtualRouterEvent) {
        var effects: [VirtualRouterEffect] = []
        hosts[host].router.handle(event, at: now, effects: &effects)
        for effect in effects {
            switch effect {
            case .send(let advertisement): send(advertisement, from: host)
            case .takeAddresses: checkers.taken(by: host, at: now)
            case .announceAddresses, .giveUpAddresses, .changed: break
            }
        }
    }

    private mutating func send(_ advertisement: Advertisement, from host: Int) {
        for other in hosts.indices where other != host && !cut[host][other] {
            guard !noise.happens(percent: lossPercent) else { continue }
            let delay = Interval(
                nanoseconds: Int64(noise.below(Int(Self.delayMax.nanoseconds) + 1)))
            packets.append(
                Packet(due: now + delay, from: host, to: other, advertisement: advertisement))
        }
    }

    private mutating func look() {
        checkers.look(
            active: hosts.indices.filter { hosts[$0].isUp && hosts[$0].router.role == .active },
            isAnybodyUp: hosts.contains {
                $0.isUp && !$0.isStalled && $0.router.role != .initialise
            },
            isCalm: isCalm, at: now)
    }
}
