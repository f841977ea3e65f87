import DirectiveFile
import LeaseCore
import MonotonicTime
import SentinelCore

/// The lease's figures, which only both lines together can object to.
extension ConfigurationReader {
    mutating func readLease(_ directive: Directive) {
        let words = directive.words
        let usage = "baton lease-milliseconds TIME [use TIME]"
        guard hasArity(directive, 3...5, usage),
            let promise = integer(words[2], in: 1...86_400_000, "a time in milliseconds")
        else { return }
        var use: Int?
        if words.count > 3 {
            guard words.count == 5, words[3].text.lowercased() == "use" else {
                return refuse(words[3], "it is written: \(usage)")
            }
            use = integer(words[4], in: 1...86_400_000, "a time in milliseconds")
            if use == nil { return }
        }
        if let first = draft.lease {
            return refuse(words[1], "the lease is given already, by line \(first.word.line)")
        }
        draft.lease = Draft.Lease(
            word: words[1], lastWord: words[words.count - 1], promise: promise, use: use)
    }

    mutating func readEnforcement(_ directive: Directive) {
        let words = directive.words
        let values = LeaseEnforcement.allCases.map(\.rawValue)
        let usage = "baton enforcement " + values.joined(separator: "|")
        guard hasArity(directive, 3...3, usage) else { return }
        guard let value = LeaseEnforcement(rawValue: words[2].text.lowercased()) else {
            return refuseUnknown("enforcement", words[2], among: values)
        }
        if let first = draft.enforcement {
            return refuse(words[1], "the enforcement is given already, by line \(first.word.line)")
        }
        draft.enforcement = (words[2], value)
    }

    /// The terms by both lines and their defaults, with what is to be said of them.
    mutating func leaseTerms() -> LeaseTerms {
        let enforcement = draft.enforcement?.value ?? .packetFilter
        var terms = LeaseTerms(enforcement: enforcement)
        if let lease = draft.lease {
            terms = LeaseTerms(promise: .milliseconds(lease.promise), enforcement: enforcement)
            if let use = lease.use { terms.use = .milliseconds(use) }
        }
        let isLeased = draft.groups.contains { $0.group.writeAddress != nil }
        if let objection = terms.objection {
            if let word = draft.lease?.lastWord {
                refuse(word, objection)
            } else if let word = draft.enforcement?.word, isLeased {
                refuse(word, objection + "; write `baton lease-milliseconds 4500`")
            }
        } else if case .addressLifetime = enforcement, isLeased, let word = draft.enforcement?.word
        {
            warn(word, Self.weakness(terms))
        }
        for entry in draft.groups where entry.group.writeAddress != nil {
            guard let seconds = entry.group.settings.writeSafety?.boundSeconds,
                let word = entry.safetyWord, terms.promise > .seconds(seconds)
            else { continue }
            refuse(
                word,
                "a bound of \(seconds) s can't be kept with a lease of "
                    + "\(terms.promise.milliseconds) ms: a primary that is cut off together with "
                    + "a replica takes writes until its lease ends")
        }
        if case .packetFilter = enforcement, facts?.hasPacketFilter == false,
            let word = draft.groups.compactMap(\.writeWord).first
        {
            refuse(word, Self.lack)
        }
        return terms
    }

    private static let lack =
        "this host's kernel has no nf_tables, by which a lease on the write address is ended: load "
        + "it (modprobe nf_tables), or do without, more slowly and with less protection: "
        + "`baton enforcement address-lifetime` here and `baton lease-milliseconds 4500` on every "
        + "host"

    /// What an operator gives up, with the figures.
    private static func weakness(_ terms: LeaseTerms) -> String {
        "without the packet filter the lifetime of the write address alone ends a lease: the "
            + "kernel may be \(terms.lateness.milliseconds) ms late, so a lease of "
            + "\(terms.promise.milliseconds) ms may be used for \(terms.use.milliseconds) ms; "
            + "Redis's own port is not fenced, and connections to a lapsed address hang"
    }
}
