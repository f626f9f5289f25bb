import ArgumentParser
import Execution
import Foundation
import Guidance

/// The command line; `tessera --help` lists its commands.
@main
struct Tessera: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Paints pictures from prompts, on any OpenCL device or on the CPU alone.",
    version: Release.version,
    subcommands: [
      Render.self, Imagine.self, Resume.self, Info.self, TrainCommand.self, CLIPCommand.self,
      VQGANCommand.self, Devices.self, SelfTestCommand.self, WeightsCommand.self, BenchCommand.self, Tune.self, CompileKernels.self,
    ])

  /// Runs the command of the command line. Help goes to standard output, an error as one line to
  /// standard error; the status is 64 where the command line is at fault.
  static func main() {
    ThreadWaiting.makePassive()
    StandardOutput.showLinesAtOnce()
    StandardOutput.checkAtExit()
    if let executable = Bundle.main.executableURL {
      let arguments = [CompileKernels._commandName]
      CompilerProcesses.own.withLock {
        $0 = CompilerProcesses(executable: executable, arguments: arguments)
      }
    }
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      let status = exitCode(for: error)
      let text = fullMessage(for: error)
      if status.isSuccess {
        print(text)
      } else if !(error is ExitCode) {
        let hint = status == .validationFailure ? "; see 'tessera --help'" : ""
        StandardError.print("tessera: \(message(for: error))\(hint)")
      }
      Foundation.exit(status.rawValue)
    }
  }
}

/// Where everything goes that is not a result.
package enum StandardError {
  package static func print(_ text: String, terminator: String = "\n") {
    // Nobody is left to tell if this fails.
    try? FileHandle.standardError.write(contentsOf: Data((text + terminator).utf8))
  }

  static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// Tells on a terminal what is being done, in one line that the next overwrites; "" clears it.
  static func showProgress(_ text: String) {
    if isTerminal { print("\r\u{1B}[K\(text)", terminator: "") }
  }
}
