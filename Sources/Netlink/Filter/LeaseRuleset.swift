internal import CLinux

/// Baton's tables. As `nft` would write them, for IPv4 (every set and every rule about addresses is
/// there a second time, for IPv6), without the rules' comments:
///
///     table inet baton {
///         set guarded4 { type ipv4_addr; }  # may be used only with a lease
///         set leased4 { type ipv4_addr; flags timeout; }  # has one, so long
///         set barred4 { type ipv4_addr; }  # given up: refused
///         set hushed4 { type ipv4_addr; }  # being handed over: silent
///         set trusted4 { type ipv4_addr; }  # the cluster's own hosts
///         set fenced_ports { type inet_service; }  # servers that strangers must not reach
///         set admitted_ports { type inet_service; flags timeout; }  # but so long they may
///
///         chain input {
///             type filter hook input priority raw; policy accept;
///             ip daddr @hushed4 drop
///             tcp flags syn / syn,ack ip daddr @barred4 reject with tcp reset
///             ip daddr @guarded4 ip daddr != @leased4 … goto lapsed
///             icmpv6 type nd-neighbor-solicit
///                 icmpv6 taddr @guarded6 icmpv6 taddr != @leased6 … drop
///             iif != "lo" tcp dport @fenced_ports tcp dport != @admitted_ports …
///                 ip saddr != @trusted4 reject with tcp reset
///         }
///         chain output {
///             type filter hook output priority raw; policy accept;
///             ip saddr @hushed4 goto resets_only
///             ip saddr @guarded4 ip saddr != @leased4 … goto resets_only
///             icmpv6 type nd-neighbor-advert
///                 icmpv6 taddr @guarded6 icmpv6 taddr != @leased6 … drop
///             oif != "lo" tcp sport @fenced_ports tcp sport != @admitted_ports …
///                 ip daddr != @trusted4 goto resets_only
///         }
///         chain lapsed {
///             tcp flags syn / syn,ack drop
///             meta l4proto tcp reject with tcp reset
///             drop
///         }
///         chain resets_only {
///             tcp flags & rst == rst accept
///             drop
///         }
///     }
///     table arp baton {
///         set guarded4 …  set leased4 …
///         chain input {
///             type filter hook input priority filter; policy accept;
///             arp daddr ip @guarded4 arp daddr ip != @leased4 … arp saddr ip != @guarded4 drop
///         }
///         chain output {
///             type filter hook output priority filter; policy accept;
///             arp saddr ip @guarded4 arp saddr ip != @leased4 … drop
///         }
///     }
///     table netdev baton {
///         set guarded4 …  set leased4 …  set guarded6 …  set leased6 …
///         chain egress-eth0 {
///             type filter hook egress device "eth0" priority filter; policy accept;
///             arp saddr ip @guarded4 arp saddr ip != @leased4 … drop
///             icmpv6 type nd-neighbor-advert
///                 icmpv6 taddr @guarded6 icmpv6 taddr != @leased6 … drop
///         }
///     }
///
/// Where a rule has `…`, the lookup before it stands there twice. A renewal deletes an element and
/// adds it anew in one transaction; kernels before 6.17 have a moment, right after the commit, in
/// which a lookup that began before it finds neither of the two. One that begins later finds the
/// new. (The series "nf_tables: restart set lookup on base_seq change" made the kernel itself do
/// this.) A single miss would reset an established connection.
struct LeaseRuleset: Equatable {
    /// The name of each table.
    var name: String
    /// Those whose frames are guarded.
    var interfaces: [String] = []
    /// The kernel's, except in a test of a kernel that has none.
    var egressHook = UInt32(NF_NETDEV_EGRESS.rawValue)

    /// What passes between programs and the network.
    var inet: Table {
        Table(
            family: .inet, name: name,
            sets: IPFamily.allCases.flatMap(Self.addressSets) + [
                NamedSet(name: SetName.fencedPorts, key: .port),
                NamedSet(name: SetName.admittedPorts, key: .port, expires: true),
            ],
            chains: [Self.input, Self.output, Self.lapsed, Self.resetsOnly])
    }

    /// Who has the address is answered only with a lease.
    var arp: Table {
        Table(
            family: .arp, name: name, sets: Self.leaseSets(.v4),
            chains: [
                Chain(
                    name: "input", hook: Hook(number: 0, priority: 0),  // NF_ARP_IN
                    rules: [
                        // An announcement of the present holder is to be heard: its sender is the
                        // address itself.
                        Rule(
                            Self.hasNoLease(.arpTarget, .v4)
                                + [Field.arpSender.isNotIn(SetName.guarded(.v4))],
                            .drop, "no lease: nobody is answered")
                    ]),
                Chain(
                    name: "output", hook: Hook(number: 1, priority: 0),  // NF_ARP_OUT
                    rules: [Self.arpSilence]),
            ])
    }

    /// Frames from packet sockets pass neither of the other tables.
    var netdev: Table {
        Table(
            family: .netdev, name: name, sets: IPFamily.allCases.flatMap(Self.leaseSets),
            chains: interfaces.map { interface in
                Chain(
                    name: Self.egressChainName(interface),
                    hook: Hook(number: egressHook, priority: 0, device: interface),
                    rules: [Self.arpSilence, Self.advertisementSilence])
            })
    }

    /// The chain of one interface: changing a chain's interfaces takes a kernel of 6.4.
    static func egressChainName(_ interface: String) -> String { "egress-\(interface)" }
}

/// The families of addresses, of which each has its sets.
enum IPFamily: CaseIterable {
    case v4
    case v6

    var key: NamedSet.Key { self == .v4 ? .ipv4 : .ipv6 }
    fileprivate var source: Field { self == .v4 ? .ipSource : .ip6Source }
    fileprivate var destination: Field { self == .v4 ? .ipDestination : .ip6Destination }
}

/// The names of the sets.
enum SetName {
    static func guarded(_ family: IPFamily) -> String { named("guarded", family) }
    static func leased(_ family: IPFamily) -> String { named("leased", family) }
    static func barred(_ family: IPFamily) -> String { named("barred", family) }
    static func hushed(_ family: IPFamily) -> String { named("hushed", family) }
    static func trusted(_ family: IPFamily) -> String { named("trusted", family) }
    static let fencedPorts = "fenced_ports"
    static let admittedPorts = "admitted_ports"

    private static func named(_ stem: String, _ family: IPFamily) -> String {
        switch family {
        case .v4: stem + "4"
        case .v6: stem + "6"
        }
    }
}

extension LeaseRuleset {
    /// NF_IP_PRI_RAW. Before every chain that commonly filters input (mangle -150, filter 0): a
    /// firewall that drops the SYN first would leave the client waiting instead of reset.
    /// Connection tracking has looked at the packet already (prerouting, -200), so the reset that
    /// answers it carries the connection and passes a stateful output chain.
    private static let priority: Int32 = -300

    private static func leaseSets(_ family: IPFamily) -> [NamedSet] {
        [
            NamedSet(name: SetName.guarded(family), key: family.key),
            NamedSet(name: SetName.leased(family), key: family.key, expires: true),
        ]
    }

    private static func addressSets(_ family: IPFamily) -> [NamedSet] {
        leaseSets(family)
            + [SetName.barred(family), SetName.hushed(family), SetName.trusted(family)].map {
                NamedSet(name: $0, key: family.key)
            }
    }

    private static func hasNoLease(_ field: Field, _ family: IPFamily) -> [Term] {
        let isNotLeased = field.isNotIn(SetName.leased(family))
        return [field.isIn(SetName.guarded(family)), isNotLeased, isNotLeased]
    }

    private static func isFenced(_ port: Field) -> [Term] {
        let isNotAdmitted = port.isNotIn(SetName.admittedPorts)
        return [port.isIn(SetName.fencedPorts), isNotAdmitted, isNotAdmitted]
    }

    private static let input = Chain(
        name: "input", hook: Hook(number: UInt32(NF_INET_LOCAL_IN.rawValue), priority: priority),
        rules: IPFamily.allCases.map {
            Rule([$0.destination.isIn(SetName.hushed($0))], .drop, "handed over: silent")
        }
            + IPFamily.allCases.map {
                Rule(
                    [.opensConnection, $0.destination.isIn(SetName.barred($0))], .reset,
                    "given up: refused")
            }
            + IPFamily.allCases.map {
                Rule(hasNoLease($0.destination, $0), .goto(lapsed.name), "no lease")
            }
            + [
                Rule(
                    [.isSolicitation] + hasNoLease(.neighbourTarget, .v6), .drop,
                    "no lease: nobody is answered")
            ]
            + IPFamily.allCases.map {
                Rule(
                    [.isFromOutside] + isFenced(.tcpDestinationPort)
                        + [$0.source.isNotIn(SetName.trusted($0))],
                    .reset, "fenced server")
            })

    private static let output = Chain(
        name: "output", hook: Hook(number: UInt32(NF_INET_LOCAL_OUT.rawValue), priority: priority),
        rules: IPFamily.allCases.map {
            Rule(
                [$0.source.isIn(SetName.hushed($0))], .goto(resetsOnly.name), "handed over: silent")
        }
            + IPFamily.allCases.map {
                Rule(hasNoLease($0.source, $0), .goto(resetsOnly.name), "no lease")
            }
            + [advertisementSilence]
            + IPFamily.allCases.map {
                Rule(
                    [.isToOutside] + isFenced(.tcpSourcePort)
                        + [$0.destination.isNotIn(SetName.trusted($0))],
                    .goto(resetsOnly.name), "fenced server")
            })

    /// Whoever is connected learns at once that it is over; whoever knocks hears nothing, and tries
    /// again until another host answers.
    private static let lapsed = Chain(
        name: "lapsed", hook: nil,
        rules: [
            Rule([.opensConnection], .drop, "answered elsewhere"),
            Rule([.isTCP], .reset, "a connection of before"),
            Rule([], .drop, "the rest"),
        ])

    /// The resets of ``ConnectionReset``, and those above, find their way.
    private static let resetsOnly = Chain(
        name: "resets_only", hook: nil,
        rules: [
            Rule([.isReset], .accept, "resets leave"),
            Rule([], .drop, "the rest"),
        ])

    private static let arpSilence = Rule(
        hasNoLease(.arpSender, .v4), .drop, "no lease: nothing is announced")
    private static let advertisementSilence = Rule(
        [.isAdvertisement] + hasNoLease(.neighbourTarget, .v6), .drop,
        "no lease: nothing is announced")
}
