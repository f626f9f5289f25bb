// swift-tools-version: 6.1
import PackageDescription

/// Fuzzers of everything that reads files of strangers. `make fuzz` builds them with libFuzzer and
/// AddressSanitizer, which this file cannot ask for itself.
let package = Package(
  name: "fuzz",
  dependencies: [.package(name: "tessera", path: "../..")],
  targets: [
    .target(name: "WeightReading", dependencies: [.product(name: "Weights", package: "tessera")]),
    .executableTarget(name: "fuzz-safetensors", dependencies: ["WeightReading"]),
    .executableTarget(name: "fuzz-archive", dependencies: ["WeightReading"]),
    .executableTarget(name: "fuzz-pickle", dependencies: ["WeightReading"]),
    .executableTarget(
      name: "fuzz-png", dependencies: [.product(name: "Imaging", package: "tessera")]),
    .executableTarget(
      name: "fuzz-jpeg", dependencies: [.product(name: "Imaging", package: "tessera")]),
  ],
  swiftLanguageModes: [.v6]
)
