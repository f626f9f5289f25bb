import ArgumentParser
import Execution
import Foundation

/// What other commands start, several at a time, when many kernels are to be compiled.
struct CompileKernels: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compile-kernels",
    abstract: "Compile the kernels that standard input names; other commands start this.",
    shouldDisplay: false)

  func run() throws {
    try CompilerProcesses.serve(FileHandle.standardInput.readDataToEndOfFile())
  }
}
