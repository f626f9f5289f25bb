import Execution
import Foundation
import Testing
import TestSupport

@Suite struct TuneCommandTests {
  /// One kernel of the smallest step, on the first OpenCL device there is.
  @Test func whatIsFoundIsKeptAndNotDoneAgain() throws {
    guard let device = ComputeDevice.all().first(where: { $0.isUsable && $0.traits != nil }) else {
      return
    }
    let folder = try TemporaryFolder()
    let arguments = [
      "tune", "--device", device.id, "--size", "16", "--cutouts", "1", "--only", "attention_log",
      "-o", folder.path("tuning.json"),
    ]
    let outcome = try tessera(arguments)
    #expect(outcome.status == 0 && outcome.output.contains("s of a step untuned"), "\(outcome)")
    #expect(outcome.output.hasPrefix("attention_log_sum_exp "))
    let text = try folder.text("tuning.json")
    #expect(text.contains(#""kernel" : "attention_log_sum_exp_"#) && text.contains(device.name))
    let again = try tessera(arguments)
    #expect(again.status == 0 && again.output.contains("everything is tuned already"), "\(again)")
    #expect(try folder.text("tuning.json") == text)
  }

  @Test func whatCannotBeTunedIsNamed() throws {
    let cpu = try tessera(["tune", "--device", "cpu"])
    #expect(cpu.status == 1 && cpu.errors.contains("has no kernels to tune"), "\(cpu)")
    guard let device = ComputeDevice.all().first(where: { $0.isUsable && $0.traits != nil }) else {
      return
    }
    let folder = try TemporaryFolder()
    let path = folder.path("notes.json")
    try "{}".write(toFile: path, atomically: true, encoding: .utf8)
    let damaged = try tessera(["tune", "--device", device.id, "-o", path])
    #expect(damaged.status != 0 && damaged.errors.contains("is no tuning file"), "\(damaged)")
    #expect(try folder.text("notes.json") == "{}")
  }
}
