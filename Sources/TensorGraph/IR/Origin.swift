/// The part of a model that a node belongs to, and the source line that built it.
package struct Origin: Sendable {
  /// Names of the open scopes, outermost first, joined by slashes: `decoder/up.2`. Empty outside.
  package var scope = ""
  package var site: CallSite?

  /// The scope `name` inside this one, opened at `site`.
  func opening(_ name: String, at site: CallSite) -> Origin {
    Origin(scope: scope.isEmpty ? name : scope + "/" + name, site: site)
  }
}

/// A line of source code.
package struct CallSite: Sendable, CustomStringConvertible {
  /// Module and file: `Models/Decoder.swift`.
  package let file: StaticString
  package let line: UInt

  package var description: String { "\(file):\(line)" }
}
