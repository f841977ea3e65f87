import Testing

@testable import baton

@Suite("Tables")
struct TableTests {
    static func table(_ rows: [[StyledText]]) -> Table {
        Table(
            columns: [
                Table.Column(title: "NAME", widthMin: 4),
                Table.Column(title: "LAG", alignment: .trailing),
                Table.Column(title: "NOTES", widthMin: 5),
            ], rows: rows)
    }

    @Test("columns are as wide as their widest cell, and no line ends in blanks")
    func natural() {
        let lines = Self.table([["redis01", "0 B", ""], ["订", "12 KiB", "syncing"]]).lines()
        #expect(
            lines.map(\.text) == [
                "  NAME        LAG  NOTES",
                "  redis01     0 B",
                "  订       12 KiB  syncing",
            ])
    }

    @Test("a column in which nothing stands is left out")
    func leftOut() {
        let lines = Self.table([["a", "1 B", ""], ["b", "2 B", ""]]).lines()
        #expect(lines.map(\.text) == ["  NAME  LAG", "  a     1 B", "  b     2 B"])
        #expect(Self.table([]).lines().isEmpty)
    }

    @Test("a column with a width of its own stays where it is, empty or not")
    func steady() {
        var table = Self.table([["a", "", "x"]])
        table.columns[1].width = 6
        #expect(table.lines().map(\.text) == ["  NAME     LAG  NOTES", "  a             x"])
        table.rows = [["a", "12 KiB", "x"]]
        #expect(table.lines().map(\.text) == ["  NAME     LAG  NOTES", "  a     12 KiB  x"])
    }

    @Test("what is too wide is cut where it may be, from the right")
    func cut() {
        let rows: [[StyledText]] = [["a-long-name", "123456 B", "a rather long note"]]
        let lines = Self.table(rows).lines(widthMax: 32)
        #expect(
            lines.map(\.text) == [
                "  NAME              LAG  NOTES",
                "  a-long-name  123456 B  a rath…",
            ])
        #expect(lines.allSatisfy { $0.width <= 32 })
    }

    @Test("no line is ever wider than it may be", arguments: 0...60)
    func never(width: Int) {
        let rows: [[StyledText]] = [["a-long-name", "123456 B", "订单订单订单"], ["b", "", "x"]]
        #expect(Self.table(rows).lines(widthMax: width).allSatisfy { $0.width <= width })
    }
}
