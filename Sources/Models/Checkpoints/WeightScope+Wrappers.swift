import Weights

extension WeightScope {
  /// The scope within the wrappers of parallel and compiled models: `module.` and `_orig_mod.`.
  var unwrapped: WeightScope {
    var scope = self
    while let wrapper = ["module", "_orig_mod"].first(where: { !scope[$0].isEmpty }) {
      scope = scope[wrapper]
    }
    return scope
  }
}
