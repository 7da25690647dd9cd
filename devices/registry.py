"""The only list of concrete drivers: a profile entry's kind and driver name → its class.

Drivers are imported when they are used, so that a counter without a camera never loads OpenCV.
"""

from importlib import import_module
from typing import Any

from devices.ports import Camera, DeviceEntry

CAMERAS = {
    "device": "devices.drivers.camera.driver:DeviceCamera",
    "file": "devices.drivers.camera.driver:DeviceCamera",
    "folder": "devices.drivers.camera.driver:FolderCamera",
    "simulated": "devices.simulated.camera:SceneCamera",
}


def make_camera(entry: DeviceEntry) -> Camera:
    """Make the camera of a profile entry, not yet opened; raises KeyError for an unknown driver."""
    camera: Camera = _load(CAMERAS[entry.driver])(entry.name, entry.settings)
    return camera


def _load(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)
