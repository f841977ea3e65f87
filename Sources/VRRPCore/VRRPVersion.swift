public import MonotonicTime

/// Which of the two protocols that share IP protocol 112 a virtual router speaks.
public enum VRRPVersion: UInt8, Equatable, Sendable, CaseIterable {
    /// RFC 3768: IPv4 alone, whole seconds. What keepalived speaks for IPv4 unless told otherwise.
    case two = 2
    /// RFC 5798 and RFC 9568: both families, hundredths of a second.
    case three = 3

    /// The unit that the interval is sent in.
    public var intervalUnit: Interval {
        switch self {
        case .two: .seconds(1)
        case .three: .milliseconds(10)
        }
    }

    /// The greatest count of units that the field holds: 8 or 12 bits.
    public var intervalUnitsMax: Int {
        switch self {
        case .two: 255
        case .three: 4095
        }
    }
}
