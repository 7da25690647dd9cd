"""Which model makes our vectors; apart, so that whoever only compares names loads no network."""

MODEL_VERSION = "dlib-resnet-v1"
"""Kept with every template: vectors of different models are never compared."""
