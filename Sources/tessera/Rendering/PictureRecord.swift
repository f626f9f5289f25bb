import Execution
import Foundation
import Guidance
import Imaging

/// What a picture says about itself: enough to paint it again.
struct PictureRecord {
  private let prompts: [String]
  private let seed: UInt64
  private var settings: Settings
  /// Name of the picture that the render started from.
  var initialImage: String? { settings.initialImage }

  /// The `settings` text, as JSON. Files are named without their folders.
  private struct Settings: Encodable {
    let size: String
    let steps: Int
    var stepsDone = 0
    let cutouts: Int
    let learningRate: Float
    let precision: String
    /// Random starts to choose from; none were with an initial image.
    let starts: Int?
    let generator: String
    let perceptor: String
    let initialImage: String?
    let initialWeight: Float?
    /// Names, with weights other than 1: `house.png:0.5`.
    let imagePrompts: [String]?
    let device: String
  }

  /// - Parameter initialImage: name of the picture that the render started from.
  init(
    _ settings: RenderSettings, models: ModelFiles, device: ComputeDevice, initialImage: String?
  ) {
    func name(_ path: String) -> String { URL(fileURLWithPath: path).lastPathComponent }
    prompts = settings.prompts.map(\.description)
    seed = settings.seed
    self.settings = Settings(
      size: "\(settings.width)x\(settings.height)", steps: settings.steps,
      cutouts: settings.cutouts.count, learningRate: settings.learningRate,
      precision: settings.precision == .half ? "half" : "full",
      starts: initialImage == nil ? settings.starts : nil, generator: name(models.generator),
      perceptor: name(models.perceptor), initialImage: initialImage,
      initialWeight: settings.initialWeight > 0 ? settings.initialWeight : nil,
      imagePrompts: settings.picturePrompts.isEmpty
        ? nil : settings.picturePrompts.map(\.description),
      device: "\(device)")
  }

  /// Text chunks: one `prompt` each, `seed`, `settings`, and `Software` as the PNG standard has it.
  func texts(stepsDone: Int) throws -> [PNG.Text] {
    var settings = settings
    settings.stepsDone = stepsDone
    return prompts.map { PNG.Text("prompt", $0) } + [
      PNG.Text("seed", "\(seed)"), PNG.Text("settings", try JSON.text(settings)),
      PNG.Text("Software", "Tessera \(Tessera.version)"),
    ]
  }
}
