"""What has a name in two languages is called as the reader calls it, meals in the day's order."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from server.catalogue.set_period import set_period
from tests.factories.server_rows import NOW, Rows
from tests.factories.staff import sign_in, staff


@pytest.mark.parametrize(
    ("language", "names", "others"),
    [("en", ("Breakfast", "Lunch", "Dinner", "Pupils"), ("早餐", "小学生")),
     ("zh-hans", ("早餐", "午餐", "晚餐", "小学生"), ("Breakfast", "Pupils"))],
)  # fmt: skip
def test_a_subsidy_names_meals_and_categories(
    sqlite_database: str, language: str, names: tuple[str, ...], others: tuple[str, ...]
) -> None:
    rows = Rows()
    rows.new_category("pupil", name_zh="小学生", name_en="Pupils")
    meals = (("dinner", "16:30", "19:00", "晚餐", "Dinner"),
             ("breakfast", "06:30", "09:00", "早餐", "Breakfast"),
             ("lunch", "10:30", "13:00", "午餐", "Lunch"))  # fmt: skip
    for code, starts, ends, zh, en in meals:
        set_period(rows.store, code, starts, ends, now=NOW, random=rows.random,
                   name_zh=zh, name_en=en)  # fmt: skip
    client = sign_in(Client(), staff("eva", "finance", rows.organisation.id))
    page = client.get(reverse("console:subsidies"), headers={"accept-language": language})
    text = page.content.decode()
    places = [text.index(name) for name in names]
    assert places == sorted(places)
    assert not any(other in text for other in others)
