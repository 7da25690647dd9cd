"""Imported once by the fork server: what `fanpiao server` and `worker` import, pages included."""

from __future__ import annotations

from django.urls import get_resolver

import tests.crash.whole.preload  # noqa: F401  sets Django up

# isort: split
import fanpiao.cli  # noqa: F401
import server.config.commands
import server.config.running
import server.config.serving  # noqa: F401

get_resolver().url_patterns  # noqa: B018
