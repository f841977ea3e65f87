import Testing

@testable import baton

@Suite("Cells of a terminal")
struct DisplayWidthTests {
    @Test(
        "are counted as a terminal fills them",
        arguments: [
            ("", 0), ("orders", 6), ("订单", 4), ("é", 1), ("e\u{301}", 1), ("ﾊ", 1), ("ハ", 2),
            ("“x”", 3), ("…", 1), ("😀", 2), ("❤️", 2), ("🇩🇪", 2), ("한글", 4), ("\u{200B}", 0),
            ("，", 2), ("─│", 2),
        ])
    func widths(text: String, cells: Int) {
        #expect(DisplayWidth.of(text) == cells)
    }
}
