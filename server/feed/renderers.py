"""Who renders the body of each kind of feed row: see `server.config.wiring`."""

from collections.abc import Callable, Sequence

from server.http import TerminalIdentity

Renderer = Callable[[TerminalIdentity, Sequence[str]], dict[str, bytes]]
"""`render(terminal, entities)` → entity: JSON of its `…Row`; a missing entity is a tombstone.

Set-based: a few queries for any number of entities. Runs on a pool thread."""

_renderers: dict[str, Renderer] = {}


def register(kind: str, render: Renderer) -> None:
    """Let `render` make the bodies of `kind`; registering again replaces it."""
    _renderers[kind] = render


def renderer_of(kind: str) -> Renderer:
    """Return the renderer of `kind`; raises KeyError when no app renders it."""
    return _renderers[kind]
