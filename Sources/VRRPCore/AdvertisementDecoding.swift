internal import Addressing
internal import MonotonicTime

extension Advertisement {
    /// Reads a message of any virtual router: all that can be told without knowing what this host
    /// is set to.
    ///
    /// Its length must be exactly what it says, as keepalived demands it: an unknown tail may mean
    /// anything.
    ///
    /// - Returns: the form of checksum that was right, besides. A message of version 3 over IPv4
    ///   may have either.
    public static func decode(
        _ datagram: VRRPDatagram
    ) throws(AdvertisementRefusal) -> (Advertisement, ChecksumForm) {
        let octets = Array(datagram.message)
        guard octets.count >= headerLength else {
            throw .length(expected: headerLength, actual: octets.count)
        }
        guard let version = VRRPVersion(rawValue: octets[0] >> 4) else {
            throw .version(octets[0] >> 4)
        }
        if case (.two, .v6) = (version, datagram.source) { throw .version(version.rawValue) }
        guard octets[0] & 0xF == type else { throw .type(octets[0] & 0xF) }
        let count = Int(octets[3])
        let addressLength = datagram.source.bitCount / 8
        let trailer = version == .two ? authenticationLength : 0
        let expected = headerLength + count * addressLength + trailer
        guard octets.count == expected else {
            throw .length(expected: expected, actual: octets.count)
        }
        guard let form = rightForm(octets, version, datagram) else { throw .checksum }
        let units: Int
        switch version {
        case .two:
            guard octets[4] == 0 else { throw .authentication(octets[4]) }
            units = Int(octets[5])
        case .three:
            // The upper four bits are reserved: ignored on receipt (RFC 9568 section 5.2.6).
            units = Int(octets[4] & 0xF) << 8 | Int(octets[5])
        }
        guard units > 0 else { throw .zeroInterval }
        guard count > 0 else { throw .noAddresses }
        let list = octets[headerLength..<(headerLength + count * addressLength)]
        let advertisement = Advertisement(
            version: version, virtualRouterID: octets[1], priority: octets[2],
            interval: version.intervalUnit * units, addresses: addresses(list, addressLength))
        return (advertisement, form)
    }

    private static func rightForm(
        _ octets: [UInt8], _ version: VRRPVersion, _ datagram: VRRPDatagram
    ) -> ChecksumForm? {
        let forms =
            ChecksumForm.only(of: version, over: datagram.source).map { [$0] }
            ?? ChecksumForm.allCases
        return forms.first {
            InternetChecksum.of(
                octets, $0, source: datagram.source, destination: datagram.destination) == 0
        }
    }

    private static func addresses(_ list: ArraySlice<UInt8>, _ length: Int) -> [IPAddress] {
        stride(from: list.startIndex, to: list.endIndex, by: length).map { start in
            let octets = list[start..<(start + length)]
            if length == 4 {
                return .v4(IPv4Address(bits: octets.reduce(0) { $0 << 8 | UInt32($1) }))
            }
            return .v6(
                IPv6Address(
                    high: octets.prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
                    low: octets.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }))
        }
    }
}

extension IPAddress {
    /// fe80::/10 (RFC 4291 section 2.5.6).
    var isLinkLocal: Bool {
        switch self {
        case .v4: false
        case .v6(let address): address.high >> 54 == 0xFE80 >> 6
        }
    }
}
