"""Imported once by the fork server, so that a killed server or counter is back in milliseconds."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

_FOLDER = tempfile.mkdtemp(prefix="fanpiao-crash-")
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)
os.environ.setdefault("FANPIAO_DATABASE", f"{_FOLDER}/unused.sqlite3")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.config.settings")

import django  # noqa: E402

django.setup()

import terminal_app.counter.build  # noqa: E402, F401
