internal import Addressing

/// What a checksum covers. Version 2 covers the message; version 3 over IPv6 a pseudo-header too.
/// For version 3 over IPv4 the specifications disagree.
public enum ChecksumForm: Equatable, Sendable, CaseIterable {
    /// The pseudo-header and the message: RFC 5798 section 5.2.8, and keepalived.
    case pseudoHeader
    /// The message alone: RFC 9568 section 5.2.8.
    case messageOnly

    /// The form that a version has over a family where there is no choice; `nil` where there is.
    static func only(of version: VRRPVersion, over source: IPAddress) -> ChecksumForm? {
        switch (version, source) {
        case (.two, _): .messageOnly
        case (.three, .v6): .pseudoHeader
        case (.three, .v4): nil
        }
    }
}

/// The Internet checksum (RFC 1071), as VRRP uses it.
enum InternetChecksum {
    /// The checksum for a message whose checksum field is zero; 0 for one whose field is right.
    static func of(
        _ message: some Collection<UInt8>, _ form: ChecksumForm, source: IPAddress,
        destination: IPAddress
    ) -> UInt16 {
        var sum = sum(of: message)
        if form == .pseudoHeader {
            // RFC 8200 section 8.1 and RFC 9293 section 3.1 order the fields differently; the sum
            // of 16-bit words is the same.
            sum += Self.sum(of: source.octets) + Self.sum(of: destination.octets)
            sum += UInt64(Advertisement.protocolNumber) + UInt64(message.count)
        }
        while sum > 0xFFFF { sum = sum & 0xFFFF + sum >> 16 }
        return ~UInt16(truncatingIfNeeded: sum)
    }

    /// An odd last octet counts as the upper half of a word.
    private static func sum(of octets: some Collection<UInt8>) -> UInt64 {
        var sum: UInt64 = 0
        var isUpper = true
        for octet in octets {
            sum += isUpper ? UInt64(octet) << 8 : UInt64(octet)
            isUpper.toggle()
        }
        return sum
    }
}
