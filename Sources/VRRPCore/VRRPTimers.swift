public import MonotonicTime

/// How long a backup waits for an advertisement (RFC 9568 section 6.1, RFC 3768 section 6.1).
public enum VRRPTimers {
    /// Skew_Time: the higher the priority the shorter, so that of several the best comes first.
    /// Always more than nothing and less than the interval, or in version 2 than a second.
    ///
    /// - Parameter interval: the active host's.
    public static func skew(
        _ version: VRRPVersion, priority: UInt8, interval: Interval
    ) -> Interval {
        let unit =
            switch version {
            case .two: Interval.seconds(1)
            case .three: interval
            }
        return unit * (256 - Int(priority)) / 256
    }

    /// Active_Down_Interval (RFC 3768: Master_Down_Interval): an active host that has not been
    /// heard for so long is down.
    public static func downInterval(
        _ version: VRRPVersion, priority: UInt8, interval: Interval
    ) -> Interval {
        interval * 3 + skew(version, priority: priority, interval: interval)
    }
}
