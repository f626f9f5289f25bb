import ArgumentParser
import Guidance

/// Stages in which a large picture is composed.
struct GrowthOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Compose at this size first, then enlarge the latent and go on at full size; the shorter side "
        + "in pixels, with steps of its own as 128:100; several stages as 128:100,256:50.",
      valueName: "side"),
    transform: Self.stages)
  var growFrom: [GrowthStage]?

  private static func stages(_ text: String) throws -> [GrowthStage] {
    do {
      return try text.split(separator: ",", omittingEmptySubsequences: false)
        .map { try GrowthStage(parsing: String($0)) }
    } catch { throw ValidationError("\(error)") }
  }

  var areGiven: Bool { growFrom != nil }

  func apply(to request: inout RenderRequest) {
    if let growFrom { request.growth = growFrom }
  }
}
