"""A browser and a server process, as the browser tests have them."""

from tests.browser.conftest import chromium, eyes, serve

__all__ = ["chromium", "eyes", "serve"]
