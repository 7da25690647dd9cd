"""The language of messages follows the person, and never fails on a strange locale."""

from __future__ import annotations

import pytest

from fanpiao.language import preferred_language


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_GB.UTF-8"}, "en"),
        ({"LC_ALL": "", "LANG": "zh_TW"}, "zh"),
        ({"FANPIAO_LANGUAGE": "zh", "LC_ALL": "C"}, "zh"),
    ],
)
def test_the_first_that_is_set_decides(environment: dict[str, str], language: str) -> None:
    assert preferred_language(environment) == language
