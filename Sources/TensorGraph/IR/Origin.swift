/// The part of a model that a node belongs to, and the source line that built it.
package struct Origin: Sendable, CustomStringConvertible {
  /// Names of the open scopes, outermost first, joined by slashes: `decoder/up.2`. Empty outside.
  package var scope = ""
  /// Whether the node is part of a gradient of that part of the model.
  package var isGradient = false
  package var site: CallSite?

  /// The scope, and whether it is a gradient; empty outside.
  package var description: String {
    scope.isEmpty ? "" : isGradient ? "\(scope), gradient" : scope
  }

  /// The scope `name` inside this one, opened at `site`.
  func opening(_ name: String, at site: CallSite) -> Origin {
    var inner = self
    if !name.isEmpty { inner.scope = scope.isEmpty ? name : scope + "/" + name }
    inner.site = site
    return inner
  }

  /// The same at another line.
  func at(_ site: CallSite) -> Origin {
    var moved = self
    moved.site = site
    return moved
  }
}

/// A line of source code.
package struct CallSite: Sendable, CustomStringConvertible {
  /// Module and file: `Models/Decoder.swift`.
  package let file: StaticString
  package let line: UInt

  package var description: String { "\(file):\(line)" }

  var isInTensorGraph: Bool { file.withUTF8Buffer { $0.starts(with: "TensorGraph/".utf8) } }
}
