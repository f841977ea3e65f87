public import Addressing
public import MonotonicTime

/// Notes which hosts have an address configured, and when: looked at from outside, every few
/// milliseconds.
public final class HolderWatch: Sendable {
    /// A host had the address between two moments.
    public struct Holding: Equatable, Sendable {
        /// The host's name.
        public var host: String
        /// When it was first seen there.
        public var begin: Instant
        /// When it was first seen to be gone; `nil` while it is there.
        public var end: Instant?
    }

    private let progress = Shared<[Holding]>([])
    private let interruptions: [Interruption]

    /// How exact the moments are.
    public static let period = Interval.milliseconds(3)

    /// Watches until stopped, at the latest until the laboratory closes.
    public init(_ hosts: [Host], _ address: IPv4Address = Plan.writeAddress) {
        interruptions = hosts.map { _ in Interruption() }
        for (host, interruption) in zip(hosts, interruptions) {
            let (name, progress) = (host.name, progress)
            host.start(until: interruption) {
                Self.watch(name, address, interruption, progress)
            }
        }
    }

    private static func watch(
        _ name: String, _ address: IPv4Address, _ interruption: Interruption,
        _ progress: Shared<[Holding]>
    ) {
        var held = false
        repeat {
            let holds = Host.interfacesHold(.v4(address))
            let now = Laboratory.now
            if holds, !held {
                progress.with { $0.append(Holding(host: name, begin: now)) }
            } else if held, !holds {
                progress.with { holdings in
                    guard let index = holdings.lastIndex(where: { $0.host == name }) else { return }
                    holdings[index].end = now
                }
            }
            held = holds
        } while !interruption.wait(atMost: period)
    }

    /// What was seen so far, by beginning.
    public var holdings: [Holding] {
        progress.with { $0 }
    }

    /// What a host held at or after a moment.
    public func holdings(of host: Host, since moment: Instant) -> [Holding] {
        holdings.filter { $0.host == host.name && $0.end.map { $0 >= moment } ?? true }
    }

    /// Ends the watch and returns what was seen.
    @discardableResult
    public func stop() -> [Holding] {
        interruptions.forEach { $0.interrupt() }
        return holdings
    }
}
