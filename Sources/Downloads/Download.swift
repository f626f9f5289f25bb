import CCurl
import Foundation
import Support

/// One file to fetch over HTTP.
///
/// What arrives is written to `destination` with `.part` behind it, from which a later run goes on.
/// The file takes its name when it is complete and its size and checksum are right.
package struct Download: Sendable {
  package let url: String
  package let destination: String
  /// Bytes that the file has, where that is known.
  package let bytes: Int?
  /// The SHA-256 that the file has, where that is known, as 64 hexadecimal digits.
  package let sha256: String?

  package init(url: String, destination: String, bytes: Int? = nil, sha256: String? = nil) {
    self.url = url
    self.destination = destination
    self.bytes = bytes
    self.sha256 = sha256?.lowercased()
  }

  package enum Stage: Equatable, Sendable {
    case receiving, verifying
  }

  package enum Outcome: Equatable, Sendable {
    case complete
    /// `observe` ended it; the part is kept.
    case stopped
  }

  /// Fetches the file, going on where an earlier run stopped. A connection that breaks is tried
  /// again as long as each attempt brings something.
  ///
  /// - Parameter observe: called at least once a second with the bytes that are there and those of
  ///   the whole, where known; returns false to stop.
  /// - Throws: `DownloadError`. After a failure of the connection the part is kept.
  package func run(
    observe: @escaping (Stage, _ received: Int, _ total: Int?) -> Bool = { _, _, _ in true }
  ) throws(DownloadError) -> Outcome {
    let part = try PartFile(of: destination)
    if let bytes, part.count > bytes { try part.restart() }
    if part.count == 0 || bytes == nil || part.count < bytes! {
      guard try receive(into: part, observe: observe) else { return .stopped }
    }
    guard try verify(part, observe: observe) else { return .stopped }
    try part.commit()
    return .complete
  }

  /// Fills the part; false where `observe` stopped it.
  private func receive(
    into part: PartFile, observe: @escaping (Stage, Int, Int?) -> Bool
  ) throws(DownloadError) -> Bool {
    while true {
      let start = part.count
      let receiver = Receiver(url: url, part: part, expected: bytes) {
        observe(.receiving, $0, $1)
      }
      let outcome = receiver.get()
      if let failure = receiver.failure { throw failure }
      if outcome.is_stopped != 0 { return false }
      if outcome.is_complete != 0 { return true }
      // Nothing lies behind what is there already: it may be the whole.
      if outcome.status == 416, bytes == nil { return true }
      if outcome.status == 416 {
        try part.restart()
        continue
      }
      guard outcome.may_retry != 0, part.count > start else {
        throw .failed(url: url, reason: outcome.reason, kept: part.count)
      }
    }
  }

  /// Compares size and checksum; false where `observe` stopped it. A wrong part is discarded.
  private func verify(
    _ part: PartFile, observe: (Stage, Int, Int?) -> Bool
  ) throws(DownloadError) -> Bool {
    if let bytes, part.count != bytes {
      let count = part.count
      try part.restart()
      throw .wrongSize(url: url, bytes: count, expected: bytes)
    }
    guard let sha256 else { return true }
    let digest: String?
    do {
      digest = try SHA256.ofFile(part.path) { observe(.verifying, part.count, bytes) }
    } catch {
      throw .unreadable(file: error.path, reason: error.reason)
    }
    guard let found = digest else { return false }
    guard found == sha256 else {
      try part.restart()
      throw .wrongChecksum(url: url, sha256: found, expected: sha256)
    }
    return true
  }
}

/// Takes one answer of a server into a part.
private final class Receiver {
  private let url: String
  private let part: PartFile
  private let observe: (Int, Int?) -> Bool
  private var total: Int?
  private var hasBegun = false
  /// Why the transfer was ended from this side.
  private(set) var failure: DownloadError?

  init(url: String, part: PartFile, expected: Int?, observe: @escaping (Int, Int?) -> Bool) {
    self.url = url
    self.part = part
    self.observe = observe
    total = expected
  }

  func get() -> ccurl_outcome {
    let handler = ccurl_handler(
      context: Unmanaged.passUnretained(self).toOpaque(),
      receive: { context, response, bytes, count in
        let receiver = Unmanaged<Receiver>.fromOpaque(context!).takeUnretainedValue()
        return receiver.receive(
          response!.pointee, UnsafeRawBufferPointer(start: bytes, count: count)) ? 1 : 0
      },
      go_on: { context in
        let receiver = Unmanaged<Receiver>.fromOpaque(context!).takeUnretainedValue()
        return receiver.observe(receiver.part.count, receiver.total) ? 1 : 0
      })
    return withExtendedLifetime(self) {
      ccurl_get(url, "tessera", Int64(part.count), handler)
    }
  }

  private func receive(_ response: ccurl_response, _ bytes: UnsafeRawBufferPointer) -> Bool {
    do throws(DownloadError) {
      if !hasBegun {
        hasBegun = true
        // A server without ranges sends the whole; one may also send another range than asked.
        if response.first != Int64(part.count) { try part.restart() }
        if response.total >= 0, total == nil { total = Int(response.total) }
        if response.first != Int64(part.count) {
          throw DownloadError.failed(
            url: url, reason: "the server sent another part of the file than was asked for", kept: 0
          )
        }
      }
      try part.append(bytes)
      return observe(part.count, total)
    } catch {
      failure = error
      return false
    }
  }
}

extension ccurl_outcome {
  fileprivate var reason: String {
    withUnsafeBytes(of: message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
