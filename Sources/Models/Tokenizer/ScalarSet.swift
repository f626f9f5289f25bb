/// A set of Unicode scalars, written like a bracket expression: `"a-zé"`.
struct ScalarSet: ExpressibleByStringLiteral, Sendable {
  private let members: Set<Unicode.Scalar>
  private let rule: (@Sendable (Unicode.Scalar) -> Bool)?

  /// The scalars that `rule` holds for.
  init(where rule: @escaping @Sendable (Unicode.Scalar) -> Bool) {
    members = []
    self.rule = rule
  }

  init(_ members: some Sequence<Unicode.Scalar>) {
    self.members = Set(members)
    rule = nil
  }

  /// Characters, and ranges of them joined by `-`.
  init(stringLiteral text: String) {
    let scalars = Array(text.unicodeScalars)
    var members: [Unicode.Scalar] = []
    var index = 0
    while index < scalars.count {
      if index + 2 < scalars.count, scalars[index + 1] == "-" {
        members += (scalars[index].value...scalars[index + 2].value).compactMap(Unicode.Scalar.init)
        index += 3
      } else {
        members.append(scalars[index])
        index += 1
      }
    }
    self.init(members)
  }

  static func | (left: ScalarSet, right: ScalarSet) -> ScalarSet {
    precondition(left.rule == nil && right.rule == nil, "only listed scalars are united")
    return ScalarSet(left.members.union(right.members))
  }

  static func ~= (set: ScalarSet, scalar: Unicode.Scalar) -> Bool {
    set.rule?(scalar) ?? set.members.contains(scalar)
  }
}

extension ScalarSet {
  /// What Python takes for white space: Unicode's, and four separators of ASCII.
  static let whitespace = ScalarSet {
    $0.properties.isWhitespace || (0x1C...0x1F).contains($0.value)
  }

  /// Letters, numbers and the underscore.
  static let word = ScalarSet {
    switch $0.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .decimalNumber, .letterNumber, .otherNumber:
      true
    default: $0 == "_"
    }
  }
}
