/// One line of text for a terminal, parts of which stand out.
///
/// It never holds a control character: what a file or a peer says can't move the cursor.
struct StyledText: Equatable, ExpressibleByStringInterpolation {
    /// What a part means; colours follow from it.
    enum Style: Equatable {
        case plain, title, faint, good, warning, bad

        /// The parameters of SGR (ECMA-48, 8.3.117): the eight basic colours, which every theme
        /// has made legible, light or dark.
        fileprivate var parameters: String? {
            switch self {
            case .plain: nil
            case .title: "1"
            case .faint: "2"
            case .good: "32"
            case .warning: "33"
            case .bad: "1;31"
            }
        }
    }

    struct Run: Equatable {
        var text: String
        var style: Style
    }

    private(set) var runs: [Run] = []

    init(_ text: some StringProtocol, _ style: Style = .plain) {
        guard !text.isEmpty else { return }
        runs = [Run(text: Self.harmless(text), style: style)]
    }

    init(stringLiteral text: String) {
        self.init(text)
    }

    /// Cells that it fills.
    var width: Int { runs.reduce(0) { $0 + DisplayWidth.of($1.text) } }

    var isEmpty: Bool { runs.isEmpty }

    /// The text alone.
    var text: String { runs.map(\.text).joined() }

    static func + (left: StyledText, right: StyledText) -> StyledText {
        var sum = left
        sum.runs += right.runs
        return sum
    }

    static func += (left: inout StyledText, right: StyledText) {
        left.runs += right.runs
    }

    /// At most `widthMax` cells of it; what was longer ends in `…`.
    func clipped(to widthMax: Int) -> StyledText {
        guard width > widthMax else { return self }
        guard widthMax > 0 else { return "" }
        var clipped = StyledText("")
        var left = widthMax - 1
        for run in runs {
            var text = ""
            for character in run.text {
                let cells = DisplayWidth.of(character)
                guard cells <= left else {
                    clipped += StyledText(text + "…", run.style)
                    return clipped
                }
                text.append(character)
                left -= cells
            }
            clipped += StyledText(text, run.style)
        }
        return clipped
    }

    /// With blanks before or behind it, so that it fills `width` cells or more.
    func padded(to width: Int, _ alignment: Table.Alignment) -> StyledText {
        let blanks = StyledText(String(repeating: " ", count: max(0, width - self.width)))
        switch alignment {
        case .leading: return self + blanks
        case .trailing: return blanks + self
        }
    }

    /// What is written to the terminal.
    func rendered(colours: Bool) -> String {
        guard colours else { return text }
        return runs.map { run in
            run.style.parameters.map { "\u{1B}[\($0)m\(run.text)\u{1B}[0m" } ?? run.text
        }.joined()
    }

    private static func harmless(_ text: some StringProtocol) -> String {
        var safe = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            // Marks that turn the direction of writing hide what a line says.
            let turns =
                (0x202A...0x202E).contains(scalar.value)
                || (0x2066...0x2069).contains(scalar.value)
            safe.append(isControl || turns ? "\u{FFFD}" : scalar)
        }
        return String(safe)
    }
}
