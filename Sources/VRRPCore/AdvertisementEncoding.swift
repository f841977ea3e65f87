public import Addressing
internal import MonotonicTime

extension Advertisement {
    /// The octets of the message, behind the IP header.
    ///
    /// What does not fit is our own mistake and traps: ``VirtualRouterSettings/objection`` is to be
    /// heeded before.
    ///
    /// - Parameters:
    ///   - source: the packet's, and `destination` too: they count into the checksum.
    ///   - form: for version 3 over IPv4; elsewhere there is no choice.
    public func encoded(
        from source: IPAddress, to destination: IPAddress, _ form: ChecksumForm = .pseudoHeader
    ) -> [UInt8] {
        precondition((1...255).contains(addresses.count), "1 to 255 addresses fit the field")
        let units = interval.nanoseconds / version.intervalUnit.nanoseconds
        precondition((1...Int64(version.intervalUnitsMax)).contains(units), "the interval fits")
        var message: [UInt8] = [
            version.rawValue << 4 | Self.type, virtualRouterID, priority, UInt8(addresses.count),
        ]
        switch version {
        case .two:
            message += [0, UInt8(units)]  // Authentication: none.
        case .three:
            message += [UInt8(units >> 8), UInt8(truncatingIfNeeded: units)]
        }
        message += [0, 0]
        for address in addresses {
            precondition(address.bitCount == source.bitCount, "addresses of the packet's family")
            message += address.octets
        }
        if version == .two {
            message += Array(repeating: 0, count: Self.authenticationLength)
        }
        let sum = InternetChecksum.of(
            message, ChecksumForm.only(of: version, over: source) ?? form, source: source,
            destination: destination)
        message[6] = UInt8(sum >> 8)
        message[7] = UInt8(truncatingIfNeeded: sum)
        return message
    }
}
