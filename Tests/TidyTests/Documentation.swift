/// Which public declarations need a sentence: every type and every function.
///
/// The formatter's rule would also ask it of memberwise initialisers, operators and properties,
/// whose names are their sentences; comments written for a rule say nothing. What such a name does
/// not say (units, ranges, when it traps) belongs into a comment all the same.
enum Documentation {
    private static let kinds: Set<Substring> = [
        "struct", "enum", "class", "actor", "protocol", "typealias", "func",
    ]

    static func problems(in file: SourceFile) -> [String] {
        file.codeLines.enumerated().compactMap { index, line in
            guard let name = undescribedByName(line), !isDescribed(line: index, of: file)
            else { return nil }
            return "\(file.path):\(index + 1): public \(name) without a comment"
        }
    }

    /// The name of the public type or function that a line declares, operators excepted.
    private static func undescribedByName(_ line: String) -> String? {
        let words = line.split(whereSeparator: \.isWhitespace)
        guard let access = words.firstIndex(of: "public"),
            let kind = words[access...].firstIndex(where: kinds.contains), kind + 1 < words.count
        else { return nil }
        let name = words[kind + 1].prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "`" }
        return name.isEmpty ? nil : String(name)
    }

    private static func isDescribed(line: Int, of file: SourceFile) -> Bool {
        var index = line - 1
        while index >= 0 {
            let above = file.lines[index].drop(while: \.isWhitespace)
            if above.hasPrefix("///") { return true }
            guard above.hasPrefix("@") else { return false }
            index -= 1
        }
        return false
    }
}
