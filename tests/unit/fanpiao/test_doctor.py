"""Doctor looks, changes nothing, says what to do, and exits with 1 only when something is wrong."""

from __future__ import annotations

import datetime as dt
import http.server
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fanpiao import checks, fetch_data
from fanpiao.cli import run
from fanpiao.doctor import examine
from fanpiao.findings import SENTENCES, Finding
from tests.architecture.source import ROOT

NOON = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)
PROFILE = """\
name = "trial"
tenders = ["card"]
title = { zh = "试", en = "Trial" }

[[devices]]
name = "reader"
kind = "card_reader"
driver = "pcsc_reader"
"""
Serve = Callable[[int, str], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Return a function that starts an HTTP server with a fixed answer and returns its URL."""
    servers: list[http.server.ThreadingHTTPServer] = []

    def start(status: int, date: str) -> str:
        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response_only(status if self.path == "/v1/health" else 404)
                self.send_header("Date", date)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def codes(findings: list[Finding]) -> list[str]:
    return [finding.code for finding in findings]


def test_a_set_up_machine_has_its_libraries_fonts_and_qt() -> None:
    found = codes(examine(None, None, now=NOON))

    assert {"python.ok", "fonts.ok", "library.ok", "qt.ok", "data.ok"} <= set(found)


def test_a_clock_from_before_this_program_is_wrong() -> None:
    finding = checks.clock(dt.date(2000, 1, 1))

    assert (finding.state, finding.code) == ("wrong", "clock.impossible")


def test_a_missing_folder_is_measured_by_the_disk_it_would_be_on(tmp_path: Path) -> None:
    assert checks.disk(tmp_path / "not" / "yet").code.startswith("disk.")


def test_a_disk_with_less_than_the_least_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "DISK_LEAST_MB", 10**12)

    assert checks.disk(tmp_path).state == "wrong"


def test_a_glyph_that_no_font_has_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "GLYPHS", "\U0010fff0")

    assert checks.fonts().code == "fonts.missing"


def test_a_library_that_does_not_load_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "SHARED_LIBRARIES", ("libnowhere.so.9",))

    finding = checks.libraries()

    assert finding.state == "wrong"
    assert finding.data["names"] == "libnowhere.so.9"


def test_a_picture_that_was_deleted_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch_data, "PHOTOGRAPHS", {"0" * 64: "people/nobody/1.jpg"})

    finding = checks.data()

    assert finding.state == "wrong"
    assert "var/data/people/nobody/1.jpg" in str(finding.data["names"])


def test_a_server_that_is_well_and_keeps_the_same_time_is_one_line(serve: Serve) -> None:
    url = serve(200, "Mon, 23 Nov 2026 12:00:10 GMT")

    assert codes(checks.server(url, NOON)) == ["server.ok"]


def test_a_server_a_minute_away_is_said(serve: Serve) -> None:
    url = serve(200, "Mon, 23 Nov 2026 12:01:00 GMT")

    findings = checks.server(url, NOON)

    assert codes(findings) == ["server.ok", "clock.differs"]
    assert findings[1].data["seconds"] == 60


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Nov 2026"])
def test_a_server_with_a_senseless_date_is_not_compared(serve: Serve, date: str) -> None:
    assert codes(checks.server(serve(200, date), NOON)) == ["server.ok"]


def test_something_else_at_that_address_is_said(serve: Serve) -> None:
    assert codes(checks.server(serve(404, ""), NOON)) == ["server.strange"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "nonsense", "http://[::bad"])
def test_a_server_that_does_not_answer_is_said(url: str) -> None:
    assert codes(checks.server(url, NOON)) == ["server.silent"]


def test_a_profile_that_names_an_absent_device_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "trial.toml"
    path.write_text(PROFILE + 'settings = { port = "/dev/no-such-port" }\n', encoding="utf-8")

    _, findings = checks.profile(str(path))

    assert codes(findings) == ["profile.device_missing"]
    assert findings[0].data["path"] == "/dev/no-such-port"


def test_a_profile_with_a_mistake_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "trial.toml"
    path.write_text(PROFILE.replace("card_reader", "reader"), encoding="utf-8")

    _, [finding] = checks.profile(str(path))

    assert ":7: " in finding.sentence("en")
    assert "card_reader" in finding.sentence("zh")


def test_no_card_service_is_wrong_only_where_cards_are_taken() -> None:
    if checks.pcsc(is_needed=False).code == "pcsc.ok":
        assert checks.pcsc(is_needed=True).state == "ok"
    else:
        assert checks.pcsc(is_needed=False).state == "warning"
        assert checks.pcsc(is_needed=True).state == "wrong"


def test_json_is_for_programs_and_agrees_with_the_exit_code(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = run(["doctor", "--json", "--server", "http://127.0.0.1:1"])

    told = json.loads(capsys.readouterr().out)
    assert code == 1
    assert told["ok"] is False
    assert {"check", "state", "code", "data", "text"} == set(told["findings"][0])


def test_the_lines_for_people_are_in_their_language(capsys: pytest.CaptureFixture[str]) -> None:
    run(["--language", "zh", "doctor"])

    assert "时钟" in capsys.readouterr().out


def test_every_code_that_a_check_may_find_has_its_sentences() -> None:
    files = [f"fanpiao/{name}.py" for name in ("checks", "device_checks", "channel_checks")]
    source = "".join((ROOT / file).read_text(encoding="utf-8") for file in files)
    unknown = [
        code
        for code in SENTENCES
        if code not in source and code.split(".")[0] not in {"serial", "camera", "python"}
    ]
    assert unknown == []
    assert all(set(said) == {"zh", "en"} for said in SENTENCES.values())
