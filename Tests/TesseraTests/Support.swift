import Foundation
import Testing
import TestSupport

/// The built `tessera`, which lies beside the tests.
private let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
  .deletingLastPathComponent().appendingPathComponent("tessera")

/// Its path.
var executablePath: String { executable.path }

/// What a script of Tests/Fixtures prints.
func runPython(_ script: String, _ arguments: [String]) throws -> String {
  let process = Process()
  let output = Pipe()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = ["python3", repositoryFile("Tests/Fixtures/\(script)")] + arguments
  process.standardOutput = output
  try process.run()
  let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  return text
}

private let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent()

/// Path of a file of the repository.
func repositoryFile(_ path: String) -> String { repository.appendingPathComponent(path).path }

/// What a finished run left behind.
struct Outcome {
  /// The exit status; negative for the signal that ended it.
  let status: Int32
  let output: String
  let errors: String
}

/// One run of `tessera`, started in the repository's folder.
final class Run {
  private let process = Process()
  private let output: FileHandle
  private let errors: FileHandle
  private let folder: TemporaryFolder

  /// - Parameter environment: changes to the environment of the tests; nil removes a variable.
  init(_ arguments: [String], environment changes: [String: String?] = [:]) throws {
    // Files, not pipes: nobody has to empty them while the process runs.
    folder = try TemporaryFolder()
    output = try folder.newFile("stdout")
    errors = try folder.newFile("stderr")
    process.executableURL = executable
    process.arguments = arguments
    process.currentDirectoryURL = repository
    process.standardOutput = output
    process.standardError = errors
    process.environment = changes.reduce(into: ProcessInfo.processInfo.environment) {
      $0[$1.key] = $1.value
    }
    try process.run()
  }

  var isRunning: Bool { process.isRunning }

  func interrupt() { process.interrupt() }

  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// What it has written to standard error.
  var errorsSoFar: String { get throws { try folder.text("stderr") } }

  /// Waits for the end; kills what takes longer than ten minutes.
  func finish() throws -> Outcome {
    let deadline = Date(timeIntervalSinceNow: 600)
    while process.isRunning, Date() < deadline { Thread.sleep(forTimeInterval: 0.005) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    let status = process.terminationStatus
    return Outcome(
      status: process.terminationReason == .exit ? status : -status,
      output: try folder.text("stdout"), errors: try folder.text("stderr"))
  }
}

/// Runs `tessera` to its end.
func tessera(
  _ arguments: [String], environment: [String: String?] = [:]
) throws -> Outcome {
  try Run(arguments, environment: environment).finish()
}

/// An environment in which no OpenCL driver is installed.
let withoutDrivers: [String: String?] = [
  "OCL_ICD_VENDORS": "/nonexistent", "OCL_ICD_FILENAMES": nil,
]
