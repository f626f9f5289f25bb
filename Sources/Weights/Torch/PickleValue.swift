/// What a pickle can evaluate to here.
///
/// Containers are positions in a `PickleHeap` rather than nested values: a pickle may alias, nest
/// and cycle as it likes without a deep structure that could exhaust the stack when it is freed.
enum PickleValue: Equatable {
  case none
  case bool(Bool)
  case int(Int)
  case float(Double)
  case string(String)
  case tuple(Int)
  case list(Int)
  /// Keys and values alternate in the container.
  case dictionary(Int)
  /// An instance of a TorchScript class; its attributes are held as a dictionary's are.
  case module(Int)
  case storage(Int)
  case tensor(Int)
  case constructor(TorchConstructor)
  /// A class of storages; nil for bytes without a type.
  case storageClass(WeightScalar?)
  case scalarType(WeightScalar)
  case moduleClass
  /// Something that training left in the file and that holds no weights: kept as a blank.
  case bystander
}

/// The containers, storages and tensors that a pickle built.
struct PickleHeap {
  var containers: [[PickleValue]] = []
  var storages: [TorchStorage] = []
  var tensors: [TorchTensor] = []

  /// The value of a string key; the last one, as later assignments win.
  func value(of key: String, in dictionary: Int) -> PickleValue? {
    let elements = containers[dictionary]
    var value: PickleValue?
    for i in stride(from: 0, to: elements.count - 1, by: 2) where elements[i] == .string(key) {
      value = elements[i + 1]
    }
    return value
  }
}

/// A record of the archive, as a pickle describes it.
struct TorchStorage: Equatable {
  /// The record's name below `data/`.
  let key: String
  /// Nil for bytes without a type.
  let scalar: WeightScalar?
  /// Elements, or bytes where there is no type.
  let count: Int
}

/// A view of a storage, as a pickle describes it; nothing is checked yet.
struct TorchTensor: Equatable {
  let storage: Int
  let scalar: WeightScalar
  /// Elements before the view's first.
  let offset: Int
  let shape: [Int]
  /// Elements from one to the next along each axis.
  let strides: [Int]
}

/// What the parts of a pickle's value take of memory, in bytes: with the allocator's share and the
/// room that growing arrays leave, so rather too much than too little.
enum PickleCost {
  /// An instruction, and the value it leaves on the stack.
  static let instruction = 32
  static let container = 64
  /// A value in a container.
  static let value = 32
  /// A value that is memorised.
  static let memory = 96
  /// A storage, or a tensor with its shape and strides.
  static let tensor = 256
}
