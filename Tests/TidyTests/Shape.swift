/// How long lines, functions and files may be, and what they may be called.
enum Shape {
    static let lineLengthMax = 100
    static let fileLengthMax = 500
    static let functionLengthMax = 70

    /// Names that say nothing of what is inside.
    static let emptyNames = [
        "Util", "Utils", "Utilities", "Helper", "Helpers", "Extensions", "Common",
    ]

    static func problems(in file: SourceFile) -> [String] {
        longLines(in: file) + longFunctions(in: file) + badName(of: file)
            + (file.lines.count > fileLengthMax
                ? ["\(file.path): \(file.lines.count) lines, \(fileLengthMax) at most"] : [])
    }

    private static func longLines(in file: SourceFile) -> [String] {
        file.lines.enumerated().filter { $0.element.count > lineLengthMax }.map {
            "\(file.path):\($0.offset + 1): \($0.element.count) columns, \(lineLengthMax) at most"
        }
    }

    private static func longFunctions(in file: SourceFile) -> [String] {
        FunctionLength.all(in: file).filter { $0.lineCount > functionLengthMax }.map {
            "\(file.path):\($0.line): \($0.lineCount) lines in one function, "
                + "\(functionLengthMax) at most"
        }
    }

    private static func badName(of file: SourceFile) -> [String] {
        let name = file.path.split(separator: "/").last?.split(separator: ".").first ?? ""
        let empty = emptyNames.contains { name.hasSuffix($0) || name.hasSuffix($0 + "Tests") }
        return empty || file.path.contains(" ")
            ? ["\(file.path): a name that does not say what is inside"] : []
    }
}

/// A function, initialiser, subscript or computed property, measured by counting braces.
struct FunctionLength {
    /// Where the declaration begins, from 1.
    let line: Int
    /// From the declaration to its closing brace, both included.
    let lineCount: Int

    static func all(in file: SourceFile) -> [FunctionLength] {
        let tokens = Token.all(in: file.codeLines)
        return tokens.indices.compactMap { start in
            guard let open = bodyStart(ofDeclarationAt: start, in: tokens) else { return nil }
            var depth = 0
            for token in tokens[open...] {
                if token.text == "{" { depth += 1 }
                if token.text == "}" { depth -= 1 }
                if depth == 0 {
                    let line = tokens[start].line
                    return FunctionLength(line: line, lineCount: token.line - line + 1)
                }
            }
            return nil
        }
    }

    /// The index of the brace that opens the body, where a declaration with a body begins.
    private static func bodyStart(ofDeclarationAt start: Int, in tokens: [Token]) -> Int? {
        let next = start + 1 < tokens.count ? tokens[start + 1].text : ""
        switch tokens[start].text {
        case "func", "deinit":
            break
        case "init", "subscript":
            // `self.init(…)` and `.init(…)` are calls.
            if start > 0, tokens[start - 1].text == "." { return nil }
            guard ["(", "<", "?", "!"].contains(next) else { return nil }
        case "var":
            return propertyBodyStart(at: start, in: tokens)
        default:
            return nil
        }
        var depth = 0
        for index in (start + 1)..<tokens.count {
            switch tokens[index].text {
            case "(", "[": depth += 1
            case ")", "]": depth -= 1
            case "{" where depth == 0: return index
            case "}" where depth == 0: return nil
            // A requirement of a protocol ends where the next begins.
            case "func", "init", "var", "static", "mutating", "associatedtype", "subscript":
                if depth == 0 && index > start + 1 { return nil }
            default: break
            }
        }
        return nil
    }

    /// A computed property's brace ends its line, with no `=` before it.
    private static func propertyBodyStart(at start: Int, in tokens: [Token]) -> Int? {
        var index = start
        while index < tokens.count, tokens[index].line == tokens[start].line {
            if tokens[index].text == "=" { return nil }
            index += 1
        }
        return tokens[index - 1].text == "{" ? index - 1 : nil
    }
}

/// A word or a single mark of Swift code.
private struct Token {
    let text: Substring
    let line: Int

    static func all(in lines: [String]) -> [Token] {
        var tokens: [Token] = []
        for (number, line) in lines.enumerated() {
            var rest = line[...]
            while let first = rest.first {
                let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
                let text = word.isEmpty ? rest.prefix(1) : word
                if !first.isWhitespace { tokens.append(Token(text: text, line: number + 1)) }
                rest = rest[text.endIndex...]
            }
        }
        return tokens
    }
}
