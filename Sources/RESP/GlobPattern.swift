/// Redis's patterns, as `PSUBSCRIBE` and `SENTINEL RESET` take them: `*`, `?`, `[a-z]`, `[^a]` and
/// `\` before a byte that is meant literally.
///
/// Takes at most pattern × text steps whatever a client sends; Redis's own recursion can take
/// exponentially many.
public struct GlobPattern: Hashable, Sendable {
    /// As it was written.
    public let bytes: [UInt8]

    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Whether the pattern takes the whole text.
    public func matches(_ text: [UInt8]) -> Bool {
        var index = 0
        var position = 0
        /// Where to go on after the newest star, should what follows it not match.
        var retry: (index: Int, position: Int)?
        while position < text.count || index < bytes.count {
            if index < bytes.count, bytes[index] == UInt8(ascii: "*") {
                index += 1
                retry = (index, position)
                continue
            }
            if position < text.count, index < bytes.count {
                var next = index
                if matchesOne(text[position], &next) {
                    index = next
                    position += 1
                    continue
                }
            }
            guard let star = retry, star.position < text.count else { return false }
            retry = (star.index, star.position + 1)
            index = star.index
            position = star.position + 1
        }
        return true
    }

    /// Whether the element at `index` takes `byte`; moves behind the element.
    private func matchesOne(_ byte: UInt8, _ index: inout Int) -> Bool {
        switch bytes[index] {
        case UInt8(ascii: "?"):
            index += 1
            return true
        case UInt8(ascii: "["):
            return matchesClass(byte, &index)
        case UInt8(ascii: "\\") where index + 1 < bytes.count:
            index += 2
            return bytes[index - 1] == byte
        case let literal:
            index += 1
            return literal == byte
        }
    }

    private func matchesClass(_ byte: UInt8, _ index: inout Int) -> Bool {
        index += 1
        let isNegated = index < bytes.count && bytes[index] == UInt8(ascii: "^")
        if isNegated { index += 1 }
        var isIn = false
        while index < bytes.count, bytes[index] != UInt8(ascii: "]") {
            if bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.count {
                index += 1
                isIn = isIn || bytes[index] == byte
            } else if index + 2 < bytes.count, bytes[index + 1] == UInt8(ascii: "-") {
                let (first, last) = (bytes[index], bytes[index + 2])
                isIn = isIn || (min(first, last)...max(first, last)).contains(byte)
                index += 2
            } else {
                isIn = isIn || bytes[index] == byte
            }
            index += 1
        }
        // A class without its end closes with the pattern, as in Redis.
        if index < bytes.count { index += 1 }
        return isIn != isNegated
    }
}
