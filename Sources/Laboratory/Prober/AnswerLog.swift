public import MonotonicTime

/// Which hosts answered for an address, and when: what a ``Prober`` has seen.
///
/// An answer proves that its host answered at some moment between the sending of the probe and the
/// arrival of the answer, and no more. Everything here is counted so that a late thread can
/// hide nothing that it saw and invent nothing that it did not.
public struct AnswerLog: Equatable, Sendable {
    /// How a host answered for the address.
    public enum Kind: Equatable, Sendable {
        /// To the question who has it.
        case arpReply
        /// To a SYN; a reset is no answer.
        case synAck
        /// Unasked: an announcement, or a question of its own that names the address as its
        /// sender. Whoever hears it sends to that host from then on.
        case claim
    }

    /// A host answered for the address.
    public struct Answer: Equatable, Sendable {
        /// The host's name.
        public let host: String
        /// How.
        public let kind: Kind
        /// Just before the probe was sent; of a claim the last moment at which it had not come.
        public let sent: Instant
        /// Just after the answer came.
        public let received: Instant

        /// One answer, at some moment from `sent` to `received`.
        public init(host: String, kind: Kind, sent: Instant, received: Instant) {
            self.host = host
            self.kind = kind
            self.sent = sent
            self.received = received
        }
    }

    /// Two hosts answered at once.
    public struct Overlap: Equatable, Sendable {
        /// The hosts' names.
        public let hosts: [String]
        /// The first probe that the later one answered.
        public let begin: Instant
        /// The last answer of the one that fell silent first.
        public let end: Instant
    }

    /// In the order in which they came.
    public internal(set) var answers: [Answer]
    /// The longest time in which no probe was sent: what is shorter may have gone unseen.
    public internal(set) var longestBlindness = Interval.zero

    /// A log of these answers, in the order of their coming.
    public init(answers: [Answer] = []) {
        self.answers = answers
    }

    /// A host that answers nothing for so long has let go of the address between two answers.
    static let patience = Interval.milliseconds(100)

    /// The last answer of a host that came at or after `moment`.
    public func last(of host: String, since moment: Instant) -> Answer? {
        answers.last { $0.host == host && $0.received >= moment }
    }

    /// The first answer to a probe that was sent to a host at or after `moment`.
    public func first(of host: String, since moment: Instant) -> Answer? {
        answers.first { $0.host == host && $0.sent >= moment }
    }

    /// The answers to probes that were sent at or after `moment`, and what they prove.
    public func since(_ moment: Instant) -> AnswerLog {
        var log = AnswerLog(answers: answers.filter { $0.sent >= moment })
        log.longestBlindness = longestBlindness
        return log
    }

    /// How long two hosts, or more, answered at once.
    public var twoHolders: Interval {
        var total = Interval.zero
        var counted: Instant?
        for overlap in overlaps.sorted(by: { $0.begin < $1.begin }) {
            let begin = max(overlap.begin, counted ?? overlap.begin)
            if overlap.end > begin { total = total + (overlap.end - begin) }
            counted = max(overlap.end, counted ?? overlap.end)
        }
        return total
    }

    /// Each time in which two hosts are proven to have answered at once.
    ///
    /// The proof is that one answered between two answers of the other: A was asked and answered,
    /// then B, then A again, with no silence of A in between that would let it have let go.
    public var overlaps: [Overlap] {
        let spans = spans
        var overlaps: [Overlap] = []
        for (index, one) in spans.enumerated() {
            for other in spans[(index + 1)...]
            where one.host != other.host && (one.encloses(other) || other.encloses(one)) {
                overlaps.append(
                    Overlap(
                        hosts: [one.host, other.host].sorted(),
                        begin: max(one.first.sent, other.first.sent),
                        end: min(one.last.received, other.last.received)))
            }
        }
        return overlaps
    }

    /// The times in which each host answered without a pause longer than ``patience``.
    private var spans: [Span] {
        var open: [String: Span] = [:]
        var spans: [Span] = []
        for answer in answers {
            guard var span = open[answer.host] else {
                open[answer.host] = Span(first: answer)
                continue
            }
            if answer.received - span.last.received > Self.patience {
                spans.append(span)
                open[answer.host] = Span(first: answer)
            } else {
                span.answers.append(answer)
                open[answer.host] = span
            }
        }
        // order never reaches an effect: the caller compares each with each.
        return spans + open.values
    }
}

/// A host answered again and again.
private struct Span {
    var answers: [AnswerLog.Answer]

    init(first: AnswerLog.Answer) {
        answers = [first]
    }

    var host: String { answers[0].host }
    var first: AnswerLog.Answer { answers[0] }
    var last: AnswerLog.Answer { answers[answers.count - 1] }

    /// Whether the other answered while this host surely had the address: an answer proves that
    /// only from its coming on, or until its probe was sent.
    func encloses(_ other: Span) -> Bool {
        let begin = first.received
        let end = answers.map(\.sent).max() ?? begin
        guard other.last.received >= begin, other.first.sent <= end else { return false }
        return other.answers.contains { $0.sent >= begin && $0.received <= end }
    }
}
