import LeaseCore
import MonotonicTime
import SentinelCore

/// Whether somebody else has the address, asked before it is taken (RFC 5227 section 2.1; for IPv6
/// as in RFC 4862 section 5.4). One question, alongside the election:
///
///     none ──the address is free, or claimed by this host──▶ asking ──it is out──▶ open
///       ▲                                                      ▲                    │
///       └────────── held, or no longer wanted                  └── answered ◀───────┘
///
/// A peer whose lease is over is silent, since its kernel drops ARP: whoever answers a question
/// that was asked with the lease in hand is a stranger, be it a peer that has the address by other
/// ways than Baton's. To an earlier question a peer may answer as the holder, which says nothing;
/// when somebody unknown does, it may be the holder by another interface, and it is asked
/// again as soon as this host has the lease. Silence counts either way.
enum Inquiry: Equatable, Sendable {
    /// Nobody was asked. Can transition to `asking`.
    case none
    /// The question is on its way to the network. Can transition to `open`, when it could not be
    /// sent to `unsent`.
    case asking(hasLease: Bool, failures: Int)
    /// It could not be sent. Can transition to `asking`, after too many failures to `open`.
    case unsent(at: Instant, failures: Int)
    /// It is out, and nobody has answered yet. Can transition to `answered`, and to `asking` when
    /// the silence has grown old.
    case open(since: Instant, hasLease: Bool)
    /// Can transition to `asking`.
    case answered(by: String, at: Instant, hasLease: Bool)

    /// So long an answer is waited for: a host on the same network answers within one or two
    /// milliseconds. A later answer is taken for a claim like any other.
    static let patience = Interval.milliseconds(20)
    /// For so long silence counts.
    static let validity = Interval.seconds(1)
    /// Between two questions to a stranger.
    static let pace = Interval.seconds(1)
    /// Who cannot be asked so often is taken for silent: without its interface a host could never
    /// take the address, nor hand it over.
    static let failuresMax = 3

    /// Nobody has answered, and whoever is there would have.
    func isSilent(at now: Instant) -> Bool {
        guard case .open(let since, _) = self else { return false }
        return now - since >= Self.patience && now - since <= Self.validity
    }

    /// When the next thing is to be done about it by a host with the lease.
    func next() -> Instant? {
        switch self {
        case .none, .asking: nil
        case .unsent(let at, _): at + Custody.stepRetry
        case .open(let since, _): since + Self.patience
        case .answered(_, let at, let hasLease): hasLease ? at + Self.pace : at
        }
    }
}

extension Node {
    /// Asks the network of the address when it is time.
    mutating func keepInquiry(_ index: Int, at now: Instant, _ effects: inout [NodeEffect]) {
        switch addresses[index].custody {
        case .held:
            addresses[index].inquiry = .none
            addresses[index].stranger = nil
            return
        case .inspecting, .clearing, .taking:
            return
        case .released, .hushing, .hushed, .barring, .resetting, .barred, .removing:
            break
        }
        let isClaimed = claim(index) != nil
        guard isClaimed || isFreeForThisHost(index) else {
            addresses[index].inquiry = .none
            addresses[index].stranger = nil
            return
        }
        let hasLease = isClaimed && self.hasLease(index, at: now)
        var failures = 0
        switch addresses[index].inquiry {
        case .none:
            break
        case .asking:
            return
        case .unsent(let at, let count):
            guard now - at >= Custody.stepRetry else { return }
            failures = count
        case .open(let since, _):
            guard hasLease, now - since > Inquiry.validity else { return }
        case .answered(_, let at, let hadLease):
            guard hasLease, !hadLease || now - at >= Inquiry.pace else { return }
        }
        addresses[index].inquiry = .asking(hasLease: hasLease, failures: failures)
        effects.append(.address(.probe(group: addresses[index].name)))
    }

    /// Nobody holds the address by this voter's leave, and this host's server may be the next: it
    /// is asked before there is a leader, so that nobody waits for the answer.
    private func isFreeForThisHost(_ index: Int) -> Bool {
        let group = addresses[index].group
        guard sentinel.groups[group].tenure.freeSince != nil else { return false }
        return sentinel.groups[group].tenure.hasBeenHeld && !sentinel.groups[group].isPrimaryHere
            && sentinel.groups[group].servers.contains { $0.isLocal && !$0.isDown }
    }

    /// The question has left.
    mutating func asked(_ index: Int, at now: Instant) {
        guard case .asking(let hasLease, _) = addresses[index].inquiry else { return }
        addresses[index].inquiry = .open(since: now, hasLease: hasLease)
    }

    /// The question could not be sent.
    mutating func notAsked(_ index: Int, at now: Instant) {
        guard case .asking(let hasLease, let failures) = addresses[index].inquiry else { return }
        addresses[index].inquiry =
            failures + 1 < Inquiry.failuresMax
            ? .unsent(at: now, failures: failures + 1) : .open(since: now, hasLease: hasLease)
    }

    /// Somebody says that the address is his, while this host only wants it.
    mutating func answered(
        _ index: Int, by hardware: String, isPeer: Bool, at now: Instant,
        _ effects: inout [NodeEffect]
    ) {
        guard case .open(_, let hasLease) = addresses[index].inquiry, hasLease || !isPeer else {
            return
        }
        addresses[index].inquiry = .answered(by: hardware, at: now, hasLease: hasLease)
        guard hasLease, addresses[index].stranger != hardware else { return }
        addresses[index].stranger = hardware
        tell(
            .addressTrouble, index,
            "cannot be taken: \(hardware) answers for it on its network, a host that has the same "
                + "address or answers for others. Find that host and take the address from it, or "
                + "configure another write address; until then clients reach no primary. It is "
                + "asked every second and the address taken once it is silent",
            &effects)
    }
}
