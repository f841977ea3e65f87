/// What a directive of redis.conf takes, and what Redis has without it.
///
/// A Sentinel accepts all of them, acts on few, and writes each back in one spelling.
struct DirectiveSpec: Sendable {
    /// What may stand behind the name.
    enum Kind: Sendable, Equatable {
        /// `yes` or `no`.
        case boolean
        /// One word, written in quotes.
        case text
        /// The directory to work in; written as an absolute path.
        case directory
        case number(ClosedRange<Int>)
        case octal(ClosedRange<Int>)
        /// A number of bytes: `100mb`.
        case memory(ClosedRange<Int>)
        /// One of these words.
        case choice([String])
        /// Any of these words.
        case flags([String])
        /// Addresses; a minus before one that may be missing.
        case addresses
        /// Any words; the line is left as it is.
        case kept
    }

    let name: String
    let kind: Kind
    /// In the spelling in which it is written; `nil`: nothing.
    let defaultValue: String?
    /// The name of old.
    let alias: String?

    init(_ name: String, _ kind: Kind, default defaultValue: String?, alias: String? = nil) {
        self.name = name
        self.kind = kind
        self.defaultValue = defaultValue
        self.alias = alias
    }

    static let all = switches + texts + numbers + valkey

    /// Valkey's own, which a Sentinel of it accepts.
    private static let valkey = [
        "enable-debug-assert", "events-per-io-thread", "io-threads-always-active",
        "availability-zone", "primaryauth", "primaryuser", "hide-user-data-from-log",
        "extended-redis-compatibility", "commandlog-execution-slower-than",
    ].map { DirectiveSpec($0, .kept, default: nil) }

    /// By a name in lower case, old names too. Its order never reaches an effect.
    private static let byName: [String: DirectiveSpec] = Dictionary(
        all.flatMap { spec in
            [(spec.name, spec)] + (spec.alias.map { [($0, spec)] } ?? [])
        }, uniquingKeysWith: { first, _ in first })

    static func named(_ name: String) -> DirectiveSpec? { byName[name] }

    /// Why words cannot be the value, as the end of a sentence.
    struct Complaint: Error, Equatable {
        /// The index of the word.
        var word: Int
        var text: String
    }

    /// The value in one spelling; `nil` for nothing.
    func value(of words: [String]) throws(Complaint) -> String? {
        switch kind {
        case .kept, .addresses, .flags:
            // One quoted word may hold several.
            let words =
                words.count == 1 ? words[0].split(separator: " ").map(String.init) : words
            if case .flags(let allowed) = kind {
                return try Self.flags(words, allowed)
            }
            if case .addresses = kind, words.count > 16 {
                throw Complaint(word: 16, text: "at most 16 addresses can be bound")
            }
            return words.joined(separator: " ")
        case .boolean, .text, .directory, .number, .octal, .memory, .choice:
            guard words.count == 1 else {
                throw Complaint(word: min(1, words.count - 1), text: "needs exactly one value")
            }
            return try single(words[0])
        }
    }

    private func single(_ word: String) throws(Complaint) -> String? {
        switch kind {
        case .boolean:
            let value = Self.lowercased(word)
            guard value == "yes" || value == "no" else {
                throw Complaint(word: 0, text: "must be yes or no")
            }
            return value
        case .choice(let words):
            let value = Self.lowercased(word)
            guard words.contains(value) else {
                throw Complaint(
                    word: 0, text: "must be one of " + words.joined(separator: ", "))
            }
            return value
        case .number(let range):
            guard let number = Int(word), String(number) == word, range.contains(number) else {
                throw Complaint(word: 0, text: "must be a whole number from \(Self.text(range))")
            }
            return word
        case .octal(let range):
            guard let number = Int(word, radix: 8), range.contains(number) else {
                throw Complaint(word: 0, text: "must be permissions in octal, 0 to 777")
            }
            return String(number, radix: 8)
        case .memory(let range):
            guard let bytes = Self.bytes(word), range.contains(bytes) else {
                throw Complaint(
                    word: 0, text: "must be a number of bytes from \(Self.text(range)), as 100mb")
            }
            return String(bytes)
        case .text, .directory:
            return word.isEmpty && defaultValue == nil ? nil : word
        case .flags, .addresses, .kept:
            return word
        }
    }

    private static func flags(
        _ words: [String], _ allowed: [String]
    ) throws(Complaint) -> String {
        let values = words.map(lowercased)
        if let index = values.firstIndex(where: { !allowed.contains($0) }) {
            throw Complaint(
                word: index, text: "must be of " + allowed.joined(separator: ", "))
        }
        return values.joined(separator: " ")
    }

    private static func text(_ range: ClosedRange<Int>) -> String {
        range.upperBound == Int.max
            ? "\(range.lowerBound) on" : "\(range.lowerBound) to \(range.upperBound)"
    }

    /// Redis's units: `k` is a thousand, `kb` 1024.
    private static func bytes(_ word: String) -> Int? {
        let text = lowercased(word)
        let digits = text.prefix { $0.isNumber || $0 == "-" }
        guard let number = Int(digits) else { return nil }
        let unit: Int
        switch text.dropFirst(digits.count) {
        case "", "b": unit = 1
        case "k": unit = 1000
        case "kb": unit = 1024
        case "m": unit = 1_000_000
        case "mb": unit = 1024 * 1024
        case "g": unit = 1_000_000_000
        case "gb": unit = 1024 * 1024 * 1024
        case _: return nil
        }
        let (bytes, isTooLarge) = number.multipliedReportingOverflow(by: unit)
        return isTooLarge ? nil : bytes
    }

    static func lowercased(_ text: String) -> String {
        String(
            decoding: text.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 },
            as: UTF8.self)
    }
}
