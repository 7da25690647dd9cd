"""Convert dlib's face-recognition ResNet to ONNX, once at set-up, and prove it.

The graph is dlib's `anet_type` (dlib, `dnn_face_recognition_ex.cpp`): convolutions without
padding where they stride, residual blocks whose shortcut is an average pool, and sums in which
the smaller operand is padded with zeros, in channels and at the far edges.
Input `chips`: float32 (n, 3, 150, 150), RGB 0–255. Output `vectors`: float32 (n, 128).
"""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from devices.vision.faces.weights import (
    RESNET_FILE,
    Convolution,
    Weights,
    model_file,
    read_weights,
)

CHIP_SIDE = 150
OPSET = 13
MEAN_RGB = (122.782, 117.001, 104.298)
"""The means that dlib's `input_rgb_image_sized` takes off before dividing by 256."""
PLAIN_BLOCKS_FIRST = 3
"""Blocks of 32 channels before the first halving."""
STAGES = ((32, 0, 3), (64, 0, 2), (128, 1, 2), (0, 1, 0))
"""Per stage: channels that the shortcut lacks, rows and columns that the long way lacks (an even
picture halves differently in the two), and how many plain blocks follow the halving one."""


class _Graph:
    """Collects nodes and weights; every method returns the name of its output."""

    def __init__(self, weights: Weights) -> None:
        self._convolutions = iter(weights.convolutions)
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add a node with one output."""
        name = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def constant(self, value: NDArray[np.generic]) -> str:
        """Add a constant."""
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def convolve(self, source: str, *, stride: int = 1) -> str:
        """Apply the next convolution; dlib pads only where it does not stride."""
        layer: Convolution = next(self._convolutions)
        side = layer.kernel.shape[2]
        pad = side // 2 if stride == 1 else 0
        kernel, bias = self.constant(layer.kernel), self.constant(layer.bias)
        return self.add("Conv", source, kernel, bias, strides=[stride] * 2, pads=[pad] * 4)

    def block(self, source: str) -> str:
        """A residual block of the same size."""
        inner = self.add("Relu", self.convolve(source))
        return self.add("Relu", self.add("Add", self.convolve(inner), source))

    def halving_block(self, source: str, missing_channels: int, edge: int) -> str:
        """A residual block that halves; `edge` rows and columns are missing in the long way."""
        inner = self.add("Relu", self.convolve(source, stride=2))
        long_way = self._pad(self.convolve(inner), 0, edge)
        short_cut = self.add("AveragePool", source, kernel_shape=[2, 2], strides=[2, 2])
        padded = self._pad(short_cut, missing_channels, 0)
        return self.add("Relu", self.add("Add", long_way, padded))

    def _pad(self, source: str, channels: int, edge: int) -> str:
        if channels == edge == 0:
            return source
        pads = np.array([0, 0, 0, 0, 0, channels, edge, edge], dtype=np.int64)
        return self.add("Pad", source, self.constant(pads))


def build(weights: Weights) -> onnx.ModelProto:
    """Return the ONNX model of `weights`."""
    graph = _Graph(weights)
    mean = graph.constant(np.array(MEAN_RGB, dtype=np.float32).reshape(1, 3, 1, 1))
    scale = graph.constant(np.float32(1 / 256).reshape(1))
    at = graph.add("Mul", graph.add("Sub", "chips", mean), scale)
    at = graph.add("Relu", graph.convolve(at, stride=2))
    at = graph.add("MaxPool", at, kernel_shape=[3, 3], strides=[2, 2])
    for _ in range(PLAIN_BLOCKS_FIRST):
        at = graph.block(at)
    for missing_channels, edge, plain_blocks in STAGES:
        at = graph.halving_block(at, missing_channels, edge)
        for _ in range(plain_blocks):
            at = graph.block(at)
    pooled = graph.add("Flatten", graph.add("GlobalAveragePool", at), axis=1)
    graph.nodes.append(
        helper.make_node("MatMul", [pooled, graph.constant(weights.projection)], ["vectors"])
    )
    float_type = TensorProto.FLOAT
    chips = helper.make_tensor_value_info("chips", float_type, ["n", 3, CHIP_SIDE, CHIP_SIDE])
    vectors = helper.make_tensor_value_info("vectors", float_type, ["n", 128])
    body = helper.make_graph(
        graph.nodes, "face_resnet", [chips], [vectors], initializer=graph.constants
    )
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    return model


def convert(target: Path) -> str:
    """Write the converted model to `target` and return its SHA-256 in hex digits.

    The file appears whole or not at all. Raises `ModelUnreadable` when the source is missing.
    """
    data = build(read_weights(model_file(RESNET_FILE)))
    content = data.SerializeToString()
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    partial.write_bytes(content)
    partial.replace(target)
    return hashlib.sha256(content).hexdigest()
