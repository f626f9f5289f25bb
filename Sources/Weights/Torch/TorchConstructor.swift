/// The calls that a checkpoint's pickle may contain, each of which only builds a value.
enum TorchConstructor: Equatable {
  case orderedDictionary
  case tensor
  case tensorWithType
  /// The result is the first argument: parameters are tensors, typed lists are lists.
  case firstArgument

  /// What a global name in a pickle stands for, or nil if it is to be refused.
  static func resolve(_ name: String) -> PickleValue? {
    if let value = known[name] { return value }
    if name.hasPrefix("__torch__.") { return .moduleClass }
    if bystanderPackages.contains(where: name.hasPrefix) { return .bystander }
    return nil
  }

  private static let known: [String: PickleValue] = {
    var names: [String: PickleValue] = [
      "collections.OrderedDict": .constructor(.orderedDictionary),
      "torch._utils._rebuild_tensor": .constructor(.tensor),
      "torch._utils._rebuild_tensor_v2": .constructor(.tensor),
      "torch._utils._rebuild_tensor_v3": .constructor(.tensorWithType),
      "torch._utils._rebuild_parameter": .constructor(.firstArgument),
      "torch._utils._rebuild_parameter_with_state": .constructor(.firstArgument),
      "torch.Size": .constructor(.firstArgument),
      "torch.storage.UntypedStorage": .storageClass(nil),
      "torch.UntypedStorage": .storageClass(nil),
    ]
    for list in ["intlist", "doublelist", "boollist", "tensorlist"] {
      names["torch.jit._pickle.build_\(list)"] = .constructor(.firstArgument)
    }
    names["torch.jit._pickle.restore_type_tag"] = .constructor(.firstArgument)
    let storages: [(String, WeightScalar)] = [
      ("Double", .float64), ("Float", .float32), ("Half", .float16), ("BFloat16", .bfloat16),
      ("Long", .int64), ("Int", .int32), ("Short", .int16), ("Char", .int8), ("Byte", .uint8),
      ("Bool", .bool),
    ]
    for (name, scalar) in storages { names["torch.\(name)Storage"] = .storageClass(scalar) }
    for scalar in WeightScalar.allCases { names["torch.\(scalar.rawValue)"] = .scalarType(scalar) }
    for name in bystanders { names[name] = .bystander }
    return names
  }()

  /// What Lightning and OmegaConf leave beside the weights of public checkpoints. As nothing can be
  /// called, a name here is inert whatever it stands for; the list is there so that a file which
  /// wants more than to be read is refused by that name, and not opened as if it were harmless.
  private static let bystanderPackages = [
    "pytorch_lightning.", "lightning.", "lightning_fabric.", "omegaconf.",
  ]

  private static let bystanders =
    [
      "argparse.Namespace", "collections.Counter", "collections.defaultdict", "collections.deque",
      "datetime.date", "datetime.datetime", "datetime.time", "datetime.timedelta",
      "pathlib.Path", "pathlib.PosixPath", "pathlib.PurePosixPath", "pathlib.WindowsPath",
      "pathlib._local.PosixPath", "typing.Any", "_codecs.encode",
      "copyreg._reconstructor", "copy_reg._reconstructor",
      "torch.device", "torch.torch_version.TorchVersion", "numpy.dtype", "numpy.ndarray",
      "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar",
      "numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct",
    ]
    + ["builtins", "__builtin__"].flatMap { module in
      [
        "bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset", "int", "list",
        "long", "object", "range", "set", "slice", "str", "tuple", "unicode", "xrange",
      ].map { "\(module).\($0)" }
    }
}

extension PickleMachine {
  /// Builds what `constructor` builds from the tuple of arguments, or nil if they do not fit.
  mutating func apply(
    _ constructor: TorchConstructor, to arguments: [PickleValue]
  ) throws(WeightError) -> PickleValue? {
    switch constructor {
    case .firstArgument:
      return arguments.first
    case .orderedDictionary:
      var elements: [PickleValue] = []
      if case .list(let list)? = arguments.first {
        try spend(2 * heap.containers[list].count * PickleCost.value)
        for item in heap.containers[list] {
          let pair: [PickleValue]
          switch item {
          case .list(let container), .tuple(let container): pair = heap.containers[container]
          default: return nil
          }
          guard pair.count == 2 else { return nil }
          elements += pair
        }
      }
      return .dictionary(try allocate(elements))
    case .tensor, .tensorWithType:
      return try makeTensor(arguments, hasType: constructor == .tensorWithType)
    }
  }

  /// Arguments: storage, offset, size, stride, requires_grad, hooks; then, for a tensor with type,
  /// that type; then, only where a view is conjugated or negated lazily, a dictionary saying so.
  private mutating func makeTensor(
    _ arguments: [PickleValue], hasType: Bool
  ) throws(WeightError) -> PickleValue? {
    guard arguments.count >= (hasType ? 7 : 4), case .storage(let storage) = arguments[0],
      case .int(let offset) = arguments[1],
      let shape = integers(arguments[2]), let strides = integers(arguments[3])
    else { return nil }
    var scalar = heap.storages[storage].scalar
    if hasType {
      guard case .scalarType(let type) = arguments[6] else { return nil }
      scalar = type
    }
    guard let scalar else { return nil }
    if case .dictionary(let flags)? = arguments.dropFirst(hasType ? 7 : 6).first,
      !heap.containers[flags].isEmpty
    {
      throw .unsupported(
        file: pickle.source.path, what: "a lazily negated or conjugated tensor",
        advice: "save a copy of it: tensor.resolve_neg().clone()")
    }
    try spend(PickleCost.tensor)
    heap.tensors.append(
      TorchTensor(
        storage: storage, scalar: scalar, offset: offset, shape: shape, strides: strides))
    return .tensor(heap.tensors.count - 1)
  }

  /// A persistent id: ("storage", class, record, device, count).
  mutating func makeStorage(_ id: [PickleValue]) throws(WeightError) -> PickleValue? {
    guard id.count >= 5, id[0] == .string("storage"), case .storageClass(let scalar) = id[1],
      case .string(let key) = id[2], case .int(let count) = id[4]
    else { return nil }
    try spend(PickleCost.tensor)
    heap.storages.append(TorchStorage(key: key, scalar: scalar, count: count))
    return .storage(heap.storages.count - 1)
  }

  /// The numbers of a shape; no tensor has more than 64 axes.
  private func integers(_ value: PickleValue) -> [Int]? {
    let container: Int
    switch value {
    case .tuple(let index), .list(let index): container = index
    default: return nil
    }
    guard heap.containers[container].count <= 64 else { return nil }
    var integers: [Int] = []
    for element in heap.containers[container] {
      guard case .int(let integer) = element else { return nil }
      integers.append(integer)
    }
    return integers
  }
}
