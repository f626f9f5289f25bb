/// How a checkpoint names and lays out the tensors that a model knows by its original's names.
///
/// Model code is written once, with the original's names; a checkpoint of another project differs
/// only in this value.
package struct CheckpointNaming: Sendable {
  /// Where a checkpoint keeps a tensor of the original.
  package struct Place: Sendable, Equatable {
    /// The tensors that make it up, one after the other along the first axis.
    package var names: [String]
    /// Whether each is a matrix stored with its axes exchanged.
    package var isTransposed = false

    package init(_ names: [String], isTransposed: Bool = false) {
      self.names = names
      self.isTransposed = isTransposed
    }
  }

  /// The place of the tensor that the original calls by this full name.
  package let place: @Sendable (String) -> Place

  package init(_ place: @escaping @Sendable (String) -> Place) { self.place = place }

  /// The original's own names and layouts.
  package static let original = CheckpointNaming { Place([$0]) }
}
