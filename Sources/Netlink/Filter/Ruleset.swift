internal import CLinux

/// A table of nf_tables as plain values, so that a ruleset is read in one place and its messages
/// follow from it.
struct Table: Equatable {
    var family: TableFamily
    var name: String
    var sets: [NamedSet]
    var chains: [Chain]
}

/// Which packets a table sees. Tables of two families are two tables, also under one name, and
/// share no set.
enum TableFamily: Equatable {
    /// IPv4 and IPv6.
    case inet
    case arp
    /// Frames as they pass an interface.
    case netdev

    /// NFPROTO_ of the kernel.
    var number: UInt8 {
        switch self {
        case .inet: UInt8(NFPROTO_INET)
        case .arp: UInt8(NFPROTO_ARP)
        case .netdev: UInt8(NFPROTO_NETDEV)
        }
    }

    /// As `nft` calls it.
    var word: String {
        switch self {
        case .inet: "inet"
        case .arp: "arp"
        case .netdev: "netdev"
        }
    }
}

/// A set that rules look up.
struct NamedSet: Equatable {
    /// What is in it.
    enum Key: Equatable {
        case ipv4
        case ipv6
        case port
    }

    var name: String
    var key: Key
    /// Whether its elements live for a time each of their own (`flags timeout`).
    var expires = false
}

/// A list of rules. Without a hook it is only reached by `goto`.
struct Chain: Equatable {
    var name: String
    var hook: Hook?
    var rules: [Rule]
}

/// Where in the kernel a chain is entered. What no rule decides is accepted.
struct Hook: Equatable {
    /// NF_INET_, NF_ARP_ or NF_NETDEV_ of the kernel.
    var number: UInt32
    /// Chains at one hook are entered from the lowest.
    var priority: Int32
    /// The interface, in family netdev.
    var device: String?
}

/// What happens to packets for which all terms hold. The comment is shown by `nft`, and is by what
/// a rule of ours is known again.
struct Rule: Equatable {
    var terms: [Term]
    var verdict: Verdict
    var comment: String

    /// `nft` allows no longer one.
    static let commentLengthMax = 128

    init(_ terms: [Term], _ verdict: Verdict, _ comment: String) {
        precondition(comment.utf8.count <= Self.commentLengthMax)
        self.terms = terms
        self.verdict = verdict
        self.comment = comment
    }
}

/// What becomes of a packet.
enum Verdict: Equatable {
    case accept
    case drop
    /// On in another chain, without return.
    case goto(String)
    /// Dropped, and answered by a TCP reset; only behind terms that let nothing but TCP pass.
    case reset
}

/// One condition of a rule.
struct Term: Equatable {
    /// What a field is compared with.
    enum Test: Equatable {
        case equals([UInt8])
        case differs([UInt8])
        /// The bits under `mask` are `value`.
        case hasBits(mask: [UInt8], value: [UInt8])
        case isIn(String)
        case isNotIn(String)
        /// Nothing more than what the field requires of the packet.
        case exists
    }

    var field: Field
    var test: Test
}

/// A part of a packet, or of what the kernel knows about it.
struct Field: Equatable {
    /// Where the kernel finds it.
    enum Source: Equatable {
        case meta(nft_meta_keys)
        case payload(nft_payload_bases, offset: UInt32, length: UInt32)
    }

    /// What a packet must be for the field to mean anything; checked before, once in a rule.
    enum Requirement: Equatable {
        case ipv4
        case ipv6
        case arp
        case tcp
        case icmpv6
    }

    var source: Source
    var requirements: [Requirement]

    func equals(_ value: [UInt8]) -> Term { Term(field: self, test: .equals(value)) }
    func differs(from value: [UInt8]) -> Term { Term(field: self, test: .differs(value)) }
    func isIn(_ set: String) -> Term { Term(field: self, test: .isIn(set)) }
    func isNotIn(_ set: String) -> Term { Term(field: self, test: .isNotIn(set)) }
    func hasBits(_ value: UInt8, of mask: UInt8) -> Term {
        Term(field: self, test: .hasBits(mask: [mask], value: [value]))
    }
}
