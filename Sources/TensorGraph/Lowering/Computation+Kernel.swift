extension Computation {
  /// Kernels that compute this, most special first.
  package var variants: [KernelVariant] {
    guard let epilogue else { return op.variants }
    return op.variants.filter(\.appliesEpilogue).map { $0.applying(epilogue) }
  }

  /// The variant to compute this with, and the context to plan it in: the one that tuning found if
  /// the device can run it, else the first that accepts the types. Nil if none does.
  /// - Parameter tuning: the first that knows this work decides.
  package func kernel(
    on device: DeviceTraits, tuning: [Tuning]
  ) -> (variant: KernelVariant, context: KernelContext)? {
    let context = context(on: device)
    let accepting = variants.filter { $0.accepts(context) }
    let work = tuningWork
    for choice in tuning.lazy.compactMap({ $0.choice(for: work) }).prefix(1) {
      guard let variant = accepting.first(where: { $0.name == choice.kernel }),
        choice.settings.isEmpty || variant.candidates(context).contains(choice.settings)
      else { break }
      var tuned = context
      tuned.settings = choice.settings
      return (variant, tuned)
    }
    return accepting.first.map { ($0, context) }
  }

  package func context(on device: DeviceTraits) -> KernelContext {
    KernelContext(inputs: inputs, output: output, device: device)
  }

  /// Key of this in a ``Tuning``: the op without its epilogue.
  package var tuningWork: Tuning.Work {
    let base = base
    return Tuning.Work(op: op.tuningName, inputs: base.inputs, output: base.output.shape)
  }
}

// MARK: - Storage

extension Computation {
  /// Whether every kernel takes input `index` stored as fp16.
  package func readsFP16(_ index: Int) -> Bool {
    index >= opInputCount || op.variants.allSatisfy { index < $0.storage.fp16Inputs }
  }

  /// Inputs that must share one storage type.
  package var matchingInputs: Range<Int> {
    0..<(op.variants.map { $0.storage.inputsMustMatch ? $0.storage.fp16Inputs : 0 }.max() ?? 0)
  }

  /// Whether every kernel can store the output as fp16.
  package var storesFP16: Bool {
    !op.variants.isEmpty && op.variants.allSatisfy(\.storage.fp16Output)
  }
}
