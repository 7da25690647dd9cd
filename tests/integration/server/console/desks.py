"""Two merchants of one organisation that both trade, and whoever speaks for the first of them."""

from __future__ import annotations

import copy
import csv
import io
from dataclasses import dataclass
from typing import Any

import openpyxl
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from server.settlement.models import Batch
from tests.factories.clocks import StandingClock
from tests.factories.server_rows import Rows
from tests.factories.settled import Trading
from tests.factories.staff import sign_in, staff


@dataclass
class Desks:
    """Two merchants of one organisation that both trade, and who speaks for each."""

    rows: Rows
    mine: Trading
    theirs: Trading
    user: User
    client: Client
    settings: Any

    def goes_on(self) -> None:
        """Let the pages' clock follow the trade; a session of yesterday is over."""
        self.settings.CLOCK = StandingClock(self.mine.now)
        sign_in(self.client, self.user)

    def get(self, name: str, *args: Any, **asked: Any) -> Any:
        return self.client.get(reverse(f"console:{name}", args=args), asked)

    def page(self, name: str, *args: Any, **asked: Any) -> str:
        answer = self.get(name, *args, **asked)
        assert answer.status_code == 200, answer
        return str(answer.content.decode())

    def settle(self) -> Batch:
        for one in (self.mine, self.theirs):
            one.end_day()
            one.close()
            one.settle()
        self.goes_on()
        return Batch.objects.get(payee=self.mine.merchant)


@pytest.fixture
def desks(sqlite_database: str, settings: Any) -> Desks:
    rows = Rows(71_000)
    settings.CLOCK = StandingClock(rows.now)
    other = copy.copy(rows)
    other.merchant = rows.new_merchant("parking")
    other.store = rows.new_store("lot", other.merchant)
    user = staff("mia", "merchant", rows.organisation.id, merchant=rows.merchant.id)
    client = sign_in(Client(HTTP_ACCEPT_LANGUAGE="en"), user)
    return Desks(rows, Trading(rows), Trading(other), user, client, settings)


def cells(answer: Any) -> list[tuple[Any, ...]]:
    """The rows of an Excel file."""
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    return list(sheet.iter_rows(values_only=True))


def lines(answer: Any) -> list[list[str]]:
    """The rows of a CSV file."""
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
