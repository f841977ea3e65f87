/// What a scanner accepts from a peer before it refuses.
///
/// A peer chooses every length on the wire, so each is held against one of these before anything
/// is computed, stored or waited for. The defaults suit links of Baton, where the largest honest
/// message is a reply of a few megabytes (`CLIENT LIST` of a busy server). Values below zero act
/// as zero.
public struct RESPLimits: Hashable, Sendable {
    /// Bytes of one line before its terminator, which is CRLF, for an inline request LF.
    ///
    /// Default 64 KiB: Redis's `PROTO_INLINE_MAX_SIZE`. Strings of more have their own limit.
    public let lineBytesMax: Int

    /// Elements of one array, set, push or request; pairs of one map or attribute.
    ///
    /// Default 1,048,576: Redis's own limit for requests until version 7 raised it to `INT_MAX`.
    public let elementCountMax: Int

    /// Bytes of one bulk string, bulk error or verbatim string.
    ///
    /// Default 16 MiB. Redis allows 512 MiB (`proto-max-bulk-len`), for values of users, which
    /// Baton's own links never carry.
    public let bulkBytesMax: Int

    /// Aggregates open at once.
    ///
    /// Default 32. Redis's deepest reply (`COMMAND DOCS`) nests 12 deep in version 7.0.15; a value
    /// is destroyed by recursion, so its depth also bounds the stack.
    public let depthMax: Int

    /// Bytes of one whole value or request, with all its framing.
    ///
    /// Default 32 MiB: it bounds what many small elements may cost, each of which is within the
    /// limits above. In memory the worst of them (simple strings of one byte) take 16 times their
    /// bytes on the wire.
    public let valueBytesMax: Int

    /// The defaults of every limit, each of which can be named to be replaced.
    public init(
        lineBytesMax: Int = 64 * 1024,
        elementCountMax: Int = 1024 * 1024,
        bulkBytesMax: Int = 16 * 1024 * 1024,
        depthMax: Int = 32,
        valueBytesMax: Int = 32 * 1024 * 1024
    ) {
        self.lineBytesMax = max(0, lineBytesMax)
        self.elementCountMax = max(0, elementCountMax)
        self.bulkBytesMax = max(0, bulkBytesMax)
        self.depthMax = max(0, depthMax)
        self.valueBytesMax = max(0, valueBytesMax)
    }
}
