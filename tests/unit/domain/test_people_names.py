"""Names on the glass."""

import pytest

from domain.people_names import mask_name


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张小明", "张*明"),
        ("欧阳小明", "欧*明"),
        ("张三", "张*"),
        ("张", "张*"),
        (" Anna Li ", "A*i"),
        ("", "*"),
    ],
)
def test_the_middle_of_a_name_is_hidden(name, masked):
    assert mask_name(name) == masked
