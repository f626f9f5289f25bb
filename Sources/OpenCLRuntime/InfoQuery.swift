import COpenCL

/// One `clGet…Info` call with its object bound: (parameter, size, value, size returned) → status.
typealias InfoCall =
  (cl_uint, Int, UnsafeMutableRawPointer?, UnsafeMutablePointer<Int>?) -> cl_int

/// Reads typed values through a `clGet…Info` call.
struct InfoQuery {
  let call: StaticString
  let of: String
  let read: InfoCall

  /// A fixed-size value; `zero` gives its type and what is overwritten.
  func value<T: BitwiseCopyable>(_ parameter: Int32, _ zero: T) throws(OpenCLError) -> T {
    var result = zero
    let status = read(cl_uint(parameter), MemoryLayout<T>.size, &result, nil)
    try check(status, call, describe(parameter))
    return result
  }

  /// A list whose length the driver decides.
  func list<T: BitwiseCopyable>(_ parameter: Int32, of zero: T) throws(OpenCLError) -> [T] {
    var size = 0
    try check(read(cl_uint(parameter), 0, nil, &size), call, describe(parameter))
    var result = [T](repeating: zero, count: size / MemoryLayout<T>.stride)
    let status = result.withUnsafeMutableBytes {
      $0.isEmpty ? CL_SUCCESS : read(cl_uint(parameter), $0.count, $0.baseAddress, nil)
    }
    try check(status, call, describe(parameter))
    return result
  }

  /// A string, without its terminator and surrounding blanks.
  func string(_ parameter: Int32) throws(OpenCLError) -> String {
    let bytes = try list(parameter, of: UInt8(0)).prefix { $0 != 0 }
    return String(decoding: bytes, as: UTF8.self).trimmed
  }

  private func describe(_ parameter: Int32) -> String {
    "query 0x\(String(parameter, radix: 16)) of \(of)"
  }
}

extension String {
  var trimmed: String {
    let kept = drop(while: \.isWhitespace)
    return String(kept.reversed().drop(while: \.isWhitespace).reversed())
  }
}
