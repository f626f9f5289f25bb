// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "benchmarks",
  dependencies: [
    .package(name: "tessera", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  ],
  targets: [
    .executableTarget(
      name: "gallery",
      dependencies: [
        .product(name: "Guidance", package: "tessera"),
        .product(name: "TensorGraph", package: "tessera"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "search",
      dependencies: [
        .product(name: "Guidance", package: "tessera"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "loading", dependencies: [.product(name: "Weights", package: "tessera")]),
  ],
  swiftLanguageModes: [.v6]
)
