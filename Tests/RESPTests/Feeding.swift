@testable import RESP

/// What a scanner made of a whole input: every value, then how it stood at the end.
struct Reading<Value: Sendable & Hashable>: Hashable, Sendable {
    var values: [Value] = []
    var failure: RESPError?
    /// Bytes taken from the input, 0 after a failure; what is left is of an unfinished part.
    var consumedByteCount = 0
}

extension Reading {
    /// Feeds pieces to a scan as a connection does: each is appended to what was not consumed.
    /// With the reading comes the number of scans that were made.
    static func of(
        pieces: [ArraySlice<UInt8>],
        by scan: (RawSpan) throws(RESPError) -> Scanned<Value>
    ) -> (reading: Self, scanCount: Int) {
        var reading = Self()
        var unread: [UInt8] = []
        var scanCount = 0
        for piece in pieces {
            unread += piece
            var isHungry = false
            while !isHungry {
                scanCount += 1
                let consumed: Int
                do {
                    switch try scan(unread.span.bytes) {
                    case .value(let value, let count):
                        reading.values.append(value)
                        consumed = count
                    case .needsMore(let count):
                        consumed = count
                        isHungry = true
                    }
                } catch {
                    reading.failure = error
                    // How much an earlier scan took of a value that failed depends on the cuts.
                    reading.consumedByteCount = 0
                    return (reading, scanCount)
                }
                reading.consumedByteCount += consumed
                unread.removeFirst(consumed)
            }
        }
        return (reading, scanCount)
    }
}

extension ReplyScanner {
    /// Reads a whole input at once.
    static func reading(
        _ input: [UInt8], limits: RESPLimits = RESPLimits()
    ) -> Reading<RESPValue> {
        var scanner = ReplyScanner(limits: limits)
        return Reading.of(pieces: [input[...]]) { (span) throws(RESPError) in
            try scanner.scan(span)
        }.reading
    }

    static func reading(_ input: String, limits: RESPLimits = RESPLimits()) -> Reading<RESPValue> {
        reading(Array(input.utf8), limits: limits)
    }
}

extension RequestScanner {
    /// Reads a whole input at once.
    static func reading(
        _ input: [UInt8], limits: RESPLimits = RESPLimits(), isAuthenticated: Bool = true
    ) -> Reading<[[UInt8]]> {
        var scanner = RequestScanner(limits: limits, isAuthenticated: isAuthenticated)
        return Reading.of(pieces: [input[...]]) { (span) throws(RESPError) in
            try scanner.scan(span)
        }.reading
    }

    static func reading(
        _ input: String, limits: RESPLimits = RESPLimits(), isAuthenticated: Bool = true
    ) -> Reading<[[UInt8]]> {
        reading(Array(input.utf8), limits: limits, isAuthenticated: isAuthenticated)
    }
}
