"""NXP's worked examples: AN10922 §2.2.1 and AN12196 §5, byte by byte."""

from __future__ import annotations

import pytest

from devices.cards.diversify import diversify
from devices.cards.ev2 import Challenge, NotGenuine, Session, key_change

ZERO = bytes(16)
HANDSHAKES = {
    "key 0": (
        "A04C124213C186F22399D33AC2A30215",
        "13C5DB8A5930439FC3DEF9A4C675360F",
        "35C3E05A752E0144BAC0DE51C1F22C56B34408A23D8AEA266CAB947EA8E0118D",
        "3FA64DB5446D1F34CD6EA311167F5E4985B89690C04A05F17FA7AB2F08120663",
        "9D00C4DF",
        "1309C877509E5A215007FF0ED19CA564",
        "4C6626F5E72EA694202139295C7A7FC7",
    ),
    "key 3": (
        "B875CEB0E66A6C5CD00898DC371F92D1",
        "B98F4C50CF1C2E084FD150E33992B048",
        "FF0306E47DFBC50087C4D8A78E88E62DE1E8BE457AA477C707E2F0874916A8B1",
        "0CC9A8094A8EEA683ECAAC5C7BF20584206D0608D477110FC6B3D5D3F65C3A6A",
        "7614281A",
        "7A93D6571E4B180FCA6AC90C9A7488D4",
        "FC4AF159B62E549B5812394CAB1918CC",
    ),
}


def hexed(data: bytes) -> str:
    return data.hex().upper()


def session(enc: str, mac: str, ti: str, counter: int = 0) -> Session:
    return Session(bytes.fromhex(enc), bytes.fromhex(mac), bytes.fromhex(ti), counter)


def test_a_key_is_diversified_as_in_an10922():
    master = bytes.fromhex("00112233445566778899AABBCCDDEEFF")
    diversifier = bytes.fromhex("04782E21801D803042F54E585020416275")
    assert hexed(diversify(master, diversifier)) == "A8DD63A3B89D54B37CA802473FDA9175"


@pytest.mark.parametrize("values", HANDSHAKES.values(), ids=HANDSHAKES)
def test_a_handshake_is_that_of_an12196(values):
    first, rnd_a, reply, second, ti, enc, mac = values
    challenge = Challenge.of(ZERO, bytes.fromhex(first), bytes.fromhex(rnd_a))
    assert hexed(challenge.reply()) == reply
    found = challenge.session(bytes.fromhex(second))
    assert (hexed(found.ti), hexed(found.enc_key), hexed(found.mac_key)) == (ti, enc, mac)


@pytest.mark.parametrize("values", HANDSHAKES.values(), ids=HANDSHAKES)
def test_one_changed_bit_of_the_card_s_proof_ends_it(values):
    challenge = Challenge.of(ZERO, bytes.fromhex(values[0]), bytes.fromhex(values[1]))
    for place in range(4, 20):
        proof = bytearray(bytes.fromhex(values[3]))
        proof[place] ^= 1
        with pytest.raises(NotGenuine):
            challenge.session(bytes(proof))


def test_a_maced_read_is_that_of_an12196():
    found = session("00" * 16, "8248134A386E86EB7FAF54A52E536CB6", "7A21085E")
    assert hexed(found.mac(0xF5, b"\x02")) == "6597A457C8CD442C"
    answer = bytes.fromhex("0040EEEE000100D1FE001F00004400004400002000006A00002A474282E7A47986")
    assert found.opened(0, answer) == answer[:-8]
    with pytest.raises(NotGenuine):
        found.opened(0, answer)


def test_changed_file_settings_are_sealed_as_in_an12196():
    enc, mac, ti = HANDSHAKES["key 0"][5], HANDSHAKES["key 0"][6], HANDSHAKES["key 0"][4]
    found = session(enc, mac, ti, counter=1)
    sealed = found.sealed(bytes.fromhex("4000E0C1F121200000430000430000"))
    assert hexed(sealed) == "61B6D97903566E84C3AE5274467E89EA"
    assert hexed(found.mac(0x5F, b"\x02" + sealed)) == "D799B7C1A0EF7A04"


KEYS = ("4CF3CB41A22583A61E89B158D252FC53", "5529860B2FC5FB6154B7F28361D30BF9", "7614281A")


def test_another_key_is_changed_as_in_an12196():
    found = session(*KEYS, counter=2)
    new = bytes.fromhex("F3847D627727ED3BC9C4CC050489B966")
    sealed = found.sealed(key_change(new, 1, ZERO))
    assert hexed(sealed) == "2CF362B7BF4311FF3BE1DAA295E8C68DE09050560D19B9E16C2393AE9CD1FAC7"
    assert hexed(found.mac(0xC4, b"\x02" + sealed)) == "5D0CE20BCD1D06E6"
    assert found.unsealed(sealed) == key_change(new, 1, ZERO)


def test_the_session_s_own_key_is_changed_as_in_an12196():
    found = session(*KEYS, counter=3)
    sealed = found.sealed(key_change(bytes.fromhex("5004BF991F408672B1EF00F08F9E8647"), 1, None))
    assert hexed(sealed) == "C0EB4DEEFEDDF0B513A03A95A75491818580503190D4D05053FF75668A01D6FD"
    assert hexed(found.mac(0xC4, b"\x00" + sealed)) == "A6610234BDED6432"


def test_session_keys_never_show():
    shown = repr(session(*KEYS)).upper()
    assert KEYS[0] not in shown
    assert KEYS[1] not in shown
