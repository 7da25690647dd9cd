"""A profile is read whole, or refused with every mistake: file, line, field, what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk_profiles.load import ProfileInvalid, known_names, load
from kiosk_profiles.mistakes import Mistake

GOOD = """\
name = "test"
tenders = ["card"]

[title]
zh = "测试"
en = "Test"

[[devices]]
name = "reader"
kind = "card_reader"
driver = "pcsc_reader"
"""


def mistakes_of(folder: Path, text: str) -> list[Mistake]:
    path = folder / "counter.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProfileInvalid) as caught:
        load(path)
    assert caught.value.code == "profiles.invalid"
    return caught.value.mistakes


def only(mistakes: list[Mistake]) -> Mistake:
    assert len(mistakes) == 1, [mistake.sentence("en") for mistake in mistakes]
    return mistakes[0]


def test_five_profiles_ship() -> None:
    assert known_names() == ["canteen", "enrolment", "parking", "self_checkout", "shop"]


@pytest.mark.parametrize("name", known_names())
def test_every_shipped_profile_loads_under_its_own_name(name: str) -> None:
    assert load(name).name == name


def test_a_standing_price_ships_with_confirmation_and_a_keyed_one_with_auto() -> None:
    assert (load("canteen").amount.source, load("canteen").face.mode) == ("standing", "confirm")
    assert (load("shop").amount.source, load("shop").face.mode) == ("keyed", "auto")


def test_an_unattended_profile_never_takes_a_face_alone() -> None:
    profile = load("self_checkout")

    assert not profile.attended
    assert profile.face.mode != "auto"


def test_a_good_file_loads_by_path(tmp_path: Path) -> None:
    path = tmp_path / "counter.toml"
    path.write_text(GOOD, encoding="utf-8")

    profile = load(path)

    assert profile.name == "test"
    assert profile.presence.zone_face_height_min == 0.22
    assert profile.devices_of("card_reader")[0].driver == "pcsc_reader"


def test_a_category_not_named_takes_the_default() -> None:
    people = load("canteen").people

    assert people.second_factor_of("pupil") == "card"
    assert people.second_factor_of("visitor") == "pin"
    assert people.when_short_of("pupil") == "on_account"
    assert people.when_short_of("visitor") == "decline"


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ProfileInvalid) as caught:
        load("canten")

    assert "canteen, enrolment, parking" in caught.value.sentences("en")[0]
    assert "did you mean `canteen`" in caught.value.sentences("en")[0]


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(ProfileInvalid) as caught:
        load(tmp_path / "nothing.toml")

    assert only(caught.value.mistakes).kind == "unreadable"


def test_bytes_that_are_not_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "binary.toml"
    path.write_bytes(b"\xff\xfe\x00\x01")

    with pytest.raises(ProfileInvalid) as caught:
        load(path)

    assert only(caught.value.mistakes).kind == "unreadable"


def test_broken_toml_names_its_line(tmp_path: Path) -> None:
    mistake = only(mistakes_of(tmp_path, GOOD + "\n[face\nmode = 1\n"))

    assert mistake.kind == "syntax"
    assert mistake.line == 13


def test_toml_that_ends_too_early_names_the_last_line(tmp_path: Path) -> None:
    mistake = only(mistakes_of(tmp_path, 'name = "test"\ntenders = ["card"'))

    assert (mistake.kind, mistake.line) == ("syntax", 2)


def test_a_wrong_value_names_line_field_and_allowed_values(tmp_path: Path) -> None:
    mistake = only(mistakes_of(tmp_path, GOOD + '\n[face]\n# why\nmode = "atuo"\n'))

    assert mistake.line == 15
    assert mistake.field == "face.mode"
    assert mistake.allowed == "auto, confirm, off"
    assert "did you mean `auto`" in mistake.sentence("en")
    assert "允许的值：auto, confirm, off" in mistake.sentence("zh")


def test_a_misspelt_field_is_guessed(tmp_path: Path) -> None:
    mistake = only(mistakes_of(tmp_path, GOOD + "\n[presence]\nstil_ms = 700\n"))

    assert (mistake.kind, mistake.line) == ("unknown_field", 14)
    assert "did you mean `still_ms`" in mistake.sentence("en")


def test_a_number_out_of_range_says_the_range(tmp_path: Path) -> None:
    mistake = only(mistakes_of(tmp_path, GOOD + "\n[presence]\nyaw_max_deg = 120.0\n"))

    assert mistake.allowed == "number 0.0 … 90.0"


def test_an_amount_in_yuan_is_refused_because_amounts_are_whole_fen(tmp_path: Path) -> None:
    mistake = only(mistakes_of(tmp_path, GOOD + "\n[caps]\npayment_amount = 12.50\n"))

    assert mistake.got == "12.5"
    assert mistake.allowed.startswith("whole number")


def test_a_mistake_in_the_second_device_names_its_own_line(tmp_path: Path) -> None:
    text = GOOD + '\n[[devices]]\nname = "cam"\nkind = "webcam"\ndriver = "opencv_camera"\n'

    mistake = only(mistakes_of(tmp_path, text))

    assert (mistake.line, mistake.field) == (15, "devices[1].kind")


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    text = GOOD + '\n[face]\nmode = "x"\ncolour = 1\n\n[timing]\nawaiting_max_s = "long"\n'

    assert [mistake.line for mistake in mistakes_of(tmp_path, text)] == [14, 15, 18]


def test_a_missing_field_is_named(tmp_path: Path) -> None:
    mistake = only(mistakes_of(tmp_path, GOOD.replace('zh = "测试"\n', "")))

    assert (mistake.kind, mistake.field) == ("missing", "title.zh")


def test_a_wrong_second_factor_of_one_category_is_refused(tmp_path: Path) -> None:
    mistake = only(mistakes_of(tmp_path, GOOD + '\n[people.second_factor]\npupil = "dna"\n'))

    assert mistake.allowed == "card, last_digits, pin"


CAMERA = '\n[[devices]]\nname = "camera"\nkind = "camera"\ndriver = "opencv_camera"\n'
WITH_FACE = GOOD.replace('["card"]', '["card", "face"]')


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (GOOD.replace('["card"]', "[]"), "no_tender"),
        (GOOD.replace('["card"]', '["code"]'), "no_device"),
        (WITH_FACE + CAMERA, "face_without_mode"),
        (GOOD + CAMERA + '\n[face]\nmode = "confirm"\n', "face_not_taken"),
        (WITH_FACE + '\n[face]\nmode = "confirm"\n', "no_device"),
        (
            WITH_FACE + CAMERA + '\n[amount]\nsource = "standing"\n[face]\nmode = "auto"\n',
            "auto_needs_trigger",
        ),
        (
            "attended = false\n" + WITH_FACE + CAMERA + '\n[face]\nmode = "auto"\n',
            "unattended_auto",
        ),
        (
            "attended = false\n" + WITH_FACE + CAMERA + '\n[face]\nmode = "confirm"\n',
            "unattended_confirm",
        ),
        ("attended = false\n" + GOOD.replace('["card"]', '["card", "cash"]'), "unattended_tender"),
        (GOOD + GOOD[GOOD.index("[[devices]]") :], "duplicate_device"),
    ],
)
def test_a_combination_that_cannot_work_is_refused(tmp_path: Path, text: str, kind: str) -> None:
    mistake = only(mistakes_of(tmp_path, text))

    assert mistake.kind == kind
    assert mistake.sentence("zh") != mistake.sentence("en")


def test_a_lane_may_switch_automatic_faces_on_by_name(tmp_path: Path) -> None:
    path = tmp_path / "lane.toml"
    text = WITH_FACE + CAMERA + '\n[amount]\nsource = "standing"\n[face]\nmode = "auto"\n'
    path.write_text(text + "auto_lane = true\n", encoding="utf-8")

    assert load(path).face.auto_lane
