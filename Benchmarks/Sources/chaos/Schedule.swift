import Laboratory
import MonotonicTime

/// Which attack comes when: the same for the same seed.
///
/// Round by round, each with every attack once in an order of its own: what one leaves behind is
/// met by another each time.
struct Schedule {
    /// One attack and how long to wait before it.
    struct Entry {
        let attack: Attack
        let delay: Interval
    }

    private let attacks: [Attack]
    private var source: SplitMix
    private var round: [Attack] = []

    /// Two periods of the lease's renewal: every phase between two renewals is met.
    private static let delayMillisecondsMax: UInt64 = 600

    init(seed: UInt64, attacks: [Attack]) {
        self.attacks = attacks
        source = SplitMix(state: seed)
    }

    /// Whether the next attack is the first of a round.
    var beginsRound: Bool { round.isEmpty }

    mutating func next() -> Entry {
        if round.isEmpty { round = attacks.shuffled(using: &source) }
        let delay = Int(source.next() % Self.delayMillisecondsMax)
        return Entry(attack: round.removeLast(), delay: .milliseconds(delay))
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same everywhere.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
