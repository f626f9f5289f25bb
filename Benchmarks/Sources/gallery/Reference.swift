/// A prompt of the starter pair's model card, and what the reference implementation in PyTorch
/// reached on it: the loss of the last of 150 steps (weights/starter/README.md).
struct Reference {
  let prompt: String
  let loss: Double

  static let all = [
    Reference(prompt: "a yellow star on a blue background", loss: 0.123),
    Reference(prompt: "a red house on green", loss: 0.093),
    Reference(prompt: "a pink flower on white", loss: 0.138),
    Reference(prompt: "the sea at sunset", loss: 0.119),
    Reference(prompt: "a turquoise fish on orange", loss: 0.149),
    Reference(prompt: "a forest at night", loss: 0.165),
    Reference(prompt: "red and white checkerboard", loss: 0.107),
    Reference(prompt: "a purple mushroom on a yellow background", loss: 0.141),
    Reference(prompt: "a sketch of a boat", loss: 0.299),
    Reference(prompt: "a mosaic of a green heart on black", loss: 0.083),
  ]
}
