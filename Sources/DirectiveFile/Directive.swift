/// A directive and its arguments, as they stand on one line of the file.
public struct Directive: Hashable, Sendable {
    /// One word of a directive.
    public struct Word: Hashable, Sendable {
        /// The word's value: quotes removed, escapes replaced. Malformed UTF-8, which is also a
        /// ``Problem``, shows as U+FFFD.
        public let text: String
        /// The word's line, counted from 1.
        public let line: Int
        /// The word's first character, an opening quote included, counted from 1.
        public let column: Int
    }

    /// The line, counted from 1.
    public let line: Int

    /// All words: the name as it was typed, then the arguments. Never empty.
    public let words: [Word]

    /// The directive's name in lower case: Redis reads names without regard to case.
    public let name: String

    /// The words after the name.
    public var arguments: ArraySlice<Word> {
        words.dropFirst()
    }

    init(line: Int, words: [Word]) {
        self.line = line
        self.words = words
        self.name = Self.lowercasedASCII(words[0].text)
    }

    /// Redis folds with C's `tolower`, which leaves all but ASCII alone.
    static func lowercasedASCII(_ text: String) -> String {
        String(
            decoding: text.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 },
            as: Unicode.UTF8.self)
    }
}
