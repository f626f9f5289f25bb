import Benchmarking
import Execution
import Foundation
import FoundationXML
import Testing

@Suite struct ReportTests {
  @Test func tablesAreAligned() {
    var table = Table(["op", "time", "what"], leftColumns: [0, 2])
    table.add(["conv2d", "1", "a"])
    table.add(["add", "100", "long"])
    table.add(["…"])
    #expect(
      table.text == """
        op      time  what
        conv2d     1  a
        add      100  long
        …
        """)
  }

  @Test func medians() {
    #expect([3.0, 1, 2].median == 2)
    #expect([4.0, 1, 2, 3].median == 2.5)
    #expect([Double]().median.isNaN)
  }

  /// Bars are as long as their values, colours follow names, and text cannot break the document.
  @Test func chartsAreDocuments() throws {
    let chart = BarChart(
      title: "A <chart> & more", unit: "s",
      bars: [
        BarChart.Bar("first", [("a", 1), ("b", 3)]), BarChart.Bar("second", [("b", 2)]),
      ])
    let document = Elements()
    let parser = XMLParser(data: Data(chart.svg.utf8))
    parser.delegate = document
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
    #expect(document.texts.contains("A <chart> & more"))
    #expect(document.texts.contains("4.00 s") && document.texts.contains("second"))
    let bars = document.rectangles.filter { $0["height"] == "18" }
    #expect(bars.compactMap { $0["width"].flatMap(Double.init) } == [130, 390, 260])
    #expect(bars[1]["fill"] == bars[2]["fill"] && bars[0]["fill"] != bars[1]["fill"])
  }

  /// What the colours mean stays within the picture, and clear of the bars.
  @Test func legendsTakeAsManyRowsAsTheyNeed() throws {
    let names = (0..<8).map { "the name of part \($0)" }
    let document = Elements()
    let parser = XMLParser(
      data: Data(
        BarChart(title: "t", unit: "s", bars: [BarChart.Bar("b", names.map { ($0, 1) })]).svg.utf8))
    parser.delegate = document
    #expect(parser.parse())
    let boxes = document.rectangles.filter { $0["width"] == "12" && $0["height"] == "12" }
    let places = boxes.compactMap { $0["x"].flatMap(Double.init) }
    let rows = boxes.compactMap { $0["y"].flatMap(Double.init) }
    #expect(places.count == 8 && places.max()! < 520)
    #expect(Set(rows).count > 1)
    let bars = document.rectangles.filter { $0["height"] == "18" }
    #expect(bars.compactMap { $0["y"].flatMap(Double.init) }.allSatisfy { $0 > rows.max()! + 12 })
  }

  @Test func anEmptyChartIsADocumentToo() {
    let parser = XMLParser(data: Data(BarChart(title: "", unit: "", bars: []).svg.utf8))
    #expect(parser.parse())
  }

  @Test func recordsCarryWhatRepeatsThem() throws {
    let record = BenchmarkRecord(
      [DeviceSummary(.cpu)], of: ReferenceStep.tiny, command: "tessera bench step", version: "1.2.3",
      date: Date(timeIntervalSince1970: 0))
    let json = try #require(
      JSONSerialization.jsonObject(with: JSONEncoder().encode(record)) as? [String: Any])
    #expect(json["date"] as? String == "1970-01-01T00:00:00Z")
    #expect(json["command"] as? String == "tessera bench step")
    #expect(json["version"] as? String == "1.2.3")
    #expect((json["work"] as? [String: Any])?["cutouts"] as? Int == 2)
    #expect((json["work"] as? [String: Any])?["precision"] as? String == "full")
    #expect((json["results"] as? [[String: Any]])?[0]["id"] as? String == "cpu")
  }
}

/// The rectangles and texts of an SVG document.
private final class Elements: NSObject, XMLParserDelegate {
  var rectangles: [[String: String]] = []
  var texts: [String] = []

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    if name == "rect" { rectangles.append(attributes) }
    texts.append("")
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) {
    texts[texts.count - 1] += string.trimmingCharacters(in: .newlines)
  }
}
