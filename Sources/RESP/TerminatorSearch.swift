/// Finds the end of a line that arrives in pieces, looking at each byte once.
///
/// The caller names the line by where it starts in the bytes it was fed; the search remembers how
/// much of that line it has seen to hold no terminator.
struct TerminatorSearch: Sendable {
    enum Outcome: Equatable {
        /// The offset of the first terminator.
        case found(Int)
        case notYet
        /// The line is longer than it may be.
        case tooLong
    }

    /// Bytes of the current line that are known to hold no terminator.
    private var seenByteCount = 0
    /// Bytes looked at in the life of the search: what a test holds against the bytes fed.
    private(set) var examinedByteCount = 0

    /// Looks for `terminator`, or `alternative`, in the line that starts at `start`; before it may
    /// stand at most `bytesMax` bytes. The answer does not depend on how the bytes were split.
    mutating func find(
        _ terminator: UInt8, or alternative: UInt8, in unread: RawSpan, from start: Int,
        bytesMax: Int
    ) -> Outcome {
        let available = unread.byteCount - start
        let reach = available > bytesMax ? bytesMax + 1 : available
        var seen = seenByteCount
        while seen < reach {
            let byte = unread.byte(at: start + seen)
            if byte == terminator || byte == alternative { break }
            seen += 1
        }
        // One byte is looked at again when the line ended in a terminator that was not accepted
        // yet (a CR whose LF has not arrived).
        examinedByteCount &+= min(seen + 1, reach) - min(seenByteCount, reach)
        seenByteCount = seen
        if seen < reach { return .found(start + seen) }
        return available > bytesMax ? .tooLong : .notYet
    }

    /// The line was consumed; the next search is for another.
    mutating func finishLine() {
        seenByteCount = 0
    }
}
