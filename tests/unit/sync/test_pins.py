"""A PIN fits its own text and nothing else, whatever lies in the store."""

import pytest

from sync.pins import hash_pin, verify_pin

SALT = b"0123456789abcdef"


def test_a_pin_fits_its_text_only() -> None:
    stored = hash_pin("482915", SALT)
    assert verify_pin("482915", stored)
    assert not verify_pin("482916", stored)
    assert not verify_pin("", stored)
    assert "482915" not in stored


def test_the_same_pin_has_another_text_under_another_salt() -> None:
    assert hash_pin("482915", SALT) != hash_pin("482915", SALT[::-1])


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "scrypt",
        "scrypt$16384$8$1$$",
        "scrypt$16384$8$1$****$****",
        "md5$16384$8$1$MDEyMzQ1Njc4OWFiY2RlZg==$AAAA",
        "scrypt$99999999999$8$1$MDEyMzQ1Njc4OWFiY2RlZg==$" + "A" * 43 + "=",
        "scrypt$-1$8$1$MDEyMzQ1Njc4OWFiY2RlZg==$" + "A" * 43 + "=",
        "scrypt$x$8$1$MDEyMzQ1Njc4OWFiY2RlZg==$" + "A" * 43 + "=",
    ],
)
def test_text_that_is_no_hash_fits_no_pin(stored: str) -> None:
    assert not verify_pin("482915", stored)


def test_a_short_salt_is_our_own_mistake() -> None:
    with pytest.raises(ValueError, match="salt"):
        hash_pin("482915", b"short")
