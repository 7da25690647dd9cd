"""A real PC/SC service for the tests of one file, or a skip that says what is missing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from devices.simulated.pcscd import Pcscd, PcscdMissing


def own_pcscd() -> Iterator[Pcscd]:
    """Run a service; the body of a fixture."""
    try:
        with Pcscd() as service:
            yield service
    except PcscdMissing as missing:
        pytest.skip(f"the device is missing: {missing}")
