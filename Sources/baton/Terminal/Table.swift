/// Rows and columns laid out for a width.
struct Table {
    enum Alignment { case leading, trailing }

    struct Column {
        var title: String
        var alignment = Alignment.leading
        /// Cells that it may be cut down to where the table is too wide; `nil`: it is never cut.
        var widthMin: Int?
        /// Cells that it has at least, also when it is empty: where a table is drawn again and
        /// again, its columns stand still.
        var width = 0
    }

    var columns: [Column]
    /// As many cells in each as there are columns.
    var rows: [[StyledText]] = []
    var indent = 2
    /// Blanks between two columns.
    var gap = 2

    /// The heading and a line for each row, at most `widthMax` cells wide; `nil` is no limit.
    /// Columns in which nothing stands are left out, unless they have a width of their own.
    func lines(widthMax: Int? = nil) -> [StyledText] {
        let shown = columns.indices.filter { column in
            columns[column].width > 0 || rows.contains { !$0[column].isEmpty }
        }
        guard !shown.isEmpty else { return [] }
        let widths = widths(of: shown, widthMax: widthMax)
        let heading = columns.map { StyledText($0.title, .faint) }
        return ([heading] + rows).map { row in
            var line = StyledText(String(repeating: " ", count: indent))
            // No blanks at the end of a line.
            let last = shown.lastIndex { !row[$0].isEmpty } ?? 0
            for (place, column) in shown[...last].enumerated() {
                let cell = row[column].clipped(to: widths[place])
                if place == last, columns[column].alignment == .leading {
                    line += cell
                } else {
                    line += cell.padded(to: widths[place], columns[column].alignment)
                    if place != last { line += StyledText(String(repeating: " ", count: gap)) }
                }
            }
            return widthMax.map(line.clipped(to:)) ?? line
        }
    }

    /// The natural widths; where they are too many cells, the last column that may be cut is, then
    /// the one before it.
    private func widths(of shown: [Int], widthMax: Int?) -> [Int] {
        var widths = shown.map { column in
            rows.reduce(max(DisplayWidth.of(columns[column].title), columns[column].width)) {
                max($0, $1[column].width)
            }
        }
        guard let widthMax else { return widths }
        var surplus = indent + gap * (shown.count - 1) + widths.reduce(0, +) - widthMax
        for place in shown.indices.reversed() {
            guard surplus > 0 else { break }
            guard let widthMin = columns[shown[place]].widthMin else { continue }
            let cut = min(surplus, max(0, widths[place] - widthMin))
            widths[place] -= cut
            surplus -= cut
        }
        return widths
    }
}
