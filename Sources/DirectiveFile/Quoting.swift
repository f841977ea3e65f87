/// A word as it is written into a file: bare where Redis reads it back unchanged, else in the form
/// that Redis's own rewriting has (its `sdscatrepr`), in which all but printable ASCII is escaped.
func spelling(of word: String, atLineStart: Bool) -> [UInt8] {
    needsQuotes(word, atLineStart: atLineStart) ? quotedSpelling(of: word) : Array(word.utf8)
}

private func quotedSpelling(of word: String) -> [UInt8] {
    var spelled: [UInt8] = [UInt8(ascii: "\"")]
    for byte in word.utf8 {
        switch byte {
        case UInt8(ascii: "\\"), UInt8(ascii: "\""): spelled += [UInt8(ascii: "\\"), byte]
        case 0x0A: spelled += Array(#"\n"#.utf8)
        case 0x0D: spelled += Array(#"\r"#.utf8)
        case 0x09: spelled += Array(#"\t"#.utf8)
        case 0x07: spelled += Array(#"\a"#.utf8)
        case 0x08: spelled += Array(#"\b"#.utf8)
        case 0x20...0x7E: spelled.append(byte)
        default:
            let digits = Array("0123456789abcdef".utf8)
            spelled += Array(#"\x"#.utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
        }
    }
    spelled.append(UInt8(ascii: "\""))
    return spelled
}

private func needsQuotes(_ word: String, atLineStart: Bool) -> Bool {
    if word.isEmpty || word == "#" || (atLineStart && word.utf8.first == UInt8(ascii: "#")) {
        return true
    }
    return word.utf8.contains { byte in
        // Redis leaves a single quote bare, and then cannot read its own file.
        !(0x21...0x7E).contains(byte) || byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "\"")
            || byte == UInt8(ascii: "'")
    }
}

extension Document {
    /// A word as it is written behind a directive's name: bare where Redis reads it back
    /// unchanged, else in double quotes.
    public static func spelled(_ word: String) -> String {
        String(decoding: spelling(of: word, atLineStart: false), as: Unicode.UTF8.self)
    }

    /// A word in double quotes, whether it needs them or not: so Redis writes what is a text.
    public static func quoted(_ word: String) -> String {
        String(decoding: quotedSpelling(of: word), as: Unicode.UTF8.self)
    }
}
