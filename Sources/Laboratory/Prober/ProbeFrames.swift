import Addressing

/// The frames of a ``Prober``, and what it reads from those that come back.
///
/// Each probe carries its number where the answer repeats it: in the sender's hardware address of a
/// question, which an ARP reply names as its target, and in the sequence number of a SYN.
struct ProbeFrames: Equatable, Sendable {
    /// What is asked for.
    let address: IPv4Address
    let port: UInt16

    /// On the external network, and nobody's: the kernel of no host knows of the prober.
    static let ownAddress = IPv4Address(10, 18, 15, 254)
    /// Locally administered; the last two octets are a probe's number.
    static let ownHardware = MACAddress(bits: 0x02BA_707E_0000)
    private static let ownHardwareMask: UInt64 = 0xFFFF_FFFF_0000
    /// A packet filter's condition for what is not from a prober.
    static var isNoProbe: String {
        "ether saddr & \(MACAddress(bits: ownHardwareMask)) != \(ownHardware)"
    }
    /// A source port lives as long as its probe's answer may take: kernels would take a SYN from a
    /// port of a half-open connection for a repeated one.
    private static let ports: ClosedRange<UInt16> = 10_000...32_767

    /// What a frame from a host means to the prober.
    enum Meaning: Equatable {
        case arpReply(number: UInt16)
        /// `acknowledgement` is what a reset must carry to be heeded.
        case synAck(number: UInt16, acknowledgement: UInt32)
        case claim
        /// The host wants to know where the prober is.
        case question(from: MACAddress, IPv4Address)
    }

    // MARK: To a host

    /// Who has the address? To this host alone.
    func question(_ number: UInt16, to host: MACAddress) -> [UInt8] {
        let own = MACAddress(bits: Self.ownHardware.bits | UInt64(number))
        return Self.arp(
            1, from: own, Self.ownAddress, to: host, (MACAddress(bits: 0), address))
    }

    /// Begins a connection that the prober will not finish.
    func syn(_ number: UInt16, to host: MACAddress) -> [UInt8] {
        segment(number, to: host, sequence: UInt32(number) << 8, flags: Self.syn)
    }

    /// Ends the connection, which would otherwise stay half-open and be offered again and again.
    func reset(_ number: UInt16, to host: MACAddress, sequence: UInt32) -> [UInt8] {
        segment(number, to: host, sequence: sequence, flags: Self.rst)
    }

    /// Here is the prober.
    func reply(to host: MACAddress, _ asker: IPv4Address) -> [UInt8] {
        Self.arp(2, from: Self.ownHardware, Self.ownAddress, to: host, (host, asker))
    }

    static func arp(
        _ operation: UInt16, from sender: MACAddress, _ senderAddress: IPv4Address,
        to destination: MACAddress, _ target: (MACAddress, IPv4Address)
    ) -> [UInt8] {
        var frame = destination.octets + sender.octets + octets(etherTypeARP)
        frame += [0, 1, 8, 0, 6, 4] + octets(operation)  // Ethernet, IPv4, their lengths.
        frame += sender.octets + senderAddress.octets + target.0.octets + target.1.octets
        return frame + Array(repeating: 0, count: frameLengthMin - frame.count)
    }

    private func segment(
        _ number: UInt16, to host: MACAddress, sequence: UInt32, flags: UInt8
    ) -> [UInt8] {
        var segment = Self.octets(Self.sourcePort(number)) + Self.octets(port)
        segment += Self.octets(sequence) + [0, 0, 0, 0]  // Nothing is acknowledged.
        segment += [5 << 4, flags, 0xFF, 0xFF, 0, 0, 0, 0]  // Length, window, checksum, urgent.
        // RFC 9293 section 3.1: addresses, protocol and length count into the checksum.
        let pseudoHeader =
            Self.ownAddress.octets + address.octets + [0, Self.protocolTCP]
            + Self.octets(UInt16(segment.count))
        segment.replaceSubrange(16..<18, with: Self.octets(Self.checksum(pseudoHeader + segment)))

        var header: [UInt8] = [0x45, 0] + Self.octets(UInt16(20 + segment.count))
        header += [0, 0, 0x40, 0, 64, Self.protocolTCP, 0, 0]  // Don't fragment, 64 hops.
        header += Self.ownAddress.octets + address.octets
        header.replaceSubrange(10..<12, with: Self.octets(Self.checksum(header)))

        let frame =
            host.octets + Self.ownHardware.octets + Self.octets(Self.etherTypeIPv4) + header
            + segment
        return frame + Array(repeating: 0, count: max(0, Self.frameLengthMin - frame.count))
    }

    private static func sourcePort(_ number: UInt16) -> UInt16 {
        ports.lowerBound + number % UInt16(ports.count)
    }

    // MARK: From a host

    /// What a frame means that came from the host of this hardware address; `nil` when nothing.
    func meaning(of frame: some Collection<UInt8>, from host: MACAddress) -> Meaning? {
        let frame = Array(frame)
        guard frame.count >= Self.headersLengthMin, frame[6..<12].elementsEqual(host.octets)
        else { return nil }
        switch Self.number16(frame, 12) {
        case Self.etherTypeARP: return arpMeaning(frame)
        case Self.etherTypeIPv4: return segmentMeaning(frame)
        default: return nil
        }
    }

    private func arpMeaning(_ frame: [UInt8]) -> Meaning? {
        let operation = Self.number16(frame, 20)
        let target = MACAddress(bits: frame[32..<38].reduce(0) { $0 << 8 | UInt64($1) })
        let targetAddress = IPv4Address(bits: Self.number32(frame, 38))
        if Self.number32(frame, 28) == address.bits {
            let isOurs = target.bits & Self.ownHardwareMask == Self.ownHardware.bits
            return operation == 2 && isOurs
                ? .arpReply(number: UInt16(truncatingIfNeeded: target.bits)) : .claim
        }
        guard operation == 1, targetAddress == Self.ownAddress else { return nil }
        let asker = MACAddress(bits: frame[22..<28].reduce(0) { $0 << 8 | UInt64($1) })
        return .question(from: asker, IPv4Address(bits: Self.number32(frame, 28)))
    }

    private func segmentMeaning(_ frame: [UInt8]) -> Meaning? {
        let start = 14 + Int(frame[14] & 0x0F) * 4
        guard frame[23] == Self.protocolTCP, frame.count >= start + 20,
            Self.number32(frame, 26) == address.bits,
            Self.number32(frame, 30) == Self.ownAddress.bits,
            Self.number16(frame, start) == port
        else { return nil }
        let acknowledgement = Self.number32(frame, start + 8)
        // A reset is no answer: it says that nobody is served here.
        guard frame[start + 13] & (Self.syn | Self.ack | Self.rst) == Self.syn | Self.ack,
            acknowledgement & 0xFF == 1, acknowledgement >> 8 <= UInt32(UInt16.max)
        else { return nil }
        let number = UInt16(acknowledgement >> 8)
        guard Self.number16(frame, start + 2) == Self.sourcePort(number) else { return nil }
        return .synAck(number: number, acknowledgement: acknowledgement)
    }

    // MARK: Octets

    private static let frameLengthMin = 60
    /// Of Ethernet and either ARP or IPv4 without options and TCP's first octets.
    private static let headersLengthMin = 42
    private static let etherTypeARP: UInt16 = 0x0806
    private static let etherTypeIPv4: UInt16 = 0x0800
    private static let protocolTCP: UInt8 = 6
    private static let syn: UInt8 = 0x02
    private static let rst: UInt8 = 0x04
    private static let ack: UInt8 = 0x10

    private static func number16(_ bytes: [UInt8], _ index: Int) -> UInt16 {
        UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1])
    }

    private static func number32(_ bytes: [UInt8], _ index: Int) -> UInt32 {
        UInt32(number16(bytes, index)) << 16 | UInt32(number16(bytes, index + 2))
    }

    private static func octets(_ value: UInt16) -> [UInt8] {
        [UInt8(value >> 8), UInt8(truncatingIfNeeded: value)]
    }

    private static func octets(_ value: UInt32) -> [UInt8] {
        octets(UInt16(value >> 16)) + octets(UInt16(truncatingIfNeeded: value))
    }

    /// The Internet checksum (RFC 1071) of an even number of octets.
    private static func checksum(_ bytes: [UInt8]) -> UInt16 {
        var sum: UInt32 = 0
        for index in stride(from: 0, to: bytes.count - 1, by: 2) {
            sum += UInt32(bytes[index]) << 8 | UInt32(bytes[index + 1])
        }
        while sum > 0xFFFF { sum = sum & 0xFFFF + sum >> 16 }
        return ~UInt16(sum)
    }
}
