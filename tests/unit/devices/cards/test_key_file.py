"""Key files: only their owner reads them, and a counter takes no master key."""

from __future__ import annotations

from dataclasses import replace

import pytest

from devices.cards.diversify import bank_card_key
from devices.cards.issue import Issuer
from devices.cards.key_file import master_key_of, site_keys_of, write_master_key, write_site_keys

MASTER = bytes(range(16))


def test_what_is_written_is_read_and_by_its_owner_only(tmp_path):
    master, site = tmp_path / "master", tmp_path / "site"
    write_master_key(master, MASTER)
    write_site_keys(site, Issuer(MASTER, "east").site_keys)
    assert master_key_of(master) == MASTER
    assert site_keys_of({"keys": str(site)}) == Issuer(MASTER, "east").site_keys
    assert master.stat().st_mode & 0o777 == 0o600
    assert MASTER.hex().upper() not in site.read_text()


def test_a_key_for_bank_cards_is_kept_where_there_is_one(tmp_path):
    keys = replace(Issuer(MASTER, "east").site_keys, bank_card_key=bank_card_key(MASTER))
    write_site_keys(tmp_path / "with", keys)
    write_site_keys(tmp_path / "without", Issuer(MASTER, "east").site_keys)
    assert site_keys_of({"keys": str(tmp_path / "with")}) == keys
    without = site_keys_of({"keys": str(tmp_path / "without")})
    assert without is not None
    assert without.bank_card_key == b""
    assert keys.bank_card_key.hex() not in repr(keys).lower()


def test_a_counter_without_keys_has_none():
    assert site_keys_of({}) is None


def test_a_counter_takes_no_master_key(tmp_path):
    write_master_key(tmp_path / "master", MASTER)
    with pytest.raises(ValueError, match="read key only"):
        site_keys_of({"keys": str(tmp_path / "master")})


def test_a_key_is_never_written_over(tmp_path):
    write_master_key(tmp_path / "master", MASTER)
    with pytest.raises(FileExistsError):
        write_master_key(tmp_path / "master", bytes(16))


def test_a_file_that_others_may_read_is_refused(tmp_path):
    write_site_keys(tmp_path / "site", Issuer(MASTER, "east").site_keys)
    (tmp_path / "site").chmod(0o644)
    with pytest.raises(ValueError, match="chmod 600"):
        site_keys_of({"keys": str(tmp_path / "site")})


@pytest.mark.parametrize("content", ["", "[]", "{", '{"site_read_key": "00FF"}', "{}"])
def test_a_file_that_is_no_key_file_is_told_without_what_it_says(tmp_path, content):
    place = tmp_path / "site"
    place.write_text(content)
    place.chmod(0o600)
    with pytest.raises(ValueError, match="holds no|no key file") as told:
        site_keys_of({"keys": str(place)})
    assert "00FF" not in str(told.value)
