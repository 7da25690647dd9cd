"""A folder of real photographs and a register: who may be is enrolled, the rest is told why."""

import json
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import cv2
import numpy
import openpyxl
import pytest
from click.testing import CliRunner
from django.conf import settings

from fanpiao.cli import cli
from server.biometrics.models import Attachment, Consent, Refusal, Template
from server.biometrics.read_register import COLUMNS, EXAMPLES, read_register, register_template
from server.biometrics.sealed import open_attachment
from server.people.models import Person
from tests.factories.server_rows import Rows

ROOT = Path(__file__).parents[4]
DATA = ROOT / "var/data"
JIA, YI, STRANGER = "people/sample-01/1.jpg", "people/sample-02/1.png", "strangers/sample-03/1.jpg"
HEAD = "学号,是否同意,同意人,与本人关系,未满14周岁,签署日期,同意书版本,凭据,同意保存照片,双胞胎"

pytestmark = pytest.mark.pictures
Run = Callable[..., tuple[int, dict[str, str], str]]


class School:
    """Two pupils, a folder and a register to fill in."""

    def __init__(self, folder: Path) -> None:
        self.rows = Rows()
        self.photos, self.register = folder / "photos", folder / "register.csv"
        self.photos.mkdir()
        self.people = {number: self.rows.new_person(number) for number in ("S001", "S002", "S003")}

    def photo(self, name: str, source: str = JIA) -> None:
        path = self.photos / name
        path.parent.mkdir(exist_ok=True)
        shutil.copy(DATA / source, path)

    def sign(self, *rows: str) -> None:
        self.register.write_text("\n".join([HEAD, *rows]), encoding="utf-8")

    def yes(self, number: str, *, photo: str = "", on: str = "2026-09-01", twin: str = "") -> str:
        return f"{number},是,张大山,父亲,是,{on},2026-1,柜3,{photo},{twin}"


@pytest.fixture
def school(sqlite_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> School:
    monkeypatch.chdir(ROOT)
    return School(tmp_path)


@pytest.fixture
def run(school: School, sqlite_database: str) -> Run:
    def enrol(*options: str) -> tuple[int, dict[str, str], str]:
        """Return the exit code, file → code, and what was said beside."""
        command = ["faces", "enrol", str(school.photos), "--register", str(school.register),
                   "--database", sqlite_database, "--json", *options]  # fmt: skip
        ran = CliRunner().invoke(cli, command)
        assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
        rows = [json.loads(line) for line in ran.stdout.splitlines()]
        return ran.exit_code, {_key(row): row["code"] for row in rows}, ran.stderr

    return enrol


def _key(row: dict[str, Any]) -> str:
    return row.get("path") or row.get("number") or f"row {row['row']} {row['column']}"


def test_who_consented_is_enrolled_and_nobody_else(school: School, run: Run) -> None:
    school.photo("S001.jpg")
    school.photo("S001-2.jpg", "looks/sample-01/2.jpg")
    school.photo("三年二班/S002.png", YI)
    school.photo("S003.jpg", STRANGER)
    school.photo("S999.jpg", STRANGER)
    school.sign(school.yes("S001"), school.yes("S002"))
    exit_code, told, said = run()
    assert told == {
        "S001.jpg": "enrolments.done",
        "S001-2.jpg": "enrolments.done",
        "三年二班/S002.png": "enrolments.done",
        "S003.jpg": "consents.missing",
        "S999.jpg": "people.unknown",
    }
    assert exit_code == 1
    assert "3" in said
    owners = {row.person for row in Template.objects.all()}
    assert owners == {school.people["S001"].id, school.people["S002"].id}
    assert Consent.objects.get(person=school.people["S001"].id).relation == "父亲"
    assert Attachment.objects.count() == 0, "nobody agreed to photographs being kept"


def test_the_same_folder_again_changes_nothing(school: School, run: Run) -> None:
    school.photo("S001.jpg")
    school.sign(school.yes("S001"))
    assert run()[0] == 0
    before = list(Template.objects.values())
    exit_code, told, _ = run()
    assert (exit_code, told) == (0, {"S001.jpg": "enrolments.unchanged"})
    assert list(Template.objects.values()) == before
    school.photo("S001-2.jpg", "looks/sample-01/2.jpg")
    assert set(run()[1].values()) == {"enrolments.done"}
    assert {row.version for row in Template.objects.all()} == {2}


def test_a_trial_says_the_same_and_keeps_nothing(school: School, run: Run) -> None:
    school.photo("S001.jpg")
    school.sign(school.yes("S001"))
    exit_code, told, _ = run("--dry-run")
    assert (exit_code, told) == (0, {"S001.jpg": "enrolments.done"})
    assert Template.objects.count() == Consent.objects.count() == 0


def test_a_withdrawal_outlives_the_register_it_came_after(
    school: School, run: Run, sqlite_database: str
) -> None:
    school.photo("S001.jpg")
    school.sign(school.yes("S001"))
    run()
    command = ["faces", "withdraw", "S001", "--database", sqlite_database, "--json"]
    ran = CliRunner().invoke(cli, command)
    assert json.loads(ran.stdout)["is_gone"], "there is no counter to wait for"
    assert run()[:2] == (1, {"S001.jpg": "consents.withdrawn"})
    assert Template.objects.count() == 0
    school.sign(school.yes("S001", on="2199-01-01"))
    assert run()[1] == {"S001.jpg": "enrolments.done"}, "a new form counts"


def test_a_no_is_kept_and_its_face_not_looked_at(school: School, run: Run) -> None:
    school.photo("S001.jpg")
    school.sign("S001,否,张大山,父亲,是,2026-09-01,2026-1,柜3,,", school.yes("S002"))
    assert run()[1] == {"S001.jpg": "consents.refused", "S002": "enrolments.no_picture"}
    assert Refusal.objects.get().person == school.people["S001"].id


def test_pictures_that_cannot_serve_are_told_one_by_one(school: School, run: Run) -> None:
    flat = numpy.full((400, 400, 3), 127, numpy.uint8)
    image: Any = cv2.imread(str(DATA / JIA))
    pictures: dict[str, Any] = {
        "S001.png": flat,
        "S001-2.png": cv2.GaussianBlur(image, (0, 0), 12),
        "S001-3.png": numpy.hstack([image, image]),
        "S001-4.png": image // 12,
    }
    for name, picture in pictures.items():
        cv2.imwrite(str(school.photos / name), picture)
    (school.photos / "S001-5.jpg").write_bytes(b"no picture")
    school.sign(school.yes("S001"))
    exit_code, told, _ = run()
    assert exit_code == 1
    assert told["S001.png"] == "faces.none"
    assert told["S001-2.png"] in {"faces.blurred", "faces.none"}
    assert told["S001-3.png"] == "faces.several"
    assert told["S001-4.png"] in {"faces.too_dark", "faces.none"}
    assert told["S001-5.jpg"] == "images.unreadable"
    assert Template.objects.count() == 0


def test_one_number_with_two_faces_enrols_nobody(school: School, run: Run) -> None:
    school.photo("S001.jpg")
    school.photo("S001-2.png", YI)
    school.sign(school.yes("S001"))
    assert set(run()[1].values()) == {"enrolments.two_people"}
    assert Template.objects.count() == 0


def test_one_face_under_two_numbers_is_enrolled_and_told(school: School, run: Run) -> None:
    school.photo("S001.jpg")
    school.photo("S002.jpg")
    school.sign(school.yes("S001"), school.yes("S002", twin="S003"))
    assert run()[:2] == (
        1, {"S001.jpg": "enrolments.done", "S002.jpg": "enrolments.same_face"},
    )  # fmt: skip
    assert Template.objects.count() == 2


def test_a_photograph_is_kept_only_under_its_own_yes(school: School, run: Run) -> None:
    school.photo("S001.jpg")
    school.sign(school.yes("S001", photo="是"))
    run()
    kept = open_attachment(Attachment.objects.get(), settings.SECRETS)
    image: Any = cv2.imdecode(numpy.frombuffer(kept, numpy.uint8), cv2.IMREAD_COLOR)
    assert max(image.shape) <= 800


def test_who_is_frozen_is_not_enrolled(school: School, run: Run) -> None:
    Person.objects.filter(number="S001").update(state="frozen", frozen_at=school.rows.now)
    school.photo("S001.jpg")
    school.sign(school.yes("S001"))
    assert run()[1] == {"S001.jpg": "people.frozen"}


def test_rows_that_leave_something_open_are_errors_with_their_place() -> None:
    rows = [
        HEAD,
        "S001,是,张,本人,是,2026-09-01,2026-1,柜,,",
        "S002,也许,张,父亲,,九月,,,,",
        "S003,是,张,父亲,否,2026-02-30,2026-1,柜,,",
        "S004,是,张,父亲,否,2026/9/1,2026-1,柜,是,",
        "S004,是,张,父亲,否,2026-09-01,2026-1,柜,,",
    ]
    read = read_register("\n".join(rows).encode("gb18030"))
    assert [(one.row, one.column, one.code) for one in read.errors] == [
        (2, "relation", "consents.needs_guardian"),
        (3, "answer", "enrolments.yes_or_no"),
        (3, "signed_on", "enrolments.no_date"),
        (3, "text_version", "enrolments.cell_empty"),
        (3, "evidence", "enrolments.cell_empty"),
        (4, "signed_on", "enrolments.no_date"),
        (6, "number", "enrolments.number_twice"),
    ]
    assert list(read.rows) == ["S004"]


def test_the_template_reads_back_and_dates_may_be_dates(tmp_path: Path) -> None:
    read = read_register(register_template())
    assert (list(read.rows), read.errors) == ([row[0] for row in EXAMPLES], ())
    path = tmp_path / "register.xlsx"
    path.write_bytes(register_template())
    book = openpyxl.load_workbook(path)
    place = [column.key for column in COLUMNS].index("signed_on") + 1
    cell = book.worksheets[0].cell(2, place)
    cell.number_format, cell.value = "yyyy-mm-dd", datetime(2026, 10, 2)
    book.save(path)
    read = read_register(path.read_bytes())
    assert read.errors == ()
    assert str(read.rows[EXAMPLES[0][0]].signed_on) == "2026-10-02"


def test_the_report_and_its_wrong_uses_speak_plainly(
    school: School, run: Run, sqlite_database: str
) -> None:
    school.photo("S001.jpg")
    school.sign(school.yes("S001"))
    run()
    command = ["--language", "zh", "faces", "report", "--database", sqlite_database]
    told = CliRunner().invoke(cli, command)
    assert "已登记 1" in told.stdout
    assert "共保存 1 人的人脸" in told.stdout
    persons = CliRunner().invoke(cli, [*command, "--group", "", "--json"])
    assert json.loads(persons.stdout.splitlines()[0]) == {
        "number": "S001", "standing": "enrolled", "come_again": "",
    }  # fmt: skip
    school.rows.new_site("other")
    several = CliRunner().invoke(cli, command)
    assert several.exit_code == 2
    assert "main, other" in several.stderr
