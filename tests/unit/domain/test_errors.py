"""The error roots."""

from domain.errors import Defect, Refused, Unavailable


def test_a_refusal_says_its_code_and_data():
    refused = Refused("codes.expired", age_s=31)
    assert (refused.code, refused.data) == ("codes.expired", {"age_s": 31})
    assert str(refused) == "codes.expired (age_s=31)"
    assert str(Refused("codes.expired")) == "codes.expired"


def test_unavailable_says_when_to_come_back():
    unavailable = Unavailable("server.overloaded", 250, queue=2048)
    assert (unavailable.code, unavailable.retry_after_ms) == ("server.overloaded", 250)
    assert str(unavailable) == "server.overloaded (queue=2048)"


def test_a_defect_is_an_assertion():
    assert issubclass(Defect, AssertionError)
