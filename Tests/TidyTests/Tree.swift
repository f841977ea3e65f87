import Foundation

/// The repository's text files, read once.
struct Tree {
    let files: [SourceFile]

    static let repository = Tree(root: root)

    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The Swift files of one folder of the root.
    func swiftFiles(under folder: String) -> [SourceFile] {
        files.filter { $0.path.hasPrefix(folder + "/") && $0.path.hasSuffix(".swift") }
    }

    init(files: [SourceFile]) {
        self.files = files
    }

    private init(root: URL) {
        var files: [SourceFile] = []
        let prefix = root.path(percentEncoded: false)
        let entries = FileManager.default.enumerator(
            at: root, includingPropertiesForKeys: [.isRegularFileKey])
        while let entry = entries?.nextObject() as? URL {
            if [".git", ".build"].contains(entry.lastPathComponent) {
                entries?.skipDescendants()
                continue
            }
            let isFile = try? entry.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile
            // What is no UTF-8 is no text: a fuzzer's corpus, a picture.
            guard isFile == true, let text = try? String(contentsOf: entry, encoding: .utf8)
            else { continue }
            let path = entry.path(percentEncoded: false).dropFirst(prefix.count)
            files.append(SourceFile(path: String(path), text: text))
        }
        self.files = files.sorted { $0.path < $1.path }
    }
}

/// One text file of the tree.
struct SourceFile {
    /// From the root, as `Sources/RESP/Scanner.swift`.
    let path: String
    let lines: [String]
    /// The lines of a Swift file without comments and without the text inside string literals.
    let codeLines: [String]

    init(path: String, text: String) {
        self.path = path
        lines = Self.lines(of: text)
        codeLines = path.hasSuffix(".swift") ? Self.lines(of: codeAlone(text)) : []
    }

    /// `Sources/RESP/Scanner.swift` belongs to `RESP`; a file of no target to the empty name.
    var target: String {
        let parts = path.split(separator: "/")
        return parts.count > 2 ? String(parts[1]) : ""
    }

    private static func lines(of text: String) -> [String] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines
    }
}
