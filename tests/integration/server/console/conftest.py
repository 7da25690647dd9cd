"""A counter that pushes to the real edge, as the inbox's own tests have it."""

from tests.integration.server.inbox.conftest import counter

__all__ = ["counter"]
