public import Addressing

/// One packet of IP protocol 112, with as much of its IP header as a virtual router must judge.
public struct VRRPDatagram: Equatable, Sendable {
    public var source: IPAddress
    public var destination: IPAddress
    /// IPv4 calls it time to live.
    public var hopLimit: UInt8
    /// What lies behind the IP header.
    public var message: ArraySlice<UInt8>

    public init(
        source: IPAddress, destination: IPAddress, hopLimit: UInt8, message: ArraySlice<UInt8>
    ) {
        self.source = source
        self.destination = destination
        self.hopLimit = hopLimit
        self.message = message
    }

    /// Octets of an IPv4 header without options.
    private static let headerLengthMin = 20

    /// Reads a whole IPv4 packet (RFC 791 section 3.1), as raw sockets hand it out. What lies
    /// behind its total length is padding of the network's and falls away.
    public init(ipv4 packet: ArraySlice<UInt8>) throws(AdvertisementRefusal) {
        let octets = packet.prefix(Self.headerLengthMin).map { $0 }
        guard octets.count == Self.headerLengthMin, octets[0] >> 4 == 4 else {
            throw .brokenHeader
        }
        let headerLength = Int(octets[0] & 0xF) * 4
        let totalLength = Int(octets[2]) << 8 | Int(octets[3])
        guard headerLength >= Self.headerLengthMin, totalLength >= headerLength,
            totalLength <= packet.count, octets[9] == Advertisement.protocolNumber
        else { throw .brokenHeader }
        hopLimit = octets[8]
        source = .v4(IPv4Address(octets[12], octets[13], octets[14], octets[15]))
        destination = .v4(IPv4Address(octets[16], octets[17], octets[18], octets[19]))
        message = packet.prefix(totalLength).dropFirst(headerLength)
    }
}
