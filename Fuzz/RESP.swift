// sources: RESP
//
// Any bytes, read as replies and as requests: nothing traps; a cut anywhere changes nothing; what
// was read and written again reads the same.
//
// The input's first byte chooses the limits, the next two where the rest is cut.

/// libFuzzer's entry: one input, by its bytes.
@c(LLVMFuzzerTestOneInput)
public func fuzzOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = [UInt8](UnsafeBufferPointer(start: start, count: count))
    guard input.count >= 3 else { return 0 }
    let limits =
        input[0].isMultiple(of: 2)
        ? RESPLimits()
        : RESPLimits(
            lineBytesMax: 32, elementCountMax: 9, bulkBytesMax: 40, depthMax: 3, valueBytesMax: 99)
    let bytes = input[3...]
    let cut = 3 + (Int(input[1]) << 8 | Int(input[2])) % (bytes.count + 1)

    let replies = Replies(pieces: [bytes], limits: limits)
    precondition(replies == Replies(pieces: [input[3..<cut], input[cut...]], limits: limits))
    precondition(replies == Replies(pieces: bytes.indices.map { input[$0...$0] }, limits: limits))
    let again = Replies(pieces: [replies.written[...]], limits: RESPLimits())
    precondition(again.written == replies.written && again.failure == nil)

    let requests = Requests(pieces: [bytes], limits: limits)
    precondition(requests == Requests(pieces: [input[3..<cut], input[cut...]], limits: limits))
    precondition(requests == Requests(pieces: bytes.indices.map { input[$0...$0] }, limits: limits))
    return 0
}

/// What the reply scanner made of the pieces. Values are held as written in RESP3, because
/// not-a-number does not equal itself.
private struct Replies: Equatable {
    var written: [UInt8] = []
    var failure: RESPError?

    init(pieces: [ArraySlice<UInt8>], limits: RESPLimits) {
        var scanner = ReplyScanner(limits: limits)
        var fedCount = 0
        var scanCount = 0
        failure = feed(pieces) { (span) throws(RESPError) in
            scanCount += 1
            switch try scanner.scan(span) {
            case .value(let value, let consumed):
                RESPEncoder(version: .resp3).append(value, to: &written)
                return (consumed, false)
            case .needsMore(let consumed):
                return (consumed, true)
            }
        }
        for piece in pieces { fedCount += piece.count }
        precondition(scanner.examinedByteCount <= fedCount + scanCount, "bytes are looked at again")
    }
}

/// What the request scanner made of the pieces.
private struct Requests: Equatable {
    var values: [[[UInt8]]] = []
    var failure: RESPError?

    init(pieces: [ArraySlice<UInt8>], limits: RESPLimits) {
        var scanner = RequestScanner(limits: limits)
        failure = feed(pieces) { (span) throws(RESPError) in
            switch try scanner.scan(span) {
            case .value(let value, let consumed):
                values.append(value)
                return (consumed, false)
            case .needsMore(let consumed):
                return (consumed, true)
            }
        }
        precondition(values.allSatisfy { !$0.isEmpty }, "a request of nothing")
    }
}

/// Feeds pieces as a connection does: each is appended to what was not consumed.
private func feed(
    _ pieces: [ArraySlice<UInt8>],
    to scan: (RawSpan) throws(RESPError) -> (consumed: Int, isHungry: Bool)
) -> RESPError? {
    var unread: [UInt8] = []
    do throws(RESPError) {
        for piece in pieces {
            unread += piece
            var isHungry = false
            while !isHungry {
                let consumed: Int
                (consumed, isHungry) = try scan(unread.span.bytes)
                unread.removeFirst(consumed)
            }
        }
        return nil
    } catch {
        return error
    }
}
