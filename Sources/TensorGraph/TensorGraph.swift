// TensorGraph
