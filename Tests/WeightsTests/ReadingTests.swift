import Foundation
import TestSupport
import Testing
import Weights

/// Values of the fixtures, from the formulas in make_weights.py.
private let real: [Float] = [0, -1, 0.5, 1.25, -96, 0x1p-14]
private let whole: [Float] = [0, 1, 2, 3, 100, 127]

@Suite struct ReadingTests {
  @Test(arguments: ["types.safetensors", "types.pt", "protocol4.pt"])
  func everyType(name: String) throws {
    let file = try WeightFile(path: fixture(name))
    #expect(file.tensors.count == 16)
    for scalar in WeightScalar.allCases where scalar != .bool {
      let tensor = try #require(file[scalar.rawValue])
      #expect(tensor.scalar == scalar)
      #expect(tensor.shape == [2, 3])
      #expect(try tensor.floats() == (scalar.isFloatingPoint ? real : whole), "\(scalar)")
    }
    #expect(try file["int64_negative"]?.floats() == [-1, -0x1p40])
    #expect(try file["bool"]?.floats() == [1, 0, 1])
    #expect(file["scalar"]?.shape == [])
    #expect(try file["scalar"]?.floats() == [3.5])
    #expect(file["empty"]?.shape == [0, 4])
    #expect(try file["empty"]?.floats() == [])
  }

  /// Large tensors are read in pieces, several at once; 2²⁰ elements make a piece.
  @Test(arguments: [(1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20])
  func largeTensors(count: Int) throws {
    let folder = try TemporaryFolder()
    let values = (0..<count).map { Float($0 % 2000) - 1000 }
    for precision in [SafetensorsWriter.Precision.float32, .float16] {
      var writer = SafetensorsWriter(precision: precision)
      writer.add("before", shape: [3]) { [1, 2, 3] }
      writer.add("large", shape: [count]) { values }
      let path = folder.path("large.safetensors")
      try writer.write(to: path)
      #expect(try WeightFile(path: path)["large"]?.floats() == values, "\(precision)")
    }
  }

  @Test func aLargeTensorThatWasCutIsAnError() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("large.safetensors")
    var writer = SafetensorsWriter()
    writer.add("large", shape: [3 << 20]) { [Float](repeating: 1, count: 3 << 20) }
    try writer.write(to: path)
    let tensor = try #require(try WeightFile(path: path)["large"])
    #expect(truncate(path, 5 << 20) == 0)
    #expect(weightError { _ = try tensor.floats() }?.description.contains("while in use") == true)
  }

  @Test func formatsAreFoundInTheContent() throws {
    let folder = try TemporaryFolder()
    let cases: [(String, WeightFile.Format)] = [
      ("types.safetensors", .safetensors), ("types.pt", .torch), ("scripted.pt", .torchScript),
    ]
    for (name, format) in cases {
      let copy = try folder.write(try contents(of: fixture(name)), as: "no-extension")
      #expect(try WeightFile(path: copy).format == format)
    }
  }

  @Test(arguments: ["views.pt", "no_checksums.pt"])
  func viewsOfOneStorage(name: String) throws {
    let file = try WeightFile(path: fixture(name))
    let expected: [(String, [Int], [Int])] = [
      ("base", [4, 6], Array(0..<24)),
      ("transposed", [6, 4], (0..<6).flatMap { i in (0..<4).map { i + 6 * $0 } }),
      ("window", [2, 3], [8, 9, 10, 14, 15, 16]),
      ("every_other", [12], Array(stride(from: 1, to: 24, by: 2))),
      (
        "permuted", [4, 2, 3],
        (0..<4).flatMap { k in (0..<2).flatMap { i in (0..<3).map { 12 * i + 4 * $0 + k } } }
      ),
      ("broadcast", [4, 3], [0, 0, 0, 6, 6, 6, 12, 12, 12, 18, 18, 18]),
      ("column", [4, 1], [5, 11, 17, 23]),
      ("scalar", [], [23]),
      ("empty", [0, 6], []),
      ("parameter", [6], Array(12..<18)),
    ]
    #expect(file.tensors.map(\.name) == expected.map(\.0))
    for (name, shape, values) in expected {
      let tensor = try #require(file[name])
      #expect(tensor.shape == shape, "\(name)")
      #expect(try tensor.floats() == values.map { Float($0) }, "\(name)")
    }
    try file.verifyChecksums()
  }

  @Test func readsIntoTheCallersMemoryAndNowhereElse() throws {
    let tensor = try WeightFile(path: fixture("views.pt")).scope.tensor("window")
    var memory = [Float](repeating: -7, count: 8)
    try memory.withUnsafeMutableBufferPointer {
      try tensor.read(into: UnsafeMutableBufferPointer(rebasing: $0[1..<7]))
    }
    #expect(memory == [-7, 8, 9, 10, 14, 15, 16, -7])
  }

  @Test func lightningCheckpoint() throws {
    let file = try WeightFile(path: fixture("lightning.ckpt"))
    #expect(
      file.tensors.map(\.name) == [
        "encoder.weight", "encoder.bias", "decoder.weight", "decoder.bias",
      ])
    #expect(try file["decoder.weight"]?.floats() == [0, 1, 2, 3, 4, 5])
    #expect(
      file.metadata == [
        "epoch": "3", "global_step": "1099511627776", "pytorch-lightning_version": "1.0.8",
        "finished": "true", "learning_rate": "4.5e-06",
      ])
  }

  @Test func whatTrainingLeavesBesideTheWeights() throws {
    let file = try WeightFile(path: fixture("lightning_beside.ckpt"))
    #expect(file.tensors.map(\.name) == ["weight", "bias"])
    #expect(try file["weight"]?.floats() == [0, 1, 2, 3, 4, 5])
  }

  /// An archive of more than 4 GiB, most of it a hole in the file: sizes and offsets that only the
  /// 64-bit fields hold.
  @Test func beyondFourGigabytes() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("large.pt")
    let count = 1 << 30
    let pickled = pickle(view(shape: [2], strides: [1], offset: count - 2, count: count))
    let records = archive([("large/data.pkl", pickled)])
    // Everything before the directory, then the large record, then both entries and the ends.
    let directory = records.firstRange(of: little(UInt32(0x0201_4b50)))!.lowerBound
    let end = records.lastRange(of: little(UInt32(0x0605_4b50)))!.lowerBound
    let name = Array("large/data/0".utf8)
    let wide = little(UInt64(4 * count)) + little(UInt64(4 * count))
    let header =
      little(UInt32(0x0403_4b50)) + [45, 0, 0, 0, 0, 0, 0, 0, 0, 0] + little(UInt32(0))
      + little(UInt32.max) + little(UInt32.max) + little(UInt16(name.count)) + little(UInt16(20))
      + name + [1, 0, 16, 0] + wide
    let dataStart = directory + header.count
    let entry =
      little(UInt32(0x0201_4b50)) + [45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0] + little(UInt32(0))
      + little(UInt32.max) + little(UInt32.max) + little(UInt16(name.count)) + little(UInt16(28))
      + [UInt8](repeating: 0, count: 10) + little(UInt32.max) + name + [1, 0, 24, 0] + wide
      + little(UInt64(directory))
    let entries = records[directory..<end] + entry
    let start = dataStart + 4 * count
    let wideEnd =
      little(UInt32(0x0606_4b50)) + little(UInt64(44)) + [45, 0, 45, 0]
      + [UInt8](repeating: 0, count: 8) + little(UInt64(2)) + little(UInt64(2))
      + little(UInt64(entries.count)) + little(UInt64(start))
    let ends =
      wideEnd + little(UInt32(0x0706_4b50)) + little(UInt32(0))
      + little(UInt64(start + entries.count)) + little(UInt32(1)) + little(UInt32(0x0605_4b50))
      + [0, 0, 0, 0] + [UInt8](repeating: 0xff, count: 12) + [0, 0]

    _ = try folder.write(Array(records[..<directory]) + header, as: "large.pt")
    let handle = try FileHandle(forUpdating: URL(filePath: path))
    let last = little(Float(7).bitPattern) + little(Float(8).bitPattern)
    try handle.seek(toOffset: UInt64(start - last.count))
    try handle.write(contentsOf: Data(last + entries + ends))
    try handle.close()

    let file = try WeightFile(path: path)
    #expect(try file["w"]?.floats() == [7, 8])
  }

  @Test func torchScriptModule() throws {
    let file = try WeightFile(path: fixture("scripted.pt"))
    #expect(
      file.tensors.map(\.name) == [
        "logit_scale", "visual.0.weight", "visual.0.bias", "visual.1.weight", "visual.1.bias",
        "visual.1.running_mean", "visual.1.running_var", "visual.1.num_batches_tracked",
      ])
    let weight = try file.scope["visual"][0].tensor("weight", shape: [3, 2])
    #expect(weight.scalar == .float16)
    #expect(try weight.floats() == [0, 1, 2, 3, 4, 5])
    #expect(try file["logit_scale"]?.floats() == [2.5])
    try file.verifyChecksums()
  }

  @Test func safetensorsMetadataIsUnescaped() throws {
    let file = try WeightFile(path: fixture("types.safetensors"))
    #expect(file.metadata == ["format": "pt", "quote": "\"\\\né"])
  }

  @Test func everyHalfBitPattern() {
    for bits in UInt16.min...UInt16.max {
      let expected = Float(Float16(bitPattern: bits))
      let value = float(fromHalf: bits)
      #expect(
        value.bitPattern == expected.bitPattern || (value.isNaN && expected.isNaN), "\(bits)")
    }
  }

  @Test func handlesAreReadFromManyThreads() async throws {
    let file = try WeightFile(path: fixture("views.pt"))
    let sums = try await withThrowingTaskGroup(of: Float.self) { group in
      for tensor in file.tensors {
        group.addTask { try tensor.floats().reduce(0, +) }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    // In order of size: one number, part of the storage, all of it.
    #expect(sums.sorted() == [0, 23, 56, 72, 87, 108, 144, 276, 276, 276])
  }
}
