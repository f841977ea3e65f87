internal import CLinux

/// The fields that our rules look at, by the names that `nft` has for them.
extension Field {
    /// `ip saddr`, `ip daddr`; RFC 791 section 3.1.
    static let ipSource = network(12, 4, [.ipv4])
    static let ipDestination = network(16, 4, [.ipv4])
    /// `ip6 saddr`, `ip6 daddr`; RFC 8200 section 3.
    static let ip6Source = network(8, 16, [.ipv6])
    static let ip6Destination = network(24, 16, [.ipv6])

    /// `tcp sport`, `tcp dport`, `tcp flags`; RFC 9293 section 3.1.
    static let tcpSourcePort = transport(0, 2, [.tcp])
    static let tcpDestinationPort = transport(2, 2, [.tcp])
    static let tcpFlags = transport(13, 1, [.tcp])

    /// `icmpv6 type`; RFC 4443 section 2.1.
    static let icmpv6Type = transport(0, 1, [.ipv6, .icmpv6])
    /// `icmpv6 taddr`: of neighbour solicitations and advertisements; RFC 4861 sections 4.3, 4.4.
    static let neighbourTarget = transport(8, 16, [.ipv6, .icmpv6])

    /// `arp saddr ip`, `arp daddr ip`, for Ethernet; RFC 826.
    static let arpSender = network(14, 4, [.arp])
    static let arpTarget = network(24, 4, [.arp])

    /// `iif`, `oif`: the interface's index, in the host's byte order.
    static let inputInterface = Field(source: .meta(NFT_META_IIF), requirements: [])
    static let outputInterface = Field(source: .meta(NFT_META_OIF), requirements: [])

    private static func network(
        _ offset: UInt32, _ length: UInt32, _ requirements: [Requirement]
    ) -> Field {
        Field(
            source: .payload(NFT_PAYLOAD_NETWORK_HEADER, offset: offset, length: length),
            requirements: requirements)
    }

    private static func transport(
        _ offset: UInt32, _ length: UInt32, _ requirements: [Requirement]
    ) -> Field {
        Field(
            source: .payload(NFT_PAYLOAD_TRANSPORT_HEADER, offset: offset, length: length),
            requirements: requirements)
    }
}

extension Term {
    /// `meta l4proto tcp`
    static let isTCP = Term(field: .tcpFlags, test: .exists)
    /// `tcp flags syn / syn,ack`: what opens a connection.
    static let opensConnection = Field.tcpFlags.hasBits(0x02, of: 0x12)
    /// `tcp flags & rst == rst`
    static let isReset = Field.tcpFlags.hasBits(0x04, of: 0x04)
    /// `icmpv6 type nd-neighbor-solicit`, `nd-neighbor-advert`
    static let isSolicitation = Field.icmpv6Type.equals([135])
    static let isAdvertisement = Field.icmpv6Type.equals([136])
    /// `iif != lo`, `oif != lo`: the loopback's index is 1 in every network namespace.
    static let isFromOutside = Field.inputInterface.differs(from: loopbackIndex)
    static let isToOutside = Field.outputInterface.differs(from: loopbackIndex)

    private static let loopbackIndex = withUnsafeBytes(of: UInt32(1)) { Array($0) }
}
