extension HostileFile {
  private static func tensor(
    _ dtype: String, _ shape: String, _ offsets: String, name: String = "a"
  ) -> String {
    #""\#(name)":{"dtype":"\#(dtype)","shape":\#(shape),"data_offsets":\#(offsets)}"#
  }

  private static func header(
    _ name: String, _ message: String, _ text: String, dataCount: Int = 4
  ) -> HostileFile {
    HostileFile("safetensors-\(name)", message, safetensors(text, dataCount: dataCount))
  }

  static let safetensorsHeaders = [
    header("no-closing-brace", "lacks a '\"'", "{"),
    header("not-json", "lacks a '\"'", "{a:1}"),
    header("nested", "lacks a '{'", "{\"a\":" + String(repeating: "[", count: 100_000)),
    header("text-behind", "text after the header's closing brace", "{} {}"),
    header("control-character", "a control character inside a string", "{\"a\u{1b}[2J\":{}}"),
    header("lone-surrogate", "lacks a '\\'", #"{"\ud800":{}}"#),
    header("bad-escape", "an invalid escape", #"{"\x41":{}}"#),
    header("unknown-field", "a has the unknown field strides", #"{"a":{"strides":[1]}}"#),
    header("no-offsets", "a lacks its dtype", #"{"a":{"dtype":"F32","shape":[1]}}"#),
    header("dtype-twice", "a has dtype twice", #"{"a":{"dtype":"F32","dtype":"F32"}}"#),
    header(
      "tensor-twice", "two tensors are named a",
      "{" + tensor("U8", "[1]", "[0,1]") + "," + tensor("U8", "[3]", "[1,4]") + "}"),
    header("metadata-number", "lacks a '\"'", #"{"__metadata__":{"epoch":3}}"#),
    header(
      "metadata-key-twice", "metadata has the key a twice", #"{"__metadata__":{"a":"1","a":"2"}}"#),
    header("metadata-twice", "a second __metadata__", #"{"__metadata__":{},"__metadata__":{}}"#),
    header(
      "wrong-dtype", "the type F8_E4M3 of a is not supported",
      "{" + tensor("F8_E4M3", "[4]", "[0,4]") + "}"),
    header("dtype-lower-case", "the type f32 of a", "{" + tensor("f32", "[1]", "[0,4]") + "}"),
    header(
      "name-of-many-lines", #"a\u{a}tessera: done\u{1b}[2J has the unknown field x"#,
      #"{"a\ntessera: done\u001b[2J":{"x":1}}"#),
    HostileFile(
      "safetensors-not-utf-8", "a string that is not UTF-8",
      little(UInt64(8)) + [0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x7b, 0x7d]),
    HostileFile(
      "safetensors-header-cut", "the file ends inside its header of 60 bytes",
      little(UInt64(60)) + "{\"a\":{\"dtype\"".utf8),
    HostileFile(
      "safetensors-header-beyond-any-file", "take 18446744073709551615 bytes",
      little(UInt64.max) + "{}".utf8),
    HostileFile(
      "safetensors-header-beyond-int", "take 9223372036854775808 bytes",
      little(UInt64(1) << 63) + "{}".utf8),
    HostileFile(
      "safetensors-header-huge", "take 99000000 bytes, the most is 16 MB", size: 99_000_100,
      little(UInt64(99_000_000)) + "{".utf8),
  ]

  static let safetensorsSpans = [
    header(
      "negative-extent", "expected a whole number", "{" + tensor("F32", "[-1]", "[0,4]") + "}"),
    header("fraction", "lacks a ']'", "{" + tensor("F32", "[1.0]", "[0,4]") + "}"),
    header(
      "number-beyond-int", "expected a whole number",
      "{" + tensor("F32", "[9223372036854775808]", "[0,4]") + "}"),
    header(
      "shape-overflows", "does not take 4 bytes",
      "{" + tensor("F32", "[4294967296,4294967297]", "[0,4]") + "}"),
    header(
      "bytes-overflow", "does not take 4 bytes",
      "{" + tensor("F32", "[4611686018427387905]", "[0,4]") + "}"),
    header(
      "many-axes", "more than 64 numbers",
      "{" + tensor("F32", "[" + String(repeating: "1,", count: 99_999) + "1]", "[0,4]") + "}"),
    header(
      "three-offsets", "has data_offsets [0, 2, 4]", "{" + tensor("F32", "[1]", "[0,2,4]") + "}"),
    header("shape-too-large", "does not take 4 bytes", "{" + tensor("F32", "[2]", "[0,4]") + "}"),
    header(
      "offsets-reversed", "has data_offsets [4, 0]", "{" + tensor("F32", "[1]", "[4,0]") + "}"),
    header("data-cut", "has data_offsets [0, 8]", "{" + tensor("F32", "[2]", "[0,8]") + "}"),
    header(
      "offsets-beyond-int", "has data_offsets",
      "{" + tensor("U8", "[1]", "[9223372036854775806,9223372036854775807]") + "}"),
    header("gap-before", "a follows a gap", "{" + tensor("U8", "[2]", "[2,4]") + "}"),
    header(
      "gap-between", "b follows a gap",
      "{" + tensor("U8", "[1]", "[0,1]") + "," + tensor("U8", "[2]", "[2,4]", name: "b") + "}"),
    header(
      "overlap", "b overlaps the tensor before it",
      "{" + tensor("U8", "[3]", "[0,3]") + "," + tensor("U8", "[2]", "[2,4]", name: "b") + "}"),
    header("bytes-behind", "bytes after the last", "{" + tensor("U8", "[3]", "[0,3]") + "}"),
    header("no-tensors-but-bytes", "bytes after the last", "{}"),
  ]
}
