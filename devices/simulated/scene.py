"""What people do in front of a simulated camera, as data: who they are, and their way.

A scene is a list of actors; an actor is a photograph and a path of keyframes (time, place, size,
blur). `tracks.draw` makes the frames; apart, so that whoever only sends a scene loads no OpenCV.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Keyframe:
    """Where a face is at `at_s`: its centre (0..1 of the frame), its height as a share of the
    frame's, the radius of its blur in pixels, and how far it is turned (0 front … 1 profile).
    """

    at_s: float
    x: float
    y: float = 0.45
    height: float = 0.34
    blur: float = 0.0
    turn: float = 0.0


@dataclass(frozen=True, slots=True)
class Actor:
    """A photograph with the box of its face (x, y, width, height), and its way.

    `is_on_screen`: somebody holds it up on a phone or tablet, which is dark in infrared.
    """

    photograph: str
    face: tuple[int, int, int, int]
    way: tuple[Keyframe, ...]
    is_on_screen: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """What the camera sees for `length_s` seconds."""

    actors: tuple[Actor, ...]
    length_s: float
    seed: int = 0


def standing_still(photograph: str, face: tuple[int, int, int, int], length_s: float) -> Actor:
    """A diner who stops in front of the counter and looks."""
    return Actor(photograph, face, (Keyframe(0.0, 0.5), Keyframe(length_s, 0.505)))


def walking_past(photograph: str, face: tuple[int, int, int, int], length_s: float) -> Actor:
    """Somebody who crosses the picture, sharp enough to be recognised but never still."""
    way = (Keyframe(0.0, 0.12, blur=1.0), Keyframe(length_s, 0.88, blur=1.0))
    return Actor(photograph, face, way)


def turning_away(photograph: str, face: tuple[int, int, int, int], length_s: float) -> Actor:
    """A diner who looks for a moment and turns away before it is decided."""
    way = (
        Keyframe(0.0, 0.5),
        Keyframe(length_s * 0.25, 0.5),
        Keyframe(length_s * 0.4, 0.52, turn=0.8),
        Keyframe(length_s, 0.6, turn=0.9),
    )
    return Actor(photograph, face, way)


def beside(actor: Actor, *, x: float, height: float) -> Actor:
    """The same way at another place and size: a second face in the zone, or one far behind."""
    way = tuple(Keyframe(k.at_s, k.x + x - 0.5, k.y, height, k.blur, k.turn) for k in actor.way)
    return Actor(actor.photograph, actor.face, way, actor.is_on_screen)


def empty_zone(length_s: float, seed: int = 0) -> Scene:
    """Nobody there."""
    return Scene((), length_s, seed)
