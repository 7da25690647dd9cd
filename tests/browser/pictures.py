"""Every page the browser tests look at is kept as a picture, for people to look at afterwards."""

import os
from pathlib import Path

from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("FANPIAO_PICTURES") or ROOT / "var" / "pictures")


def keep(page: Page, name: str, *, full_page: bool = True) -> None:
    """Write what `page` shows to `<FANPIAO_PICTURES or var/pictures>/<name>.png`."""
    page.screenshot(path=FOLDER / f"{name}.png", full_page=full_page)
