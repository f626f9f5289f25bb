import Benchmarking
import Foundation
import Guidance

/// A render's record as lines of a title and what there is to say.
enum RecordReport {
  static func text(_ record: RenderRecord) -> String {
    let (request, resolved) = (record.request, record.resolved)
    var table = Table(
      ["picture", "\(resolved.width)x\(resolved.height), \(steps(record)), \(printable(record.software))"],
      leftColumns: [0, 1])
    for (index, prompt) in request.prompts.enumerated() {
      table.add([index == 0 ? "prompt" : "", printable("\(prompt)")])
    }
    for (index, template) in request.promptTemplates.enumerated() {
      table.add([index == 0 ? "asked" : "", printable(template)])
    }
    table.add(["seed", "\(request.seed)"])
    table.add(["generator", request.generator + file(request.generatorWeights, after: ", ")])
    for perceptor in request.perceptors {
      let weight = perceptor.weight == 1 ? "" : "\(perceptor.weight) × "
      table.add(["clip", weight + file(perceptor.weights)])
    }
    if let image = request.initialImage { table.add(["start", file(image)]) }
    table.add(["search", search(request)])
    if let prior = request.prior { table.add(["transformer", file(prior.transformer)]) }
    for (stage, steps) in zip(request.growth, request.stageSteps) {
      table.add(["stage", "\(stage.side) pixels, \(steps) steps"])
    }
    table.add(["cutouts", cutouts(request.cutouts) + batches(resolved)])
    table.add(["optimizer", "\(request.optimizer), learning rate \(request.learningRate)"])
    table.add(["precision", resolved.precision.rawValue])
    table.add(["device", printable(resolved.device)])
    for (name, weight) in request.losses.sorted(by: { $0.key < $1.key }) {
      table.add(["loss term", "\(weight) × \(name)"])
    }
    table.add(["loss", Losses.text(record.loss, record.terms)])
    for change in record.changes {
      let text = "\(change.field) to \(change.value), after \(change.step) steps"
      table.add(["changed", printable(text)])
    }
    return table.text
  }

  /// `text` on one line without control characters, which a record from elsewhere may hold.
  static func printable(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map {
      $0.properties.generalCategory == .control ? " " : $0
    }))
  }

  private static func search(_ request: RenderRequest) -> String {
    guard request.initialImage == nil, let start = request.start else { return "none" }
    switch start {
    case .noise: return "none, from noise"
    case .codes: return "\(request.starts) starts"
    case .prior:
      let rounds = request.rounds == 1 ? "" : ", \(request.rounds) rounds"
      return "\(request.starts) pictures of the transformer\(rounds)"
    }
  }

  private static func steps(_ record: RenderRecord) -> String {
    record.stepsDone == record.request.totalSteps
      ? "\(record.stepsDone) steps" : "\(record.stepsDone) of \(record.request.totalSteps) steps"
  }

  private static func cutouts(_ cutouts: CutoutConfiguration) -> String {
    let augmentations = cutouts.augmentations.map { list in
      list.isEmpty ? ", no augmentations" : ", " + list.map { choice in
        printable(choice.name) + ":\(choice.probability)"
          + (choice.strength.map { ":\($0)" } ?? "")
          + (choice.followsOriginal ? " as the original" : "")
      }.joined(separator: " ")
    }
    return "\(cutouts.count), \(printable(cutouts.method))"
      + (cutouts.power == 1 ? "" : ", power \(cutouts.power)") + (augmentations ?? "")
      + (cutouts.followsOriginals ? ", as the originals" : "")
  }

  private static func batches(_ resolved: ResolvedRender) -> String {
    resolved.batches > 1 ? " in \(resolved.batches) batches" : ""
  }

  private static func file(_ file: InputFile?, after separator: String = "") -> String {
    guard let file else { return "" }
    return separator + printable(file.name) + (file.sha256.map { "  \($0.prefix(12))" } ?? "")
  }
}

/// A loss and what it is made of.
enum Losses {
  /// `0.1234`, or with several terms `0.1250 (clip 0.1234, total-variation 0.0016)`: each with its
  /// weight in it.
  static func text(_ total: Float, _ terms: [RenderRecord.Term]) -> String {
    let sum = total.formatted(decimals: 4)
    guard terms.count > 1 else { return sum }
    let parts = terms.map {
      "\(RecordReport.printable($0.name)) \(($0.weight * $0.value).formatted(decimals: 4))"
    }
    return "\(sum) (\(parts.joined(separator: ", ")))"
  }
}
