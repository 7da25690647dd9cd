"""A real Chromium before a real server: every page is looked at as people do, and audited.

A page that writes an error or a warning to the browser's console fails the test that opened it.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from server.config.database import secrets_path

START_LIMIT_S = 60
NAMES = ("chromium", "chromium-browser")
SERIOUS = {"serious", "critical"}
LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}
WIDE: Any = {"width": 1280, "height": 800}
NARROW: Any = {"width": 390, "height": 844}


@dataclass
class Served:
    """A `fanpiao server` of this test's own on a database of its own."""

    process: subprocess.Popen[str]
    url: str
    first_run: str = ""

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=START_LIMIT_S)


@dataclass
class Eyes:
    """Opens pages in Chromium, and remembers whatever the browser complained about."""

    browser: Browser
    complaints: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def page(self, language: str = "zh", size: Any = None, **options: Any) -> Page:
        """Open an empty page of a new visitor."""
        context = self.browser.new_context(
            locale=LANGUAGES[language], viewport=size or WIDE, **options
        )
        self.contexts.append(context)
        page = context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def _heard(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            place = message.location.get("url") or (message.page and message.page.url)
            self.complaints.append(f"{message.type}: {message.text[:200]} ({place})")


# Playwright keeps an event loop in this thread: it must be gone before another module's tests
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's Chromium, which script/setup installs."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    assert found, "Chromium is missing: run script/setup"
    with pytest.MonkeyPatch.context() as patch:
        # Playwright keeps an event loop in this thread; rows are made here between its turns
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
            yield browser
            browser.close()


@pytest.fixture
def eyes(chromium: Browser) -> Iterator[Eyes]:
    """Pages of this test; no complaint of the browser is let pass."""
    made = Eyes(chromium)
    yield made
    for context in made.contexts:
        context.close()
    assert made.complaints == []


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[str], Served]]:
    """Starts servers and stops them by their own ids."""
    started: list[Served] = []

    def start(database: str) -> Served:
        # The secrets of this process, so that sessions made here are good there
        secrets = str(secrets_path(settings.DATABASE))
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "FANPIAO_SECRETS": secrets}
        environment.pop("FANPIAO_DATABASE", None)
        environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)
        process = subprocess.Popen(
            [sys.executable, "-m", "fanpiao", "server", "--database", database, "--port", "0"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment,
        )  # fmt: skip
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found, line
        served = Served(process, found[0])
        started.append(served)
        return served

    yield start
    for served in started:
        if served.process.poll() is None:
            served.stop()


def first_run_link(served: Served) -> str:
    """Return the link that the server printed after its first line."""
    assert served.process.stdout is not None
    line = served.process.stdout.readline()
    found = re.search(r"http://\S+/console/first-run/\S+", line)
    assert found, line
    return found[0]


def faults(page: Page) -> list[str]:
    """Return what axe-core finds serious on the page as it stands."""
    # Reading imported sheets ahead, axe would write styles of its own, which the policy refuses
    found = Axe().run(page, options={"preload": False}).response["violations"]
    return [
        f"{page.url} {one['id']}: {node['html'][:160]}"
        for one in found
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ]
