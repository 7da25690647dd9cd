"""Read the weights of dlib's face-recognition ResNet from its published `.dat` file.

The file is dlib's serialisation of the network (dlib, `dnn_face_recognition_ex.cpp`, Boost
licence; the weights are in the public domain): layers from input to output, each with its name
and one parameter tensor. Integers are a byte of length (low four bits; bit 7 the sign) and that
many bytes, little-endian; a tensor is version 2, four sizes and float32 values.
"""

import importlib.metadata
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
DISTRIBUTION = "face_recognition_models"
RESNET_FILE = "dlib_face_recognition_resnet_model_v1.dat"
LANDMARKS_FILE = "shape_predictor_5_face_landmarks.dat"
CONVOLUTIONS = 29
_NAME = re.compile(rb"\x01\x05con_4|\x01\x07affine_|\x01\x04fc_2")
_TENSOR_VERSION = 2


class ModelUnreadable(Exception):
    """The model file is missing or is not what it should be; says which and what to do."""


@dataclass(frozen=True, slots=True)
class Convolution:
    """A convolution with its affine folded in: `kernel` (out, in, height, width), `bias` (out)."""

    kernel: Floats
    bias: Floats


@dataclass(frozen=True, slots=True)
class Weights:
    """The convolutions in order from the input, and the last matrix (256, 128)."""

    convolutions: tuple[Convolution, ...]
    projection: Floats


def model_file(name: str) -> Path:
    """Return where the installed model package keeps `name`."""
    try:
        files = importlib.metadata.files(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError as missing:
        raise ModelUnreadable(f"{DISTRIBUTION} is not installed: run script/setup") from missing
    for file in files:
        if file.name == name:
            return Path(str(file.locate()))
    raise ModelUnreadable(f"{name} is not in {DISTRIBUTION}: run script/setup")


def read_weights(path: Path) -> Weights:
    """Read `path` (the ResNet's `.dat`); raises `ModelUnreadable`."""
    data = path.read_bytes()
    kernels: list[Floats] = []
    affines: list[Floats] = []
    projection: Floats | None = None
    for name in _NAME.finditer(data):
        tensor_at = name.end()
        if name.group().endswith(b"con_4"):
            kernels.append(_tensor(data, tensor_at))
        elif name.group().endswith(b"affine_"):
            affines.append(_tensor(data, tensor_at))
        else:
            _, tensor_at = _integer(data, tensor_at)  # outputs
            _, tensor_at = _integer(data, tensor_at)  # inputs
            projection = _tensor(data, tensor_at)
    if projection is None or len(kernels) != CONVOLUTIONS or len(affines) != CONVOLUTIONS:
        raise ModelUnreadable(f"{path} is not dlib's face-recognition ResNet")
    folded = _fold(kernels, affines)
    return Weights(folded, projection.reshape(256, 128))


def _integer(data: bytes, at: int) -> tuple[int, int]:
    length = data[at] & 0x0F
    value = int.from_bytes(data[at + 1 : at + 1 + length], "little")
    return (-value if data[at] & 0x80 else value), at + 1 + length


def _tensor(data: bytes, at: int) -> Floats:
    sizes = []
    for _ in range(5):
        value, at = _integer(data, at)
        sizes.append(value)
    version, *shape = sizes
    if version != _TENSOR_VERSION:
        raise ModelUnreadable(f"tensor version {version}, expected {_TENSOR_VERSION}")
    count = int(np.prod(shape))
    return np.frombuffer(data, "<f4", count, at).astype(np.float32)


def _fold(kernels: list[Floats], affines: list[Floats]) -> tuple[Convolution, ...]:
    """Fold each affine (gain, offset) into the convolution before it."""
    folded, channels_in = [], 3
    for flat, affine in zip(kernels, affines, strict=True):
        channels_out = affine.size // 2
        gain, offset = affine[:channels_out], affine[channels_out:]
        side = round(((flat.size / channels_out - 1) / channels_in) ** 0.5)
        weights = flat[:-channels_out].reshape(channels_out, channels_in, side, side)
        kernel = weights * gain[:, None, None, None]
        folded.append(Convolution(kernel, flat[-channels_out:] * gain + offset))
        channels_in = channels_out
    return tuple(folded)
