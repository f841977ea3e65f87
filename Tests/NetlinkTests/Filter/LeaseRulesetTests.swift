import Addressing
import Glibc
import MonotonicTime
import NamespaceFixture
import Testing

@testable import Netlink

@Suite(
    "What the ruleset does to a guarded address",
    .enabled(if: NamespacePair.isPermitted, "\(NamespacePair.needs)"))
struct LeaseRulesetTests {
    @Test("the tables are what the documentation shows, however often they are installed")
    func listing() throws {
        try NamespacePair.with { pair in
            let trial = try Trial(pair, isConfigured: false)
            let (address, trusted) = (trial.address, Trial.addresses[1])
            _ = try trial.filter.install(
                guarding: [address], interfaces: ["near0"], trusted: [trusted])
            #expect(try ruleset(pair) == Self.text)
        }
    }

    /// In the spelling of newer versions than 1.0.6, which has no word for the target of neighbour
    /// discovery, and without what the documentation leaves out: comments, and second lookups.
    private func ruleset(_ pair: NamespacePair) throws -> String {
        var text = try pair.near.command("nft list ruleset")
            .replacing("@th,64,128", with: "icmpv6 taddr")
            .replacing("tcp flags & (syn | ack) == syn", with: "tcp flags syn / syn,ack")
        for field in [
            "ip saddr", "ip daddr", "ip6 saddr", "ip6 daddr", "tcp sport", "tcp dport",
            "icmpv6 taddr", "arp saddr ip", "arp daddr ip",
        ] {
            for set in ["leased4", "leased6", "admitted_ports"] {
                let lookUp = "\(field) != @\(set) "
                text = text.replacing(lookUp + lookUp, with: lookUp + "… ")
            }
        }
        return text.split(separator: "\n", omittingEmptySubsequences: false).map {
            $0.split(separator: " comment ").first ?? ""
        }.joined(separator: "\n")
    }

    @Test(
        "who has the address is answered with a lease, and not without", arguments: Trial.addresses)
    func resolution(address: IPAddress) throws {
        try NamespacePair.with { pair in
            let trial = try Trial(pair, address)
            #expect(try !trial.isAnswered())
            _ = try trial.open(500)
            #expect(try trial.isAnswered())
            sleep(milliseconds: 500)
            #expect(try !trial.isAnswered())
        }
    }

    @Test(
        "an announcement past all protocols leaves with a lease, and not without",
        arguments: Trial.addresses)
    func announcement(address: IPAddress) throws {
        try NamespacePair.with { pair in
            let trial = try Trial(pair, address)
            let far = try pair.far.run { try PacketCapture(interface: "far0") }
            let near = try pair.near.run { try PacketCapture(interface: "near0") }
            // Whatever came before the marker is seen with it.
            func arrives(_ marker: UInt8) throws -> Bool {
                let (announcement, marker) = (Frame.announcement(of: address), Frame.marker(marker))
                let isSent = near.send(announcement) == 0
                #expect(near.send(marker) == 0)
                var arrived = false
                let seen = far.frames(1) { frame in
                    if frame == announcement { arrived = true }
                    return frame == marker
                }
                #expect(seen.count == 1)
                #expect(isSent == arrived)
                return arrived
            }
            #expect(try !arrives(1))
            _ = try trial.open(300)
            #expect(try arrives(2))
            sleep(milliseconds: 320)
            #expect(try !arrives(3))
            // An address that is not guarded is nobody's business here.
            let other = try #require(IPAddress(address.bitCount == 32 ? "10.18.13.1" : "fd18::1"))
            #expect(near.send(Frame.announcement(of: other)) == 0)
            #expect(far.frames(1) { $0 == Frame.announcement(of: other) }.count == 1)
        }
    }

    @Test("a host without the lease hears the holder announce itself", arguments: Trial.addresses)
    func heard(address: IPAddress) throws {
        try NamespacePair.with { pair in
            let trial = try Trial(pair, address, isConfigured: false)
            try pair.near.ip(
                "neigh replace \(address) lladdr 02:00:00:00:00:99 dev near0 nud reachable")
            let far = try pair.far.run { try PacketCapture(interface: "far0") }
            #expect(far.send(Frame.announcement(of: address)) == 0)
            var shown = ""
            for _ in 0..<50 where !shown.contains(Frame.hardwareText) {
                shown = try pair.near.ip("neigh show to \(address)")
            }
            #expect(shown.contains(Frame.hardwareText))
            _ = trial
        }
    }

    @Test("without a lease the host still reaches the address where another has it")
    func client() throws {
        try NamespacePair.with { pair in
            let trial = try Trial(pair, isConfigured: false)
            try pair.far.ip("addr add 10.18.14.94/32 dev far0")
            let listener = try pair.far.run {
                try TCPSocket.listen(family: .v4, port: Trial.port)
            }
            let endpoint = trial.endpoint
            let errno = try pair.near.run { try TCPSocket.connect(to: endpoint).errno }
            #expect(errno == 0)
            _ = listener
        }
    }

    @Test("an unguarded address of the host is left alone")
    func ownAddress() throws {
        try NamespacePair.with { pair in
            let trial = try Trial(pair)
            let listener = try trial.listen()
            for text in ["10.18.13.1", "fd18::1"] {
                let own = Endpoint(address: try #require(IPAddress(text)), port: Trial.port)
                #expect(try trial.knock(at: own) == 0)
            }
            _ = listener
        }
    }

    private enum Frame {
        private static let hardware: [UInt8] = [0x02, 0, 0, 0, 0, 0x07]
        static let hardwareText = "02:00:00:00:00:07"

        static func marker(_ number: UInt8) -> [UInt8] {
            Array(repeating: 0xFF, count: 6) + hardware + [0x88, 0xB5]
                + Array(repeating: number, count: 46)
        }

        /// Gratuitous ARP, or an unsolicited neighbour advertisement.
        static func announcement(of address: IPAddress) -> [UInt8] {
            switch address {
            case .v4(let address):
                return Array(repeating: 0xFF, count: 6) + hardware + [0x08, 0x06]
                    + [0, 1, 0x08, 0, 6, 4, 0, 1] + hardware + address.octets
                    + Array(repeating: 0, count: 6) + address.octets
                    + Array(repeating: 0, count: 18)
            case .v6(let address):
                let allNodes: [UInt8] = [0xFF, 2] + Array(repeating: 0, count: 13) + [1]
                let option: [UInt8] = [2, 1] + hardware
                var message: [UInt8] = [136, 0, 0, 0, 0x20, 0, 0, 0] + address.octets + option
                // RFC 8200 section 8.1.
                let counted =
                    address.octets + allNodes + [0, UInt8(message.count), 0, 58] + message
                var sum = stride(from: 0, to: counted.count, by: 2).reduce(0) {
                    $0 + Int(counted[$1]) << 8 + Int(counted[$1 + 1])
                }
                while sum > 0xFFFF { sum = sum & 0xFFFF + sum >> 16 }
                message[2] = UInt8(~sum >> 8 & 0xFF)
                message[3] = UInt8(~sum & 0xFF)
                return [0x33, 0x33, 0, 0, 0, 1] + hardware + [0x86, 0xDD]
                    + [0x60, 0, 0, 0, 0, UInt8(message.count), 58, 255]
                    + address.octets + allNodes + message
            }
        }
    }
}

extension LeaseRulesetTests {
    fileprivate static let text = """
        table inet baton {
        \tset guarded4 {
        \t\ttype ipv4_addr
        \t\telements = { 10.18.14.94 }
        \t}

        \tset leased4 {
        \t\ttype ipv4_addr
        \t\tflags timeout
        \t}

        \tset barred4 {
        \t\ttype ipv4_addr
        \t}

        \tset hushed4 {
        \t\ttype ipv4_addr
        \t}

        \tset trusted4 {
        \t\ttype ipv4_addr
        \t}

        \tset guarded6 {
        \t\ttype ipv6_addr
        \t}

        \tset leased6 {
        \t\ttype ipv6_addr
        \t\tflags timeout
        \t}

        \tset barred6 {
        \t\ttype ipv6_addr
        \t}

        \tset hushed6 {
        \t\ttype ipv6_addr
        \t}

        \tset trusted6 {
        \t\ttype ipv6_addr
        \t\telements = { fd18::94 }
        \t}

        \tset fenced_ports {
        \t\ttype inet_service
        \t}

        \tset admitted_ports {
        \t\ttype inet_service
        \t\tflags timeout
        \t}

        \tchain input {
        \t\ttype filter hook input priority raw; policy accept;
        \t\tip daddr @hushed4 drop
        \t\tip6 daddr @hushed6 drop
        \t\ttcp flags syn / syn,ack ip daddr @barred4 reject with tcp reset
        \t\ttcp flags syn / syn,ack ip6 daddr @barred6 reject with tcp reset
        \t\tip daddr @guarded4 ip daddr != @leased4 … goto lapsed
        \t\tip6 daddr @guarded6 ip6 daddr != @leased6 … goto lapsed
        \t\ticmpv6 type nd-neighbor-solicit icmpv6 taddr @guarded6 icmpv6 taddr != @leased6 … drop
        \t\tiif != "lo" tcp dport @fenced_ports tcp dport != @admitted_ports … \
        ip saddr != @trusted4 reject with tcp reset
        \t\tiif != "lo" tcp dport @fenced_ports tcp dport != @admitted_ports … \
        ip6 saddr != @trusted6 reject with tcp reset
        \t}

        \tchain output {
        \t\ttype filter hook output priority raw; policy accept;
        \t\tip saddr @hushed4 goto resets_only
        \t\tip6 saddr @hushed6 goto resets_only
        \t\tip saddr @guarded4 ip saddr != @leased4 … goto resets_only
        \t\tip6 saddr @guarded6 ip6 saddr != @leased6 … goto resets_only
        \t\ticmpv6 type nd-neighbor-advert icmpv6 taddr @guarded6 icmpv6 taddr != @leased6 … drop
        \t\toif != "lo" tcp sport @fenced_ports tcp sport != @admitted_ports … \
        ip daddr != @trusted4 goto resets_only
        \t\toif != "lo" tcp sport @fenced_ports tcp sport != @admitted_ports … \
        ip6 daddr != @trusted6 goto resets_only
        \t}

        \tchain lapsed {
        \t\ttcp flags syn / syn,ack drop
        \t\tmeta l4proto tcp reject with tcp reset
        \t\tdrop
        \t}

        \tchain resets_only {
        \t\ttcp flags & rst == rst accept
        \t\tdrop
        \t}
        }
        table arp baton {
        \tset guarded4 {
        \t\ttype ipv4_addr
        \t\telements = { 10.18.14.94 }
        \t}

        \tset leased4 {
        \t\ttype ipv4_addr
        \t\tflags timeout
        \t}

        \tchain input {
        \t\ttype filter hook input priority filter; policy accept;
        \t\tarp daddr ip @guarded4 arp daddr ip != @leased4 … arp saddr ip != @guarded4 drop
        \t}

        \tchain output {
        \t\ttype filter hook output priority filter; policy accept;
        \t\tarp saddr ip @guarded4 arp saddr ip != @leased4 … drop
        \t}
        }
        table netdev baton {
        \tset guarded4 {
        \t\ttype ipv4_addr
        \t\telements = { 10.18.14.94 }
        \t}

        \tset leased4 {
        \t\ttype ipv4_addr
        \t\tflags timeout
        \t}

        \tset guarded6 {
        \t\ttype ipv6_addr
        \t}

        \tset leased6 {
        \t\ttype ipv6_addr
        \t\tflags timeout
        \t}

        \tchain egress-near0 {
        \t\ttype filter hook egress device "near0" priority filter; policy accept;
        \t\tarp saddr ip @guarded4 arp saddr ip != @leased4 … drop
        \t\ticmpv6 type nd-neighbor-advert icmpv6 taddr @guarded6 icmpv6 taddr != @leased6 … drop
        \t}
        }

        """
}
