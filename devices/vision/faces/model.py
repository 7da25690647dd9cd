"""Which model makes our vectors, and where it is; apart, so that naming it loads no network."""

from pathlib import Path

MODEL_VERSION = "dlib-resnet-v1"
"""Kept with every template: vectors of different models are never compared."""
DEFAULT_MODEL = Path(__file__).resolve().parents[3] / "var/models/face_resnet.onnx"
"""Where `python -m fanpiao.fetch_data` puts it, from whatever folder a command is started."""
