import ArgumentParser

/// The seed of all random draws, as the command line gives it.
struct Seed {
  let value: UInt64
  /// Whether the number was left to chance.
  let isRandom: Bool

  /// Reads a number, or `random`, which draws one.
  init(parsing text: String) throws {
    isRandom = text.lowercased() == "random"
    guard !isRandom else {
      // Short enough to be typed again.
      value = UInt64.random(in: 0...UInt64(UInt32.max))
      return
    }
    guard let number = UInt64(text) else {
      throw ValidationError("a seed is a whole number from 0 on, or 'random' for one that is drawn")
    }
    value = number
  }

  /// Prints a seed that was drawn.
  func report() {
    if isRandom { StandardError.print("seed \(value)") }
  }
}
