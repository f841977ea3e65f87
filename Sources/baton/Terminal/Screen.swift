/// A picture on a terminal's second screen, drawn over and over without flicker. What was there
/// before is there again when it is left.
struct Screen {
    let terminal: Terminal

    /// Shows the second screen without a cursor.
    func enter() {
        terminal.write("\u{1B}[?1049h\u{1B}[?25l\u{1B}[2J")
    }

    /// Back to what was there.
    func leave() {
        terminal.write("\u{1B}[?25h\u{1B}[?1049l")
    }

    func draw(_ lines: [StyledText]) {
        let size = terminal.size ?? (columns: 80, rows: 24)
        terminal.write(
            Self.frame(
                lines, columns: size.columns, rows: size.rows, colours: terminal.hasColours))
    }

    /// One picture as it is written: each line over the line before it, nothing erased that is
    /// not replaced at once, and in one go (mode 2026) where the terminal knows how.
    static func frame(_ lines: [StyledText], columns: Int, rows: Int, colours: Bool) -> String {
        var shown = lines.prefix(rows).map { $0.clipped(to: columns) }
        if lines.count > rows, rows > 0 {
            let hidden = lines.count - rows + 1
            shown[rows - 1] = StyledText("… \(hidden) more lines", .faint).clipped(to: columns)
        }
        var text = "\u{1B}[?2026h\u{1B}[H"
        text += shown.map { $0.rendered(colours: colours) + "\u{1B}[K" }.joined(separator: "\r\n")
        return text + "\u{1B}[J\u{1B}[?2026l"
    }
}
