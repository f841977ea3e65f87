/// How much of a configuration file is read. Text beyond a limit is kept, reported and not read.
public struct Limits: Hashable, Sendable {
    /// Bytes in the whole file. Sentinel's file grows by about 600 bytes for each group that it
    /// watches: this is room for some 7,000 groups.
    public var fileByteCountMax = 4 << 20

    /// Bytes in one line, its line end included. The longest lines in use are ACL users with
    /// hundreds of key patterns, of a few kilobytes.
    public var lineByteCountMax = 64 << 10

    /// Lines in the whole file. Redis's own commented redis.conf has 2,300.
    public var lineCountMax = 100_000

    /// Problems listed for one file; a person repairs the first of them and asks again.
    public var problemCountMax = 100

    /// The limits stated at each property.
    public init() {}
}
