"""A counter that pushes to the real edge, as the inbox's own tests have it; merchants' desks."""

from tests.integration.server.console.desks import desks
from tests.integration.server.inbox.conftest import counter

__all__ = ["counter", "desks"]
