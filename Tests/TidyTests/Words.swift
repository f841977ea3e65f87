/// Words that may stand nowhere in the tree: paths of one developer's machine, and promises.
enum Words {
    /// In halves, so that this file does not hold them.
    static let forbidden = [
        "/wor" + "k/", "/opt/swift-" + "packages", "/ro" + "ot/", "../" + "shared",
        "TO" + "DO", "FIX" + "ME",
    ]

    static func problems(in file: SourceFile) -> [String] {
        file.lines.enumerated().flatMap { index, line in
            forbidden.filter(line.contains).map { "\(file.path):\(index + 1): \($0)" }
        }
    }
}
