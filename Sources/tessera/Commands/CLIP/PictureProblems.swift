import ArgumentParser
import Imaging

/// Pictures of a batch that cannot be read: each is named once the others' results are printed.
enum PictureProblems {
  /// - Throws: `ExitCode` 1 if there is one.
  static func check(_ pictures: [Result<[Float], ImageError>]) throws {
    var hasProblem = false
    for case .failure(let error) in pictures {
      StandardError.print("tessera: \(error)")
      hasProblem = true
    }
    if hasProblem { throw ExitCode.failure }
  }
}
