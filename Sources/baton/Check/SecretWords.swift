import DirectiveFile

/// Passwords stand in the file; they shall not stand in a terminal's history or in the journal.
enum SecretWords {
    /// The columns of a line that hold one. Too many rather than too few: of such a line
    /// everything from the password on, and the value of a line that could not be read.
    static func columns(of line: Line) -> [ClosedRange<Int>] {
        let text = String(decoding: line.bytes, as: UTF8.self)
        var words: [(start: Int, text: String)] = []
        var isInWord = false
        for (index, character) in text.enumerated() {
            if character == " " || character == "\t" || character.isNewline {
                isInWord = false
            } else if isInWord {
                words[words.count - 1].text.append(character)
            } else {
                isInWord = true
                words.append((index + 1, String(character)))
            }
        }
        guard let first = place(in: words.map { $0.text.lowercased() }), first < words.count else {
            return []
        }
        return [words[first].start...Int.max]
    }

    /// Which word is the secret.
    private static func place(in words: [String]) -> Int? {
        guard let name = words.first else { return nil }
        switch name {
        case "requirepass", "masterauth", "tls-key-file-pass", "tls-client-key-file-pass":
            return 1
        case "user": return 2
        case "sentinel":
            guard words.count > 1 else { return nil }
            if words[1].hasPrefix("auth-p") { return 3 }
            return words[1] == "sentinel-pass" ? 2 : nil
        case "baton":
            return words.count > 1 && words[1] == "secret" && words[2...] != ["none"]
                ? 2 : nil
        default: return nil
        }
    }
}
