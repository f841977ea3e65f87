/// A line of a file as it is shown: one entry for each of its characters, which are what columns
/// count.
struct SourceCells {
    /// What is shown for each character, by its index.
    private var shown: [String]
    /// The characters that are shown, and what stands for those left out on each side.
    private var range: Range<Int>
    private var before = ""
    private var after = ""

    /// `bytes` may have a line end; characters of the columns in `hidden` show as `*`.
    init(_ bytes: [UInt8], hiding hidden: [ClosedRange<Int>] = []) {
        var body = bytes[...]
        if body.last == UInt8(ascii: "\n") { body.removeLast() }
        if body.last == UInt8(ascii: "\r") { body.removeLast() }
        shown = []
        var width = 0
        for (index, character) in String(decoding: body, as: UTF8.self).enumerated() {
            let text: String
            if hidden.contains(where: { $0.contains(index + 1) }) {
                text = "*"
            } else if character == "\t" {
                text = String(repeating: " ", count: 8 - width % 8)
            } else if DisplayWidth.of(character) == 0 {
                text = "\u{FFFD}"  // Shown, since it may be what is wrong.
            } else {
                text = String(character)
            }
            width += DisplayWidth.of(text)
            shown.append(text)
        }
        range = shown.indices
    }

    /// Characters of the line.
    var count: Int { shown.count }

    var text: String { before + shown[range].joined() + after }

    /// What stands left of a character, in blanks.
    func blanks(before column: Int) -> String {
        let upper = min(max(range.lowerBound, column - 1), range.upperBound)
        let width =
            DisplayWidth.of(before) + DisplayWidth.of(shown[range.lowerBound..<upper].joined())
        return String(repeating: " ", count: width)
    }

    /// Leaves out so much of a long line that `widthMax` cells hold the rest, and the character at
    /// `column` is among it.
    mutating func shorten(around column: Int, widthMax: Int) {
        let widths = shown.map(DisplayWidth.of)
        guard widths.reduce(0, +) > widthMax else { return }
        let budget = max(1, widthMax - 2)  // For `…` on both sides.
        var lower = min(column - 1, shown.count)
        var width = 0
        while lower > 0, width + widths[lower - 1] <= budget / 2 {
            lower -= 1
            width += widths[lower]
        }
        var upper = min(column - 1, shown.count)
        while upper < shown.count, width + widths[upper] <= budget {
            width += widths[upper]
            upper += 1
        }
        range = lower..<upper
        before = lower > 0 ? "…" : ""
        after = upper < shown.count ? "…" : ""
    }
}
