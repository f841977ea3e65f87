/// Links and commands in the documents.
enum Documents {
    /// Each link of a document to a file that is not there.
    static func brokenLinks(in file: SourceFile, paths: Set<String>) -> [String] {
        file.lines.enumerated().flatMap { index, line in
            line.split(separator: "](").dropFirst().compactMap { rest -> String? in
                let target = rest.prefix { $0 != ")" && $0 != "#" }
                guard !target.isEmpty, !target.contains("://") else { return nil }
                let folder = file.path.split(separator: "/").dropLast()
                let path = resolved(folder + target.split(separator: "/"))
                let isFolder = paths.contains { $0.hasPrefix(path + "/") }
                return paths.contains(path) || isFolder
                    ? nil : "\(file.path):\(index + 1): there is no \(path)"
            }
        }
    }

    /// The lines of all blocks that are marked with one of the languages, without their comments.
    static func blockLines(in file: SourceFile, languages: Set<String>) -> [String] {
        var lines: [String] = []
        var isInside = false
        var isWanted = false
        for line in file.lines {
            if line.hasPrefix("```") {
                isInside.toggle()
                let language = line.dropFirst(3).split(separator: " ").first.map(String.init) ?? ""
                isWanted = isInside && languages.contains(language)
            } else if isWanted {
                let text = line.split(separator: "#", omittingEmptySubsequences: false)[0]
                let end = text.lastIndex { !$0.isWhitespace }
                if let end { lines.append(String(text[...end])) }
            }
        }
        return lines
    }

    private static func resolved(_ parts: some Sequence<Substring>) -> String {
        var path: [Substring] = []
        for part in parts where part != "." {
            if part == ".." { _ = path.popLast() } else { path.append(part) }
        }
        return path.joined(separator: "/")
    }
}
