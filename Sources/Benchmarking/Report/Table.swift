/// Rows of text in columns.
package struct Table {
  private var rows: [[String]]
  private let leftColumns: Set<Int>

  /// - Parameters:
  ///   - header: titles of the columns.
  ///   - leftColumns: those whose text begins at the left; in the others it ends at the right.
  package init(_ header: [String], leftColumns: Set<Int> = [0]) {
    rows = [header]
    self.leftColumns = leftColumns
  }

  package mutating func add(_ row: [String]) { rows.append(row) }

  /// The lines, header first, without trailing blanks. Short rows end early.
  package var text: String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        let blanks = String(repeating: " ", count: widths[column] - cell.count)
        line += column == 0 ? "" : "  "
        line += leftColumns.contains(column) ? cell + blanks : blanks + cell
      }
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }
}
