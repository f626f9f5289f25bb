/// Evaluates the pickle of a checkpoint as data.
///
/// The machine has no way to call anything: a global name is looked up in `TorchConstructor`'s
/// list and becomes a plain value, or the whole file is refused by that name. Opcodes are those of
/// protocols 2 to 5 that checkpoints contain. Format: `pickletools` in Python's standard library.
struct PickleMachine {
  let pickle: SourceSlice
  var heap = PickleHeap()

  private let end: Int
  private var position: Int
  /// Where the opcode under evaluation begins.
  private var opcodeStart: Int
  private var stack: [PickleValue] = []
  /// Heights of the stack at the open marks.
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]
  /// Bytes of memory still allowed, counted generously and never given back, which bounds the work
  /// too. The largest public checkpoints need a tenth.
  private var allowance = 96_000_000

  init(_ pickle: SourceSlice) {
    self.pickle = pickle
    position = pickle.range.lowerBound
    opcodeStart = pickle.range.lowerBound
    end = pickle.range.upperBound
  }

  /// The pickle's value.
  mutating func run() throws(WeightError) -> PickleValue {
    while true {
      opcodeStart = position
      guard let opcode = Opcode(rawValue: try integer(UInt8.self)) else {
        throw damage("unknown pickle opcode \(pickle[opcodeStart])")
      }
      if opcode == .stop { return try pop() }
      try spend(PickleCost.instruction)
      try evaluate(opcode)
    }
  }

  /// Accounts for bytes that the pickle makes its reader hold; see `PickleCost`.
  mutating func spend(_ bytes: Int) throws(WeightError) {
    allowance -= bytes
    guard allowance >= 0 else {
      throw .unsupported(
        file: pickle.source.path, what: "a pickle that unfolds to more than 96 MB",
        advice: "save model.state_dict() alone")
    }
  }

  /// Adds a container to the heap.
  mutating func allocate(_ elements: [PickleValue] = []) throws(WeightError) -> Int {
    try spend(PickleCost.container + elements.count * PickleCost.value)
    heap.containers.append(elements)
    return heap.containers.count - 1
  }

  private mutating func evaluate(_ opcode: Opcode) throws(WeightError) {
    switch opcode {
    case .stop: break
    case .proto: _ = try integer(UInt8.self)
    case .frame: _ = try integer(UInt64.self)
    case .mark: marks.append(stack.count)
    case .pop: _ = try pop()
    case .popMark: _ = try popToMark()
    case .duplicate: stack.append(try top())

    case .none: stack.append(.none)
    case .newTrue: stack.append(.bool(true))
    case .newFalse: stack.append(.bool(false))
    case .int4: stack.append(.int(Int(try integer(Int32.self))))
    case .int1: stack.append(.int(Int(try integer(UInt8.self))))
    case .int2: stack.append(.int(Int(try integer(UInt16.self))))
    case .long1: stack.append(try longInteger(byteCount: Int(try integer(UInt8.self))))
    case .long4: stack.append(try longInteger(byteCount: try length(UInt32.self)))
    case .float8:
      stack.append(.float(Double(bitPattern: try integer(UInt64.self).byteSwapped)))
    case .unicode1: stack.append(.string(try text(try length(UInt8.self))))
    case .unicode4: stack.append(.string(try text(try length(UInt32.self))))
    case .unicode8: stack.append(.string(try text(try length(UInt64.self))))
    case .string1: stack.append(try latinText(try bytes(try length(UInt8.self))))
    case .string4: stack.append(try latinText(try bytes(try length(UInt32.self))))
    case .bytes1: try skipBytes(try length(UInt8.self))
    case .bytes4: try skipBytes(try length(UInt32.self))
    case .bytes8, .byteArray8: try skipBytes(try length(UInt64.self))

    case .emptyTuple: stack.append(.tuple(try allocate()))
    case .tuple: stack.append(.tuple(try allocate(try popToMark())))
    case .tuple1: stack.append(.tuple(try allocate(try pop(count: 1))))
    case .tuple2: stack.append(.tuple(try allocate(try pop(count: 2))))
    case .tuple3: stack.append(.tuple(try allocate(try pop(count: 3))))
    case .emptyList: stack.append(.list(try allocate()))
    case .list: stack.append(.list(try allocate(try popToMark())))
    case .append: try extend(with: try pop(count: 1))
    case .appends, .addItems: try extend(with: try popToMark())
    case .emptyDictionary: stack.append(.dictionary(try allocate()))
    case .dictionary: stack.append(.dictionary(try allocate(try pairs(try popToMark()))))
    case .setItem: try update(with: try pop(count: 2))
    case .setItems: try update(with: try pairs(try popToMark()))
    case .emptySet: stack.append(.bystander)
    case .frozenSet:
      _ = try popToMark()
      stack.append(.bystander)

    case .memoize: try memorize(as: memo.count)
    case .put1: try memorize(as: Int(try integer(UInt8.self)))
    case .put4: try memorize(as: Int(try integer(UInt32.self)))
    case .get1: try recall(Int(try integer(UInt8.self)))
    case .get4: try recall(Int(try integer(UInt32.self)))

    case .global:
      let module = try line()
      stack.append(try resolve(module: module, name: try line()))
    case .stackGlobal:
      guard case .string(let name) = try pop(), case .string(let module) = try pop() else {
        throw damage("a global name that is not text")
      }
      stack.append(try resolve(module: module, name: name))
    case .persistentID:
      guard case .tuple(let id) = try pop(), let storage = try makeStorage(heap.containers[id])
      else {
        throw damage("a persistent id that is not a tensor's storage")
      }
      stack.append(storage)
    case .reduce:
      let arguments = try pop()
      stack.append(try call(try pop(), arguments))
    case .newObject:
      let arguments = try pop()
      stack.append(try instantiate(try pop(), arguments))
    case .newObjectWithKeywords:
      _ = try pop()
      let arguments = try pop()
      stack.append(try instantiate(try pop(), arguments))
    case .build: try build(state: try pop())
    }
  }

  // MARK: Objects

  private func resolve(module: String, name: String) throws(WeightError) -> PickleValue {
    guard module.utf8.count + name.utf8.count < 512 else {
      throw damage("a global name of more than 512 bytes")
    }
    guard let value = TorchConstructor.resolve("\(module).\(name)") else {
      throw .refused(file: pickle.source.path, byte: opcodeStart, name: "\(module).\(name)")
    }
    return value
  }

  private mutating func call(
    _ callee: PickleValue, _ arguments: PickleValue
  ) throws(WeightError) -> PickleValue {
    if callee == .bystander { return .bystander }
    guard case .constructor(let constructor) = callee, case .tuple(let index) = arguments,
      let value = try apply(constructor, to: heap.containers[index])
    else {
      throw damage("a call whose arguments do not fit")
    }
    return value
  }

  private mutating func instantiate(
    _ type: PickleValue, _ arguments: PickleValue
  ) throws(WeightError) -> PickleValue {
    switch type {
    case .moduleClass: .module(try allocate())
    default: try call(type, arguments)
    }
  }

  /// Attributes are a module's content, and nothing to anything else: an `OrderedDict` of weights
  /// carries its version numbers there.
  private mutating func build(state: PickleValue) throws(WeightError) {
    guard case .module(let module) = try top(), case .dictionary(let attributes) = state else {
      return
    }
    try spend(heap.containers[attributes].count * PickleCost.value)
    heap.containers[module] += heap.containers[attributes]
  }

  private mutating func extend(with elements: [PickleValue]) throws(WeightError) {
    switch try top() {
    case .list(let index):
      try spend(elements.count * PickleCost.value)
      heap.containers[index] += elements
    case .bystander: break
    default: throw damage("appending to what is no list")
    }
  }

  private mutating func update(with elements: [PickleValue]) throws(WeightError) {
    switch try top() {
    case .dictionary(let index):
      try spend(elements.count * PickleCost.value)
      heap.containers[index] += elements
    case .bystander: break
    default: throw damage("assigning to a key of what is no dictionary")
    }
  }

  private func pairs(_ elements: [PickleValue]) throws(WeightError) -> [PickleValue] {
    guard elements.count % 2 == 0 else { throw damage("a key without a value") }
    return elements
  }

  // MARK: Stack

  private func top() throws(WeightError) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.last else {
      throw damage("the pickle's stack is empty")
    }
    return value
  }

  private mutating func pop() throws(WeightError) -> PickleValue {
    let value = try top()
    stack.removeLast()
    return value
  }

  private mutating func pop(count: Int) throws(WeightError) -> [PickleValue] {
    guard stack.count - (marks.last ?? 0) >= count else {
      throw damage("the pickle's stack is empty")
    }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private mutating func popToMark() throws(WeightError) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw damage("no mark on the pickle's stack") }
    defer { stack.removeSubrange(mark...) }
    return Array(stack[mark...])
  }

  private mutating func memorize(as key: Int) throws(WeightError) {
    try spend(PickleCost.memory)
    memo[key] = try top()
  }

  private mutating func recall(_ key: Int) throws(WeightError) {
    guard let value = memo[key] else { throw damage("nothing is stored under number \(key)") }
    stack.append(value)
  }

  // MARK: Input

  private mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: Value.Type
  ) throws(WeightError) -> Value {
    let size = MemoryLayout<Value>.size
    guard let value = pickle.integer(Value.self, at: position) else {
      throw damage("the pickle ends inside an instruction")
    }
    position += size
    return value
  }

  private mutating func length<Value: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    _ type: Value.Type
  ) throws(WeightError) -> Int {
    Int(clamping: try integer(Value.self))
  }

  private mutating func bytes(_ count: Int) throws(WeightError) -> Range<Int> {
    guard count <= end - position else { throw damage("the pickle ends inside a value") }
    defer { position += count }
    return position..<position + count
  }

  private mutating func skipBytes(_ count: Int) throws(WeightError) {
    _ = try bytes(count)
    stack.append(.bystander)
  }

  private mutating func text(_ count: Int) throws(WeightError) -> String {
    guard let text = pickle.text(in: try bytes(count)) else {
      throw damage("text that is not UTF-8")
    }
    try spend(count)
    return text
  }

  /// A Python 2 string: text where it is UTF-8, otherwise raw bytes of no interest.
  private mutating func latinText(_ range: Range<Int>) throws(WeightError) -> PickleValue {
    try spend(range.count)
    return pickle.text(in: range).map(PickleValue.string) ?? .bystander
  }

  private mutating func line() throws(WeightError) -> String {
    guard let newline = pickle.firstPosition(of: UInt8(ascii: "\n"), from: position) else {
      throw damage("the pickle ends inside a name")
    }
    let text = try text(newline - position)
    position = newline + 1
    return text
  }

  /// A two's complement integer; one too long for `Int`, such as a random seed, is a bystander.
  private mutating func longInteger(byteCount: Int) throws(WeightError) -> PickleValue {
    let range = try bytes(byteCount)
    guard byteCount > 0 else { return .int(0) }
    guard byteCount <= 8 else { return .bystander }
    let isNegative = pickle[range.upperBound - 1] & 0x80 != 0
    var value: UInt64 = isNegative ? .max : 0
    for i in range.reversed() { value = value << 8 | UInt64(pickle[i]) }
    return .int(Int(Int64(bitPattern: value)))
  }

  private func damage(_ what: String) -> WeightError { pickle.damage(at: opcodeStart, what) }
}

/// Python's pickle opcodes that checkpoints contain.
private enum Opcode: UInt8 {
  case mark = 0x28, emptyTuple = 0x29, stop = 0x2e, pop = 0x30, popMark = 0x31, duplicate = 0x32
  case bytes4 = 0x42, bytes1 = 0x43, float8 = 0x47, int4 = 0x4a, int1 = 0x4b, int2 = 0x4d
  case none = 0x4e, persistentID = 0x51, reduce = 0x52, string4 = 0x54, string1 = 0x55
  case unicode4 = 0x58, emptyList = 0x5d, append = 0x61, build = 0x62, global = 0x63
  case dictionary = 0x64, appends = 0x65, get1 = 0x68, get4 = 0x6a, list = 0x6c, put1 = 0x71
  case put4 = 0x72, setItem = 0x73, tuple = 0x74, setItems = 0x75, emptyDictionary = 0x7d
  case proto = 0x80, newObject = 0x81, tuple1 = 0x85, tuple2 = 0x86, tuple3 = 0x87
  case newTrue = 0x88, newFalse = 0x89, long1 = 0x8a, long4 = 0x8b, unicode1 = 0x8c
  case unicode8 = 0x8d, bytes8 = 0x8e, emptySet = 0x8f, addItems = 0x90, frozenSet = 0x91
  case newObjectWithKeywords = 0x92, stackGlobal = 0x93, memoize = 0x94, frame = 0x95
  case byteArray8 = 0x96
}
