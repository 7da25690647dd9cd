"""From an empty database to the first sale, in a real browser, with every input counted."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page

from sync import signing
from sync.messages import ActivationAnswer, ActivationRequest, decode, encode, read_activation_link
from tests.browser.conftest import Eyes, Served, faults, first_run_link
from tests.factories.server_rows import Randomness

MOST_INPUTS = 40
INPUTS_AT_THE_KIOSK = 18
"""Scan the code; card, face, page, tone, heard, done; a PIN of six digits and Enter; confirm the
day; start serving; cash, exactly. `tests/journeys/first_run` counts them at the kiosk itself."""


class Fingers:
    """Does what a person does on a page, and counts it: a field filled, a button pressed."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.inputs = 0

    def fill(self, name: str, text: str) -> None:
        self.page.fill(f"main [name={name}]", text)
        self.inputs += 1

    def press(self, selector: str) -> None:
        self.page.click(f"main {selector}")
        self.inputs += 1


def activate(url: str, code: str) -> ActivationAnswer:
    """Do what a new kiosk does with the code it scanned."""
    key = signing.TerminalKey.generate(Randomness(9))
    proof = key.sign(signing.activation_bytes(code, key.public_key))
    asked = ActivationRequest(
        code=code, public_key=key.public_key, proof=proof, serial="K-1", software="1"
    )
    answer = httpx.post(f"{url}/v1/activate", content=encode(asked))
    assert answer.status_code == 200, answer.text
    return decode(ActivationAnswer, answer.content)


@pytest.fixture
def empty(sqlite_template: Path, tmp_path: Path) -> str:
    """An empty database that is migrated already, which saves the server's doing so."""
    return str(shutil.copyfile(sqlite_template, tmp_path / "new.sqlite3"))


@pytest.fixture
def served(serve: Callable[[str], Served], empty: str) -> Served:
    return serve(empty)


def set_up_place_and_operator(hand: Fingers, link: str) -> None:
    hand.page.goto(link)
    hand.press("button")
    hand.fill("organisation", "第一中学")
    hand.press("button.primary")
    hand.fill("name", "王师傅")
    hand.fill("pin", "246810")
    hand.press("button.primary")


def give_account(hand: Fingers) -> None:
    hand.fill("password", "correct horse battery")
    hand.press("button.primary")
    hand.page.click("main details summary")
    secret = hand.page.inner_text("main details code").replace(" ", "")
    hand.inputs += 1  # the phone scans
    hand.fill("code", pyotp.TOTP(secret).now())
    hand.press("button.primary")
    hand.press("a.primary")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_empty_server_comes_to_its_first_counter_within_forty_inputs(
    language: str, served: Served, eyes: Eyes
) -> None:
    found: list[str] = []
    hand = Fingers(eyes.page(language))
    set_up_place_and_operator(hand, first_run_link(served))
    found += faults(hand.page)
    give_account(hand)
    found += faults(hand.page)
    hand.press("button.primary")  # meals and prices as offered
    found += faults(hand.page)
    hand.press("button[name=samples]")
    hand.page.wait_for_selector(".big-code")
    found += faults(hand.page)
    code = hand.page.inner_text(".big-code")

    answer = activate(served.url, code)

    hand.page.wait_for_url("**/console/first-run/")
    hand.page.wait_for_selector("[data-live*='step=sale']")
    assert answer.merchant_name == "第一中学"
    hand.press("form button")
    assert hand.inputs + INPUTS_AT_THE_KIOSK <= MOST_INPUTS
    hand.press("a.primary")
    assert hand.page.url.endswith("/console/")
    assert found == []


def test_the_code_on_the_screen_is_what_a_kiosk_reads(served: Served, eyes: Eyes) -> None:
    hand = Fingers(eyes.page())
    set_up_place_and_operator(hand, first_run_link(served))
    for _step in range(3):  # account, meals, people
        hand.press("button[name=skip]")
    picture = Image.open(io.BytesIO(hand.page.locator("svg.qr").screenshot()))

    read = zxingcpp.read_barcodes(picture)

    link = read_activation_link(read[0].text)
    assert link is not None
    assert (link.server, link.code) == (served.url, hand.page.inner_text(".big-code"))


def test_refresh_back_and_a_second_tab_make_one_canteen(served: Served, eyes: Eyes) -> None:
    hand = Fingers(eyes.page())
    hand.page.goto(first_run_link(served))
    hand.press("button")
    other = hand.page.context.new_page()
    other.goto(hand.page.url)
    hand.fill("organisation", "第一中学")
    hand.press("button.primary")
    other.fill("main [name=organisation]", "第二中学")
    other.click("main button.primary")
    assert other.locator("main [name=pin]").is_visible()
    hand.page.go_back()
    hand.page.goto(other.url)
    hand.page.reload()
    assert hand.page.locator("main [name=pin]").is_visible()


def test_a_second_visitor_is_turned_away_and_a_restart_hands_over(
    serve: Callable[[str], Served], empty: str, eyes: Eyes
) -> None:
    served = serve(empty)
    link = first_run_link(served)
    first = Fingers(eyes.page("en"))
    set_up_place_and_operator(first, link)
    stranger = httpx.get(link)
    assert stranger.status_code == 403
    assert httpx.get(f"{served.url}/console/first-run/").status_code == 403
    served.stop()

    served = serve(empty)
    second = Fingers(eyes.page("en"))
    second.page.goto(first_run_link(served))
    second.press("button")

    # It goes on where the first one stopped, and the first one's turn is over
    assert second.page.locator("main [name=password]").is_visible()
    cookies: Any = {c["name"]: c["value"] for c in first.page.context.cookies()}
    assert httpx.get(f"{served.url}/console/first-run/", cookies=cookies).status_code == 403


def test_mistakes_are_told_in_words_and_keep_what_was_typed(served: Served, eyes: Eyes) -> None:
    hand = Fingers(eyes.page("en"))
    set_up_place_and_operator(hand, first_run_link(served))
    hand.press("button[name=skip]")
    hand.fill("lunch_price", "twelve")
    hand.press("button.primary")
    assert hand.page.locator("[role=alert]").is_visible()
    assert hand.page.input_value("main [name=lunch_price]") == "twelve"
    assert hand.page.input_value("main [name=breakfast_price]") == "5"
