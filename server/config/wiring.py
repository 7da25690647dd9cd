"""Which routes, renderers, work and providers this server has: the one place that names them all.

Apps that may not know each other are brought together here.
"""

from dataclasses import dataclass

from server.config import health
from server.config.feed_wiring import register_renderers
from server.feed import api as feed_api
from server.fleet import api as fleet_api
from server.fleet.authenticate import Authenticator
from server.http import Routes
from server.runtime import Runtime

UNSIGNED = frozenset({("POST", "/v1/activate"), ("GET", "/v1/health")})
"""All other routes want a terminal's signature."""


@dataclass(frozen=True, slots=True)
class Wired:
    """What the ASGI application serves, and how it knows who asks."""

    signed: Routes
    unsigned: Routes
    authenticator: Authenticator


def wire(runtime: Runtime) -> Wired:
    """Bring the apps together for `runtime`; renderers and work handlers are registered."""
    _register_renderers(runtime)
    _register_work(runtime)
    routes = {
        **health.routes(runtime),
        **fleet_api.routes(runtime),
        **feed_api.routes(runtime),
    }
    return Wired(
        signed={place: handler for place, handler in routes.items() if place not in UNSIGNED},
        unsigned={place: handler for place, handler in routes.items() if place in UNSIGNED},
        authenticator=Authenticator(runtime.read),
    )


def _register_renderers(runtime: Runtime) -> None:
    """Who renders which kind of feed row."""
    register_renderers(runtime)


def _register_work(_runtime: Runtime) -> None:
    """Who does which kind of due work."""
