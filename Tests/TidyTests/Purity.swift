/// What would make a core give two answers to one question: a clock, chance, the world, or the
/// order of a hash table, which differs from process to process.
enum Purity {
    static let pureTargets: Set<String> = [
        "MonotonicTime", "Addressing", "RESP", "DirectiveFile", "SecurityTerms", "SentinelCore",
        "LeaseCore", "NodeCore", "ObserverCore", "DropInCore", "SentinelPort", "SentinelFile",
        "VRRPCore", "BalancerCore", "Simulation",
    ]

    /// Where the order of a `Set` or a `Dictionary` must not reach a result.
    static let orderedTargets: Set<String> = [
        "SentinelCore", "LeaseCore", "NodeCore", "ObserverCore", "DropInCore", "SentinelPort",
        "SentinelFile", "VRRPCore", "BalancerCore", "Simulation",
    ]

    /// The comment, on the declaration's line or above it, by which an author vouches for one.
    static let vouching = "order never reaches an effect"

    static let ambientWords = [
        "Date(", "ContinuousClock", "SuspendingClock", "SystemRandomNumberGenerator", ".random(",
        ".randomElement(", ".shuffled(", ".shuffle(", "Hasher(", ".hashValue", "print(",
        "readLine(", "Task {", "Task.", "CommandLine.",
    ]

    static func problems(in file: SourceFile) -> [String] {
        ambience(in: file) + unorderedCollections(in: file)
    }

    private static func ambience(in file: SourceFile) -> [String] {
        guard pureTargets.contains(file.target) else { return [] }
        return file.codeLines.enumerated().flatMap { index, line in
            ambientWords.filter { contains(line, $0) && !line.contains("using:") }.map {
                "\(file.path):\(index + 1): \($0) in \(file.target), which takes all as arguments"
            }
        }
    }

    private static func unorderedCollections(in file: SourceFile) -> [String] {
        guard orderedTargets.contains(file.target) else { return [] }
        return file.codeLines.enumerated().filter {
            declaresUnordered($0.element) && !isVouchedFor(line: $0.offset, of: file)
        }.map {
            "\(file.path):\($0.offset + 1): a hash table; sort it, or say that its \(vouching)"
        }
    }

    /// A constant or variable whose declaration names `Set`, `Dictionary` or `[Key: Value]`.
    static func declaresUnordered(_ line: String) -> Bool {
        let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_") }
        guard words.contains("var") || words.contains("let") else { return false }
        if ["Set<", "Set(", "Dictionary<", "Dictionary("].contains(where: { contains(line, $0) }) {
            return true
        }
        return line.split(separator: "[").dropFirst().contains { isDictionaryType($0) }
    }

    /// Whether what follows a bracket begins as `Key: Value]` or `:]` does.
    private static func isDictionaryType(_ text: Substring) -> Bool {
        let inside = text.prefix { $0 != "]" }
        let parts = inside.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count >= 2 else { return false }
        if parts.allSatisfy({ $0.allSatisfy(\.isWhitespace) }) { return true }
        let key = parts[0]
        let value = parts[1].drop(while: \.isWhitespace)
        return key.first?.isUppercase == true
            && key.allSatisfy { $0.isLetter || $0.isNumber || $0 == "." || $0 == "_" }
            && (value.isEmpty || value.first?.isUppercase == true || value.first == "(")
    }

    private static func isVouchedFor(line: Int, of file: SourceFile) -> Bool {
        var index = line
        repeat {
            if file.lines[index].contains(vouching) { return true }
            index -= 1
        } while index >= 0
            && file.lines[index].drop(while: \.isWhitespace).hasPrefix("//")
        return false
    }

    /// Whether `word` stands in `line` and is not the tail of a longer name.
    private static func contains(_ line: String, _ word: String) -> Bool {
        var rest = line[...]
        while let range = rest.firstRange(of: word) {
            let before = line[..<range.lowerBound].last
            let isTail = before.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false
            if word.hasPrefix(".") || !isTail { return true }
            rest = rest[range.upperBound...]
        }
        return false
    }
}
