import Imaging

extension RenderRecord {
  /// Text chunks of the picture's file: `tessera` holds the record as JSON without folders,
  /// `parameters` the text that readers of A1111's pictures show, `Software` what the PNG standard
  /// means by it.
  public func texts() throws -> [PNG.Text] {
    [
      PNG.Text(Self.keyword, try withoutFolders.json()),
      PNG.Text("parameters", parameters),
      PNG.Text("Software", software),
    ]
  }

  /// The prompts, those of negative weight as negative prompts, then a line of settings, in the form
  /// that stable-diffusion-webui writes.
  var parameters: String {
    func line(_ prompts: [Prompt]) -> String {
      prompts.map { prompt in
        let weight = abs(prompt.weight)
        return weight == 1 ? prompt.name : "(\(prompt.name):\(weight))"
      }.joined(separator: ", ")
    }
    let negative = request.prompts.filter { $0.weight < 0 }
    let settings = [
      ("Steps", "\(stepsDone)"), ("Sampler", request.optimizer), ("Seed", "\(request.seed)"),
      ("Size", "\(resolved.width)x\(resolved.height)"),
      ("Model", request.generatorWeights?.name ?? request.generator),
      ("CLIP", request.perceptors.map(\.weights.name).joined(separator: " + ")),
      ("Learning rate", "\(request.learningRate)"), ("Version", software),
    ]
    return line(request.prompts.filter { $0.weight > 0 }) + "\n"
      + (negative.isEmpty ? "" : "Negative prompt: \(line(negative))\n")
      + settings.map { "\($0): \($1)" }.joined(separator: ", ")
  }
}
