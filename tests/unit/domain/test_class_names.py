"""Classes in a school's order, and what they are called next year."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.class_names import class_order, next_class


def test_classes_stand_in_the_order_of_the_school() -> None:
    names = ["七年级1班", "七年级2班", "七年级10班", "八年级1班", "九年级1班", "十年级1班"]
    assert sorted(set(names), key=class_order) == names
    assert sorted(["高三(2)班", "高一(11)班", "高一(2)班"], key=class_order) == [
        "高一(2)班", "高一(11)班", "高三(2)班",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "then"),
    [
        ("七年级1班", "八年级1班"), ("一年级", "二年级"), ("高一(2)班", "高二(2)班"),
        ("初二3班", "初三3班"), ("九年级1班", "九年级1班"), ("高三(1)班", "高三(1)班"),
        ("初三1班", "初三1班"), ("数学组", "数学组"), ("三班", "三班"), ("", ""),
    ],
)  # fmt: skip
def test_a_class_is_called_by_its_next_grade(name: str, then: str) -> None:
    assert next_class(name) == then


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_two_names_can_be_ordered(one: str, other: str) -> None:
    assert sorted([one, other], key=class_order) == sorted([other, one], key=class_order) or (
        class_order(one) == class_order(other)
    )
