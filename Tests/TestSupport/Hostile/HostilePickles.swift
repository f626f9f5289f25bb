extension HostileFile {
  private static func evaluating(
    _ name: String, _ message: String, _ bytes: @autoclosure @escaping @Sendable () -> [UInt8]
  ) -> HostileFile {
    HostileFile("pickle-\(name)", message, checkpoint(pickle: bytes()))
  }

  private static func calling(_ module: String, _ name: String) -> HostileFile {
    evaluating(
      "calls-\(module).\(name)", "names \(module).\(name), which is no tensor constructor",
      pickle(global(module, name) + unicode("touch /tmp/tessera-was-here") + [0x85, 0x52]))
  }

  static let pickles = [
    calling("os", "system"), calling("posix", "system"), calling("nt", "system"),
    calling("subprocess", "Popen"), calling("builtins", "eval"), calling("builtins", "exec"),
    calling("builtins", "getattr"), calling("__builtin__", "__import__"), calling("torch", "load"),
    calling("torch.hub", "load"), calling("importlib", "import_module"),
    calling("numpy.testing._private.utils", "runstring"), calling("runpy", "_run_code"),
    calling("pytorch_lightningx", "evil"), calling("torch.nn.modules.linear", "Linear"),
    evaluating(
      "calls-by-stack", "names os.system",
      pickle(unicode("os") + unicode("system") + [0x93] + unicode("id") + [0x85, 0x52])),
    evaluating(
      "makes-object", "names os.system",
      pickle(global("os", "system") + unicode("id") + [0x85, 0x81])),
    evaluating(
      "calls-behind-the-weights", "names posix.system",
      [0x80, 2, 0x7d] + unicode("state_dict") + view(shape: [6], strides: [1]) + [0x73]
        + unicode("callbacks") + global("posix", "system") + unicode("id")
        + [0x85, 0x52, 0x73, 0x2e]),
    evaluating(
      "calls-in-a-state", "names posix.system",
      pickle(
        view(shape: [6], strides: [1]) + global("posix", "system") + unicode("id")
          + [0x85, 0x52, 0x62])),
    evaluating("calls-by-opcode-i", "unknown pickle opcode 105", [0x80, 2, 0x28, 0x69, 0x2e]),
    evaluating("calls-by-extension", "unknown pickle opcode 130", [0x80, 2, 0x82, 1, 0x2e]),
    evaluating(
      "name-of-many-lines", #"names os\u{a}.\u{1b}[2J, which"#,
      pickle(unicode("os\n") + unicode("\u{1b}[2J") + [0x93])),
    evaluating(
      "name-long", "a global name of more than 512 bytes",
      pickle(global("os", String(repeating: "x", count: 100_000)))),
    evaluating("empty", "the pickle ends inside an instruction", []),
    evaluating("stops-at-once", "the pickle's stack is empty", [0x80, 2, 0x2e]),
    evaluating("without-end", "the pickle ends inside an instruction", [0x80, 2, 0x7d]),
    evaluating("unknown-opcode", "unknown pickle opcode 255", [0x80, 2, 0xff]),
    evaluating("nothing-memorised", "nothing is stored under number 9", [0x80, 2, 0x68, 9, 0x2e]),
    evaluating("text-beyond-its-end", "ends inside a value", [0x58, 0xff, 0xff, 0xff, 0x7f]),
    evaluating("bytes-beyond-int", "ends inside a value", [0x8e] + little(UInt64.max)),
    evaluating("text-not-utf-8", "text that is not UTF-8", [0x58, 1, 0, 0, 0, 0xff, 0x2e]),
    evaluating("call-of-nothing", "a call whose arguments do not fit", [0x4e, 0x29, 0x52, 0x2e]),
    evaluating("without-tensors", "a pickle without tensors", pickle([0x4e])),
    evaluating("keys-without-value", "a key without a value", [0x7d, 0x28, 0x4e, 0x75, 0x2e]),
  ]

  private static func viewing(_ name: String, _ value: [UInt8]) -> HostileFile {
    HostileFile(
      "view-\(name)", "does not fit in its storage 0 of 24 bytes",
      checkpoint(pickle: pickle(value)))
  }

  static let views = [
    viewing("too-long", view(shape: [7], strides: [1])),
    viewing("behind-its-storage", view(shape: [6], strides: [1], offset: 1)),
    viewing("stride-too-long", view(shape: [2, 2], strides: [1, 5])),
    viewing("stride-negative", view(shape: [2], strides: [-1], offset: 3)),
    viewing("offset-negative", view(shape: [1], strides: [1], offset: -1)),
    viewing("offset-overflows", view(shape: [1], strides: [1], offset: .max)),
    viewing("extent-negative", view(shape: [-1], strides: [1])),
    viewing("strides-missing", view(shape: [2, 3], strides: [1])),
    viewing("strides-overflow", view(shape: [3, 3], strides: [.max, .max])),
    viewing("shape-overflows", view(shape: [1 << 32, 1 << 32], strides: [0, 0])),
    viewing("of-a-number-to-a-terabyte", view(shape: [1 << 40], strides: [0])),
    HostileFile(
      "view-of-wrong-type", "has 24 bytes for 6 elements of 8",
      checkpoint(
        pickle: pickle(view(shape: [6], strides: [1], storage: "torch\nDoubleStorage")))),
    HostileFile(
      "view-of-no-type", "a call whose arguments do not fit",
      checkpoint(
        pickle: pickle(view(shape: [1], strides: [1], storage: "torch.storage\nUntypedStorage")))),
    HostileFile(
      "view-of-no-storage", "not a tensor's storage",
      checkpoint(
        pickle: pickle(view(shape: [1], strides: [1], storage: "collections\nOrderedDict")))),
    HostileFile(
      "view-of-a-negative-storage", "for -1 elements",
      checkpoint(pickle: pickle(view(shape: [1], strides: [1], count: -1)))),
    HostileFile(
      "view-of-an-endless-storage", "for 9223372036854775807 elements",
      checkpoint(pickle: pickle(view(shape: [1], strides: [1], count: .max)))),
    HostileFile(
      "view-of-a-path", "lacks its record model/data/../../../etc/passwd",
      checkpoint(pickle: pickle(view(shape: [1], strides: [1], key: "../../../etc/passwd")))),
  ]

  private static let unfolds = "a pickle that unfolds to more than 96 MB"
  private static let deep = "a pickle this deep or large"

  private static func repeating(_ bytes: [UInt8], _ count: Int) -> [UInt8] {
    var all: [UInt8] = []
    all.reserveCapacity(bytes.count * count)
    for _ in 0..<count { all += bytes }
    return all
  }

  /// Small files that would be large, or take for ever, in memory.
  static let bombs = [
    evaluating("nested-a-million-deep", unfolds, [0x29] + repeating([0x85], 1_000_000) + [0x2e]),
    evaluating(
      "nested-deeper-than-names", deep,
      [0x29] + repeating([0x85], 100_000) + [0x2e]),
    evaluating("of-nothing-but-values", unfolds, repeating([0x4e], 20_000_000)),
    evaluating("of-nothing-but-marks", unfolds, repeating([0x28], 20_000_000)),
    evaluating("of-nothing-but-lists", unfolds, repeating([0x5d], 20_000_000)),
    evaluating("memorising-all", unfolds, [0x4e] + repeating([0x94], 20_000_000)),
    evaluating("memorising-far-apart", unfolds, memorisingFarApart),
    evaluating(
      "doubling-lists", deep,
      pickle([0x5d] + repeating([0x71, 0, 0x30, 0x68, 0, 0x68, 0, 0x86], 30))),
    evaluating(
      "doubling-weights", deep,
      pickle(
        view(shape: [6], strides: [1]) + repeating([0x71, 0, 0x30, 0x68, 0, 0x68, 0, 0x86], 30))),
    evaluating(
      "containing-itself", deep, [0x7d, 0x71, 0] + unicode("w") + [0x68, 0, 0x73, 0x2e]),
    evaluating(
      "with-long-names", deep,
      [0x80, 2] + view(shape: [6], strides: [1]) + [0x71, 0, 0x30]
        + repeating(
          [0x7d] + unicode(String(repeating: "n", count: 250)) + [0x68, 0, 0x73], 4)
        + [0x7d] + unicode(String(repeating: "n", count: 600)) + [0x68, 0, 0x73, 0x2e]),
    evaluating("of-30-megabytes-of-text", "without tensors", unicodeOfMegabytes(30) + [0x2e]),
    HostileFile(
      "pickle-huge", "a pickle of 40000000 bytes is not supported",
      checkpoint(pickle: [UInt8](repeating: 0x4e, count: 40_000_000))),
    evaluating(
      "shape-of-many-axes", "a call whose arguments do not fit",
      pickle(view(shape: Array(repeating: 1, count: 20_000), strides: [1]))),
    HostileFile(
      "safetensors-of-many-tensors", "bytes after the last tensor",
      making: { () -> [UInt8] in
        var header: [UInt8] = [0x7b]
        header.reserveCapacity(16_000_000)
        for i in 0..<270_000 {
          if i > 0 { header.append(0x2c) }
          header += "\"\(i)\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}".utf8
        }
        header.append(0x7d)
        return little(UInt64(header.count)) + header + [0]
      }),
    HostileFile(
      "safetensors-of-one-endless-name", "lacks a '\"'",
      little(UInt64(15_999_999)) + "{\"".utf8 + [UInt8](repeating: 0x61, count: 15_999_997)),
  ]

  /// A value put under two million numbers all over the range.
  private static var memorisingFarApart: [UInt8] {
    var bytes: [UInt8] = [0x4e]
    for i in 0..<UInt32(2_000_000) { bytes += [0x72] + little(i &* 2_654_435_761) }
    return bytes
  }

  private static func unicodeOfMegabytes(_ count: Int) -> [UInt8] {
    [0x58] + little(UInt32(count * 1_000_000)) + [UInt8](repeating: 0x61, count: count * 1_000_000)
  }
}
