import Foundation

/// Defaults for settings that a file of an older version lacks.
package enum JSONDefaults {
  /// The JSON object `json`, in which the object at `path` has every key of `defaults` that it lacks, at
  /// any depth; `json` as it is if there is no object at `path`.
  package static func filled(
    _ json: Data, at path: [String], with defaults: some Encodable
  ) throws -> Data {
    let defaults = try JSONSerialization.jsonObject(with: JSONEncoder().encode(defaults))
    let values = try JSONSerialization.jsonObject(with: json)
    return try JSONSerialization.data(
      withJSONObject: filled(values, at: path[...], with: defaults))
  }

  private static func filled(_ values: Any, at path: ArraySlice<String>, with defaults: Any) -> Any {
    guard var object = values as? [String: Any] else { return values }
    guard let key = path.first else {
      guard let defaults = defaults as? [String: Any] else { return values }
      return defaults.merging(object) { filled($1, at: [], with: $0) }
    }
    object[key] = object[key].map { filled($0, at: path.dropFirst(), with: defaults) }
    return object
  }
}

extension DecodingError {
  /// Key and problem of a value that cannot be decoded.
  package var place: String {
    let context: Context? =
      switch self {
      case .typeMismatch(_, let context), .valueNotFound(_, let context),
        .keyNotFound(_, let context), .dataCorrupted(let context): context
      @unknown default: nil
      }
    let path = (context?.codingPath ?? []).map(\.stringValue).joined(separator: ".")
    return path.isEmpty ? "a value is missing or of another type" : "\(path) is not what it should be"
  }
}
