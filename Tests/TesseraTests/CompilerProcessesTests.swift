import Execution
import Foundation
import OpenCLRuntime
import Testing
import TestSupport

/// Kernels that are compiled by processes of their own, of `tessera compile-kernels`.
@Suite struct CompilerProcessesTests {
  private static let devices = (try? Platform.all().flatMap { try $0.devices() }) ?? []

  /// Enough for two processes.
  private let programs = (0..<8).map { number in
    CompilerProcesses.ProgramText(
      kernel: "put",
      source: "__kernel void put(__global int *out) { out[get_global_id(0)] = \(number); }\n",
      options: "-w")
  }

  private func compile(
    _ folder: TemporaryFolder, on device: Device, by executable: String
  ) -> ProgramCache {
    let cache = ProgramCache(directory: URL(fileURLWithPath: folder.path("programs")))
    CompilerProcesses(executable: URL(fileURLWithPath: executable), arguments: ["compile-kernels"])
      .compile(programs, for: device, into: cache)
    return cache
  }

  @Test(
    .enabled(if: ProcessInfo.processInfo.activeProcessorCount > 1), arguments: devices)
  func whatTheyCompileIsLoaded(device: Device) throws {
    let folder = try TemporaryFolder()
    let cache = compile(folder, on: device, by: executablePath)
    let context = try Context(device: device)
    for program in programs {
      _ = try Program(
        source: program.source, options: program.options, label: program.kernel, context: context,
        cache: cache)
    }
    #expect(context.statistics.programsLoaded == 8 && context.statistics.programsBuilt == 0)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("programs")).count == 8)
  }

  /// Where they cannot be had, there is just nothing in the cache.
  @Test(arguments: devices.prefix(1), ["/bin/false", "/nonexistent"])
  func theyMayFail(device: Device, executable: String) throws {
    let folder = try TemporaryFolder()
    _ = compile(folder, on: device, by: executable)
    #expect(!FileManager.default.fileExists(atPath: folder.path("programs")))
  }

  @Test func otherInputIsAnError() throws {
    let outcome = try tessera(["compile-kernels"])
    #expect(outcome.status == 1 && outcome.errors.hasPrefix("tessera: "), "\(outcome)")
    #expect(try !tessera(["--help"]).output.contains("compile-kernels"))
  }
}
