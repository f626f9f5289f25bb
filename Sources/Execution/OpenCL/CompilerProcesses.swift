import Foundation
import OpenCLRuntime
import Synchronization

/// Processes that compile kernels side by side, for a first start: a driver compiles one program after
/// the other, and some cannot be asked from two threads. What they compile reaches the others by the
/// cache of programs; what they fail to compile is compiled where it is needed.
package struct CompilerProcesses: Sendable {
  /// A program, and what its compiler is told.
  package struct ProgramText: Codable {
    package let kernel: String
    package let source: String
    package let options: String

    package init(kernel: String, source: String, options: String) {
      self.kernel = kernel
      self.source = source
      self.options = options
    }
  }

  /// What a process reads from its standard input.
  private struct Share: Codable {
    /// ``ProgramCache/Key/compiler(of:)``.
    let compiler: String
    /// Folder of the cache.
    let cache: URL
    let programs: [ProgramText]
  }

  /// Programs that are worth a process.
  private static let leastShare = 4
  /// Each has memory of its own, on a GPU as well.
  private static let mostProcesses = 8

  /// Those of this program; nil compiles all in this process.
  package static let own = Mutex<CompilerProcesses?>(nil)

  private let executable: URL
  private let arguments: [String]

  /// - Parameters:
  ///   - executable: a program that calls ``serve(_:)`` with its standard input.
  ///   - arguments: with which it does.
  package init(executable: URL, arguments: [String]) {
    self.executable = executable
    self.arguments = arguments
  }

  /// Compiles `programs` for a device and waits until that is done.
  package func compile(
    _ programs: [ProgramText], for device: Device, into cache: ProgramCache
  ) {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let count = min(cores, programs.count / Self.leastShare, Self.mostProcesses)
    guard count > 1 else { return }
    // The longest take longest, so they are dealt out first.
    let sorted = programs.sorted { $0.source.utf8.count > $1.source.utf8.count }
    let processes = (0..<count).compactMap { number in
      let share = Share(
        compiler: ProgramCache.Key.compiler(of: device), cache: cache.directory,
        programs: stride(from: number, to: sorted.count, by: count).map { sorted[$0] })
      return try? process(reading: share)
    }
    for process in processes { process.waitUntilExit() }
  }

  /// A running process that reads `share`, by way of a file, as a pipe would end this process if the
  /// other one ended early.
  private func process(reading share: Share) throws -> Process {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("tessera-\(UUID().uuidString).json")
    defer { try? FileManager.default.removeItem(at: file) }
    try JSONEncoder().encode(share).write(to: file)
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.standardInput = try FileHandle(forReadingFrom: file)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  /// Compiles a share into the cache, until it is done or the process that asked for it is gone.
  /// - Parameter input: what ``compile(_:for:into:)`` wrote.
  /// - Throws: for other input, or a device that is not there.
  package static func serve(_ input: Data) throws {
    let parent = getppid()
    let share = try JSONDecoder().decode(Share.self, from: input)
    let devices = try Platform.all().flatMap { (try? $0.devices()) ?? [] }
    guard let device = devices.first(where: { ProgramCache.Key.compiler(of: $0) == share.compiler })
    else { throw ExecutionError.unknownDevice(name: share.compiler, known: devices.map(\.name)) }
    let context = try Context(device: device)
    for program in share.programs where getppid() == parent {
      _ = try? Program(
        source: program.source, options: program.options, label: program.kernel, context: context,
        cache: ProgramCache(directory: share.cache))
    }
  }
}
