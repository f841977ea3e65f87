/// Swift text with comments and the content of string literals turned into spaces; line breaks and
/// what is interpolated stay. Rules that look for words or braces would else find them in prose.
func codeAlone(_ text: String) -> String {
    var scanner = CodeScanner(bytes: Array(text.utf8))
    scanner.passCode(inInterpolation: false)
    return String(decoding: scanner.output, as: UTF8.self)
}

private struct CodeScanner {
    private let bytes: [UInt8]
    private(set) var output: [UInt8]
    private var position = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
        output = bytes
    }

    /// Passes code to the end of the text, or to the parenthesis that ends an interpolation.
    mutating func passCode(inInterpolation: Bool) {
        var depth = 0
        while position < bytes.count {
            if sees("//") {
                while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { blank(1) }
            } else if sees("/*") {
                passBlockComment()
            } else if let hashCount = hashCountOfLiteral() {
                passLiteral(hashCount: hashCount)
            } else if sees("(") {
                depth += 1
                position += 1
            } else if sees(")") {
                if inInterpolation && depth == 0 { return }
                depth -= 1
                position += 1
            } else {
                position += 1
            }
        }
    }

    private mutating func passBlockComment() {
        var depth = 0
        repeat {
            if sees("/*") {
                depth += 1
                blank(2)
            } else if sees("*/") {
                depth -= 1
                blank(2)
            } else {
                blank(1)
            }
        } while depth > 0 && position < bytes.count
    }

    /// How many `#` stand before the quote, where a string literal begins here.
    private func hashCountOfLiteral() -> Int? {
        var end = position
        while end < bytes.count, bytes[end] == UInt8(ascii: "#") { end += 1 }
        guard end < bytes.count, bytes[end] == UInt8(ascii: "\"") else { return nil }
        return end - position
    }

    private mutating func passLiteral(hashCount: Int) {
        let hashes = String(repeating: "#", count: hashCount)
        blank(hashCount)
        let quotes = sees("\"\"\"") ? "\"\"\"" : "\""
        blank(quotes.utf8.count)
        while position < bytes.count {
            if sees(quotes + hashes) {
                blank(quotes.utf8.count + hashCount)
                return
            } else if sees("\\" + hashes + "(") {
                blank(2 + hashCount)
                passCode(inInterpolation: true)
                blank(1)
            } else if sees("\\" + hashes) {
                blank(2 + hashCount)
            } else {
                blank(1)
            }
        }
    }

    private func sees(_ text: String) -> Bool {
        bytes[position...].starts(with: text.utf8)
    }

    private mutating func blank(_ count: Int) {
        for index in position..<min(position + count, bytes.count)
        where bytes[index] != UInt8(ascii: "\n") {
            output[index] = UInt8(ascii: " ")
        }
        position = min(position + count, bytes.count)
    }
}
