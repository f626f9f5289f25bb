// swift-tools-version: 6.1
import PackageDescription

/// Folders under Kernels/, one a family.
let kernelFamilies = [
  "common", "pointwise", "movement", "reduction", "matmul", "convolution", "normalization",
  "attention", "quantization", "embedding", "pooling", "sampling", "random", "peak", "pieces",
  "tuning",
]

let package = Package(
  name: "tessera",
  products: [
    .executable(name: "tessera", targets: ["tessera"]),
    .library(name: "TensorGraph", targets: ["TensorGraph", "Execution"]),
    .library(name: "Guidance", targets: ["Guidance", "Imaging"]),
    .library(name: "Imaging", targets: ["Imaging"]),
    .library(name: "Weights", targets: ["Weights"]),
    .library(name: "Inference", targets: ["Inference", "Imaging"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .target(name: "COpenCL", linkerSettings: [.linkedLibrary("OpenCL")]),
    .target(name: "COneDNN", linkerSettings: [.linkedLibrary("dnnl"), .linkedLibrary("gomp")]),
    .target(name: "CHostKernels"),
    .target(name: "CPNG", linkerSettings: [.linkedLibrary("png"), .linkedLibrary("z")]),
    .target(name: "CJPEG", linkerSettings: [.linkedLibrary("jpeg")]),
    .target(name: "CZlib", linkerSettings: [.linkedLibrary("z")]),
    .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
    .systemLibrary(name: "CCrypto"),
    .target(
      name: "Kernels", dependencies: ["Support"], path: "Kernels",
      resources: kernelFamilies.map { .copy($0) }),
    .target(name: "Support", dependencies: ["CZlib", "CCrypto"]),
    .target(name: "OpenCLRuntime", dependencies: ["COpenCL", "Support"]),
    .target(
      name: "TensorGraph",
      dependencies: ["CHostKernels", .product(name: "RealModule", package: "swift-numerics")]),
    .target(
      name: "Execution",
      dependencies: [
        "TensorGraph", "OpenCLRuntime", "COneDNN", "CHostKernels", "Kernels", "Support",
      ]),
    .target(name: "Weights", dependencies: ["CZlib", "Support"]),
    .target(name: "Downloads", dependencies: ["CCurl", "Support"]),
    .target(
      name: "Models", dependencies: ["TensorGraph", "Weights", "Support", "CZlib", "Yams"]),
    .target(name: "Imaging", dependencies: ["CPNG", "CJPEG", "Support"]),
    .target(
      name: "Inference", dependencies: ["Models", "Execution", "Imaging", "Weights", "Support"]),
    .target(
      name: "Guidance",
      dependencies: [
        "Models", "Execution", "Imaging", "Inference", "Weights", "Support",
        .product(name: "RealModule", package: "swift-numerics"),
      ]),
    .target(
      name: "Training",
      dependencies: [
        "Guidance", "Models", "Execution", "Imaging", "Inference", "Weights", "Support",
      ]),
    .target(
      name: "Benchmarking",
      dependencies: ["Training", "Guidance", "Models", "Execution", "Support"]),
    .executableTarget(
      name: "tessera",
      dependencies: [
        "Guidance", "Training", "Benchmarking", "Inference", "Execution", "Imaging", "Models",
        "Weights", "Downloads", "Support", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .target(
      name: "TestSupport", dependencies: ["TensorGraph", "Models", "Weights"], path: "Tests/TestSupport"),
    .testTarget(name: "SupportTests", dependencies: ["Support"]),
    .testTarget(name: "OpenCLRuntimeTests", dependencies: ["OpenCLRuntime", "Support"]),
    .testTarget(
      name: "TensorGraphTests",
      dependencies: [
        "TensorGraph", "TestSupport", .product(name: "RealModule", package: "swift-numerics"),
      ]),
    .testTarget(
      name: "ExecutionTests",
      dependencies: [
        "Execution", "Benchmarking", "OpenCLRuntime", "Kernels", "COneDNN", "CHostKernels",
        "Support", "TestSupport",
      ]),
    .testTarget(name: "WeightsTests", dependencies: ["Weights", "Support", "TestSupport"]),
    .testTarget(name: "DownloadsTests", dependencies: ["Downloads", "Support", "TestSupport"]),
    .testTarget(
      name: "ModelsTests",
      dependencies: ["Models", "Execution", "Guidance", "CZlib", "Weights", "Support", "TestSupport"]),
    .testTarget(name: "ImagingTests", dependencies: ["Imaging", "Support"]),
    .testTarget(name: "InferenceTests", dependencies: ["Inference", "Weights", "TestSupport"]),
    .testTarget(name: "GuidanceTests", dependencies: ["Guidance", "Support", "TestSupport"]),
    .testTarget(
      name: "TrainingTests",
      dependencies: [
        "Training", "Models", "Execution", "Imaging", "Weights", "Support", "TestSupport",
      ]),
    .testTarget(name: "BenchmarkingTests", dependencies: ["Benchmarking", "TestSupport"]),
    .testTarget(
      name: "TesseraTests",
      dependencies: [
        "tessera", "Execution", "OpenCLRuntime", "Imaging", "Weights", "Downloads", "Support",
        "TestSupport",
      ]),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)
