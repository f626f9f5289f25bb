import Foundation
import Testing
import Training

/// Tars with bytes changed at random are read or refused; nothing traps or hangs.
struct TarDamageTests {
  @Test(arguments: 0..<8) func randomBytes(_ round: Int) throws {
    let folder = try TestFolder()
    var tar = Tar()
    tar.add("././@LongLink", Array(String(repeating: "n", count: 200).utf8), type: "L")
    tar.add("a.png", try png(1))
    tar.addPax([("path", "b.png"), ("size", "\(try png(2).count)")])
    tar.add("b.png", try png(2))
    tar.add("b.json", #"{"captions": ["x", "y"]}"#)
    var state = UInt64(round + 1)
    func random(below count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % count
    }
    for _ in 0..<100 {
      var bytes = tar.ended
      // A header, in half of the cases with a checksum that is right again.
      let header = [0, 1024, 2048, 3072, 4096][random(below: 5)]
      for _ in 0..<1 + random(below: 6) {
        let values = [0, 0x80, 0xFF, 57, UInt8(random(below: 256))]
        bytes[header + random(below: 1024)] = values[random(below: 5)]
      }
      if random(below: 2) == 0, header + 512 <= bytes.count {
        let sum = (header..<header + 512).reduce(0) {
          $0 + (148..<156 ~= $1 - header ? 32 : Int(bytes[$1]))
        }
        let digits = String(sum, radix: 8)
        let field = String(repeating: "0", count: 6 - digits.count) + digits + "\0 "
        bytes.replaceSubrange(header + 148..<header + 156, with: field.utf8)
      }
      if random(below: 4) == 0 { bytes.removeLast(random(below: bytes.count)) }
      try folder.write(bytes, "a.tar")
      do {
        let data = try TrainingData(folder.path + "/a.tar")
        #expect(try data.sample(9, size: 8).captions.count <= data.count!)
        _ = try data.captions(ofFirst: 9, seed: 0)
      } catch is TrainingDataError {}
    }
  }
}
