/// Turns byte offsets of one line into columns, and finds its bytes that are not UTF-8.
struct Columns {
    /// Byte offsets at which the line's characters begin; `nil` for ASCII, where each byte is one.
    private let starts: [Int]?

    /// Byte offsets at which malformed sequences begin, ascending.
    private let malformed: [Int]

    /// `line` comes without its line end. Work and memory are linear in its length.
    init(_ line: [UInt8]) {
        guard line.contains(where: { $0 >= 0x80 }) else {
            (starts, malformed) = (nil, [])
            return
        }
        var scalars = String.UnicodeScalarView()
        var scalarOffsets: [Int] = []
        var malformed: [Int] = []
        var offset = 0
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = line.makeIterator()
        decoding: while true {
            switch parser.parseScalar(from: &iterator) {
            case .valid(let encoded):
                scalarOffsets.append(offset)
                scalars.append(Unicode.UTF8.decode(encoded))
                offset += encoded.count
            case .error(let length):
                scalarOffsets.append(offset)
                malformed.append(offset)
                scalars.append("\u{FFFD}")
                offset += length
            case .emptyInput:
                break decoding
            }
        }
        var starts: [Int] = []
        var scalarIndex = 0
        for character in String(scalars) {
            starts.append(scalarOffsets[scalarIndex])
            scalarIndex += character.unicodeScalars.count
        }
        self.starts = starts
        self.malformed = malformed
    }

    /// The column, counted from 1, of the character that the byte at `offset` belongs to.
    func column(at offset: Int) -> Int {
        guard let starts else { return offset + 1 }
        return max(1, Self.countBelow(offset + 1, in: starts))
    }

    /// Where the first malformed sequence within `range` begins.
    func firstMalformed(in range: Range<Int>) -> Int? {
        let index = Self.countBelow(range.lowerBound, in: malformed)
        guard index < malformed.count, range.contains(malformed[index]) else { return nil }
        return malformed[index]
    }

    /// How many of the ascending `offsets` are less than `limit`.
    private static func countBelow(_ limit: Int, in offsets: [Int]) -> Int {
        var low = 0
        var high = offsets.count
        while low < high {
            let middle = low + (high - low) / 2
            if offsets[middle] < limit {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}
