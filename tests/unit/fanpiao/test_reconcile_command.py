"""`fanpiao reconcile` on files as they are: what it finds, and what it says of a file it cannot."""

from __future__ import annotations

import csv
import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fanpiao.cli import run

HEAD = "id,amount,fee,currency,status,occurred_at\n"
OURS = HEAD + "00123,1250,6,CNY,SUCCESS,2026-11-22T12:00:00+08:00\n"
LONG = "4200001234567890123456789012"


def put(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def reconciled(folder: Path, ours: str | bytes, theirs: str | bytes, *options: str) -> int:
    files = [str(put(folder / name, text)) for name, text in (("a.csv", ours), ("b.csv", theirs))]
    return run(["--language", "en", "reconcile", *files, "--out", str(folder / "out"), *options])


def exceptions(folder: Path) -> list[dict[str, str]]:
    with (folder / "out/exceptions.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def summary(folder: Path) -> Any:
    return json.loads((folder / "out/summary.json").read_text())


def test_statements_that_agree_end_with_0(tmp_path: Path) -> None:
    assert reconciled(tmp_path, OURS, OURS) == 0
    assert exceptions(tmp_path) == []
    assert summary(tmp_path)["rows"] == {"ours": 1, "theirs": 1}
    assert summary(tmp_path)["matched"] == 1
    assert set(summary(tmp_path)["kinds"].values()) == {0}


def test_each_kind_is_found_and_none_invented(tmp_path: Path) -> None:
    def row(id: str, amount: int = 100, fee: int = 1, cur: str = "CNY", said: str = "OK") -> str:
        return f"{id},{amount},{fee},{cur},{said},\n"

    ours = HEAD + row("same") + row("fee") + row("over") + row("short") + row("mine") + row("cur")
    ours += row("said") + row("twice") + row("ours twice") * 2
    theirs = HEAD + row("ours twice") + row("twice") * 2 + row("said", said="CLOSED")
    theirs += row("cur", cur="USD") + row("yours") + row("short", 101) + row("over", 99)
    theirs += row("fee", fee=2) + row("same")

    assert reconciled(tmp_path, ours, theirs) == 1

    found = {(one["kind"], one["our_id"], one["their_id"]) for one in exceptions(tmp_path)}
    assert found == {
        ("missing_theirs", "mine", ""), ("missing_ours", "", "yours"),
        ("amount_over", "over", "over"), ("amount_short", "short", "short"),
        ("fee", "fee", "fee"), ("currency", "cur", "cur"), ("status", "said", "said"),
        ("duplicate", "", "twice"), ("duplicate", "ours twice", ""),
    }  # fmt: skip
    short = next(one for one in exceptions(tmp_path) if one["kind"] == "amount_short")
    assert (short["our_amount"], short["their_amount"]) == ("100", "101")
    assert short["detail"] == "amount: ours 100, theirs 101"
    assert summary(tmp_path)["matched"] == 3
    assert summary(tmp_path)["kinds"]["duplicate"] == 2


@pytest.mark.parametrize(
    "theirs",
    [
        pytest.param("\ufeff" + OURS, id="byte order mark"),
        pytest.param(OURS.replace("\n", "\r\n"), id="CRLF"),
        pytest.param(OURS.rstrip("\n"), id="no newline at the end"),
        pytest.param(OURS.replace("00123", '" 00123\t"'), id="blanks around the id"),
        pytest.param(OURS.replace("CNY", "cny").replace("SUCCESS", "Success"), id="small letters"),
        pytest.param(OURS.replace("+08:00", "Z").replace("12:00", "04:00"), id="another zone"),
        pytest.param(OURS.replace(",", ";"), id="semicolons"),
        pytest.param(OURS.replace(",", "\t"), id="tabs"),
        pytest.param(OURS.replace(",", ",x,", 1).replace("00123,", "00123,y,"), id="more columns"),
        pytest.param(OURS.replace("\n", "\n\n"), id="empty lines"),
        pytest.param(OURS.replace("1250", "+1250 "), id="a sign"),
        pytest.param(OURS.replace("id,amount", "ID,Amount"), id="a heading in capitals"),
        pytest.param(OURS.encode("utf-16"), id="UTF-16"),
        pytest.param(gzip.compress(OURS.encode()), id="gzip"),
        pytest.param(
            ("note," + HEAD + "早饭,00123,1250,6,CNY,SUCCESS,\n").encode("gb18030"), id="GB18030"
        ),
        pytest.param(
            (OURS.replace("occurred_at", "occurred_at,note").replace("08:00\n", "08:00,a\n") * 1)
            .replace(",a\n", ',"a\n""b"", c"\n'), id="quotes with a new line",
        ),
    ],
)  # fmt: skip
def test_what_only_looks_different_is_no_difference(tmp_path: Path, theirs: str | bytes) -> None:
    assert reconciled(tmp_path, OURS, theirs) == 0


@pytest.mark.parametrize(
    ("ours", "theirs"), [("00123", "123"), (LONG, LONG[:-1] + "3"), ("A1", "a1"), ("1e3", "1000")]
)
def test_ids_stay_text(tmp_path: Path, ours: str, theirs: str) -> None:
    files = (OURS.replace("00123", one) for one in (ours, theirs))
    assert reconciled(tmp_path, *files) == 1
    assert {(one["our_id"], one["their_id"]) for one in exceptions(tmp_path)} == {
        (ours, ""), ("", theirs),
    }  # fmt: skip


def test_rows_without_an_id_match_nothing(tmp_path: Path) -> None:
    nameless = OURS.replace("00123", " ")
    assert reconciled(tmp_path, nameless, nameless) == 1
    assert [one["kind"] for one in exceptions(tmp_path)] == ["missing_ours", "missing_theirs"]
    assert "no id" in exceptions(tmp_path)[0]["detail"]


def test_a_blank_fee_is_none(tmp_path: Path) -> None:
    assert reconciled(tmp_path, OURS.replace(",6,", ",,"), OURS.replace(",6,", ",0,")) == 0
    assert reconciled(tmp_path, OURS.replace(",6,", ",,"), OURS) == 1


def test_refunds_may_be_negative(tmp_path: Path) -> None:
    assert reconciled(tmp_path, OURS.replace("1250", "-1250"), OURS) == 1
    assert exceptions(tmp_path)[0]["kind"] == "amount_short"


def test_headings_alone_agree(tmp_path: Path) -> None:
    assert reconciled(tmp_path, HEAD, HEAD) == 0


@pytest.mark.parametrize(
    ("theirs", "said"),
    [
        ("", "b.csv is empty"),
        ("\n\n", "b.csv is empty"),
        (HEAD.replace("fee,", ""), "no column 'fee'"),
        (HEAD.replace("fee", "id"), "column 'id' more than once"),
        (OURS.replace("1250", "12.50"), "row 2, column 'amount' says '12.50'"),
        (OURS + OURS[len(HEAD):].replace("1250", "1,250"), "line 3"),
        (OURS + OURS[len(HEAD):].replace("1250", "¥1250"), "row 3, column 'amount'"),
        (OURS.replace("1250", "1e3"), "column 'amount' says '1e3'"),
        (OURS.replace("1250", ""), "row 2, column 'amount' is blank"),
        (OURS.replace("1250", "9" * 30), "column 'amount' says"),
        (OURS.replace(",6,", ",0.6,"), "column 'fee' says '0.6'"),
        (OURS + "00124,1\n", "line 3"),
        (OURS + '"00124,1\n', "line 3 has a quote"),
        (b"PK\x03\x04rest of an xlsx", "save it as CSV"),
        (b"PAR1 and nothing more", "cannot be read"),
        (b"\x1f\x8bno gzip", "cannot be read"),
        (HEAD.encode() + b"\xff\xff\xff,1,2,CNY,OK,\n", "encoding of b.csv is unknown"),
    ],
)  # fmt: skip
def test_bad_input_is_told_by_file_row_and_column(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], theirs: str | bytes, said: str
) -> None:
    assert reconciled(tmp_path, OURS, theirs) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert told.out == ""
    assert not (tmp_path / "out/summary.json").exists()


def test_a_row_far_down_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [f"id{n},100,1,CNY,OK,\n" for n in range(200_000)]
    lines[150_000] = "id,100,x,CNY,OK,\n"
    assert reconciled(tmp_path, OURS, HEAD + "".join(lines)) == 2
    assert "row 150002, column 'fee' says 'x'" in capsys.readouterr().err


def parquet(path: Path, **columns: Any) -> str:
    usual = {
        "id": ["00123"], "amount": [1250], "fee": [6], "currency": ["CNY"], "status": ["SUCCESS"],
        "occurred_at": [None],
    }  # fmt: skip
    pq.write_table(pa.table({**usual, **columns}), path)
    return str(path)


@pytest.mark.parametrize(
    "amount",
    [
        pa.array([1250], pa.int32()), pa.array([1250], pa.uint64()), pa.array([1250.0]),
        pa.array([Decimal(1250)], pa.decimal128(18, 0)), pa.array(["1250"]),
        pa.array([Decimal(1250)], pa.decimal128(12, 2)),
    ],
    ids=["int32", "uint64", "double", "decimal", "text", "decimal with places"],
)  # fmt: skip
def test_parquet_amounts_of_any_whole_type(tmp_path: Path, amount: pa.Array) -> None:
    ours = str(put(tmp_path / "ours.csv", OURS))
    theirs = parquet(tmp_path / "theirs.parquet", amount=amount)
    assert run(["reconcile", ours, theirs, "--out", str(tmp_path / "out")]) == 0


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"amount": pa.array([12.5])}, "row 1, column 'amount' says '12.5'"),
        ({"amount": pa.array([None], pa.int64())}, "row 1, column 'amount' is blank"),
        ({"id": pa.array([4.2e27])}, "of type DOUBLE"),
        ({"amount": pa.array([True])}, "of type BOOLEAN"),
    ],
    ids=["fraction", "null", "float id", "boolean"],
)
def test_parquet_that_cannot_hold_it_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], columns: Any, said: str
) -> None:
    ours = str(put(tmp_path / "ours.csv", OURS))
    theirs = parquet(tmp_path / "theirs.parquet", **columns)
    arguments = ["reconcile", ours, theirs, "--out", str(tmp_path / "out")]
    assert run(["--language", "en", *arguments]) == 2
    assert said in capsys.readouterr().err


MAPPING = """
status = "state"
[theirs]
id = "order no"
amount = "total"
[theirs.status_words]
paid = "success"
"""


@pytest.mark.parametrize(
    "mapping",
    [
        MAPPING,
        json.dumps({"state": "status", "theirs": {
            "order no": "id", "total": "amount", "status_words": {"PAID": "SUCCESS"}}}),
    ],
    ids=["toml", "json, the other way round"],
)  # fmt: skip
def test_a_mapping_renames(tmp_path: Path, mapping: str) -> None:
    ours = OURS.replace("status", "state")
    theirs = ours.replace("id,amount", "order no,total").replace("SUCCESS", "Paid")
    file = put(tmp_path / "mapping", mapping)
    assert reconciled(tmp_path, ours, theirs, "--mapping", str(file)) == 0


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ("id = ", "cannot be read"), ('price = "amt"', "'price' is none"), ("id = 5", "'id' must"),
        ("theirs = 1", "'theirs' must"), ('[theirs]\nid = "nowhere"', "no column 'nowhere'"),
    ],
)  # fmt: skip
def test_a_bad_mapping_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], mapping: str, said: str
) -> None:
    file = put(tmp_path / "mapping.toml", mapping)
    assert reconciled(tmp_path, OURS, OURS, "--mapping", str(file)) == 2
    assert said in capsys.readouterr().err


def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ours = str(put(tmp_path / "a.csv", OURS))
    assert run(["reconcile", ours, str(tmp_path / "b.csv"), "--out", str(tmp_path / "o")]) == 2
    assert "b.csv" in capsys.readouterr().err
    assert run(["reconcile", ours, str(tmp_path), "--out", str(tmp_path / "o")]) == 2


def test_an_answer_replaces_the_last_one_and_never_an_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reconciled(tmp_path, OURS, HEAD) == 1
    assert reconciled(tmp_path, OURS, OURS) == 0
    assert exceptions(tmp_path) == []
    made = tmp_path / "out/exceptions.csv"
    assert run(["reconcile", str(made), str(made), "--out", str(tmp_path / "out")]) == 2
    assert run(["reconcile", str(made), str(made), "--out", str(made)]) == 2
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "exceptions.csv", "summary.json",
    }  # fmt: skip


def test_one_file_twice_is_matched_with_a_word_of_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ours = str(put(tmp_path / "it's [1]*.csv", OURS))
    assert run(["--language", "en", "reconcile", ours, ours, "--out", str(tmp_path / "o")]) == 0
    assert "both sides are one file" in capsys.readouterr().err


@pytest.mark.parametrize(("language", "said"), [("en", "1 pairs matched"), ("zh", "对上 1 对")])
def test_it_says_what_it_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str, said: str
) -> None:
    ours = str(put(tmp_path / "a.csv", OURS))
    theirs = str(put(tmp_path / "b.csv", OURS + "2,1,1,CNY,OK,\n"))
    arguments = ["reconcile", ours, theirs, "--out", str(tmp_path / "out")]
    assert run(["--language", language, *arguments]) == 1
    told = capsys.readouterr().out
    assert said in told
    assert "missing_ours" in told
    assert run([*arguments, "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == summary(tmp_path)


def test_a_small_cap_does_and_a_wrong_one_is_refused(tmp_path: Path) -> None:
    assert reconciled(tmp_path, OURS, OURS, "--memory", "128mb") == 0
    for wrong in ("lots", "1MB", "-1GB"):
        assert reconciled(tmp_path, OURS, OURS, "--memory", wrong) == 2
