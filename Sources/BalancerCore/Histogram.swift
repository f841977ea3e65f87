public import MonotonicTime

/// How long requests took, in buckets that are 1/8 of their size wide, so that a quantile is at
/// most 12.5 % too high; from a microsecond to half an hour.
public struct Histogram: Sendable {
    private static let stepsPerDoubling = 8
    private static let bucketCount = 32 * stepsPerDoubling

    private var counts = ContiguousArray<UInt64>(repeating: 0, count: bucketCount)
    public private(set) var count: UInt64 = 0

    public init() {}

    /// Negative lengths count as none.
    @inline(__always)
    mutating func record(_ length: Interval) {
        counts[Self.bucket(of: UInt64(max(0, length.nanoseconds)) / 1000)] &+= 1
        count &+= 1
    }

    @inline(__always)
    private static func bucket(of microseconds: UInt64) -> Int {
        guard microseconds >= 16 else { return Int(microseconds) }
        let exponent = 63 - microseconds.leadingZeroBitCount
        let step = Int(microseconds >> UInt64(exponent - 3)) & 7
        return min((exponent - 2) * stepsPerDoubling + step, bucketCount - 1)
    }

    /// The length that this share of all did not exceed, `nil` when there are none.
    public func quantile(_ share: Double) -> Interval? {
        guard count > 0 else { return nil }
        let rank = UInt64((Double(count) * min(max(share, 0), 1)).rounded(.up))
        var seen: UInt64 = 0
        for (bucket, inBucket) in counts.enumerated() {
            seen += inBucket
            if seen >= max(1, rank) { return .microseconds(Self.upperEdge(of: bucket)) }
        }
        return nil
    }

    private static func upperEdge(of bucket: Int) -> Int {
        guard bucket >= 16 else { return bucket + 1 }
        let exponent = bucket / stepsPerDoubling + 2
        let step = bucket % stepsPerDoubling
        return (8 + step + 1) << (exponent - 3)
    }

    /// What has been added since an earlier state of this one.
    public func since(_ earlier: Histogram) -> Histogram {
        var difference = self
        for bucket in counts.indices {
            difference.counts[bucket] &-= min(earlier.counts[bucket], counts[bucket])
        }
        difference.count = difference.counts.reduce(0, &+)
        return difference
    }

    /// The sum of two, as of several reactors.
    public mutating func add(_ other: Histogram) {
        for bucket in counts.indices { counts[bucket] &+= other.counts[bucket] }
        count &+= other.count
    }
}
