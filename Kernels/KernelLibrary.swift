import Foundation

/// The OpenCL C sources shipped with the package, found by the name of their entry point.
package enum KernelLibrary {
  /// Folder that holds one sub-folder per kernel family.
  package static let root: URL = Bundle.module.resourceURL ?? Bundle.module.bundleURL
}
