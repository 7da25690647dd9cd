"""Pages about people, cards and their money: what each role may do there, and what is told."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from server.console.models import AuditEntry
from server.organisations.pages import now
from server.people.bulk_change import work_off
from server.people.change_person import part_with_person
from server.people.models import BulkChange, Card, Person
from server.people.work import register_work
from server.wallets.clear_out import register_clear_outs
from server.wallets.grant_by_list import register_grants
from server.wallets.models import Grant, PayOut
from tests.factories.payments import Till
from tests.factories.server_rows import Randomness, Rows
from tests.factories.spreadsheets import first_page
from tests.factories.staff import sign_in, staff

PEOPLE = (("学号", "姓名", "类别", "班级"), ("S100", "赵一", "学生", "七年级1班"),
          ("S101", "钱二", "学生", "七年级1班"))  # fmt: skip


@pytest.fixture
def rows(sqlite_database: str) -> Rows:
    register_work(Randomness(5))
    register_grants()
    register_clear_outs()
    made = Rows(now=now())
    made.new_category("student")
    return made


def office(rows: Rows, role: str, name: str = "") -> Client:
    user = staff(name or role, role, rows.organisation.id)
    return sign_in(Client(headers={"accept-language": "zh-hans"}), user)


def sheet(*lines: tuple) -> SimpleUploadedFile:
    book = openpyxl.Workbook()
    for line in lines:
        first_page(book).append(line)
    out = io.BytesIO()
    book.save(out)
    return SimpleUploadedFile("七年级.xlsx", out.getvalue())


def url(name: str, *arguments: Any) -> str:
    return reverse(f"console:{name}", args=arguments)


def page(client: Client, address: str, **fields: Any) -> str:
    answer = client.post(address, fields, follow=True) if fields else client.get(address)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def finish(rows: Rows, change: BulkChange) -> None:
    while not work_off(rows.organisation.id, change.id, now=now(), random=rows.random):
        pass


def test_a_clerk_tries_looks_confirms_and_watches_a_list(rows: Rows) -> None:
    clerk = office(rows, "clerk")
    tried = page(clerk, url("people_import"), list=sheet(*PEOPLE), sites=[str(rows.site.id)])
    assert "赵一" in tried
    assert "将完全按这里显示的办理" in tried
    assert not Person.objects.exists()
    change = BulkChange.objects.get()
    watching = page(clerk, url("change", change.id), confirm="1")
    assert "data-live" in watching
    finish(rows, change)
    live = clerk.get(url("change", change.id), headers={"x-live": "1"})
    assert live["X-Goto"] == url("change", change.id)
    assert "办理结果" in page(clerk, url("change", change.id))
    assert set(Person.objects.values_list("number", flat=True)) == {"S100", "S101"}
    assert {"lists.tried", "lists.confirmed"} <= set(
        AuditEntry.objects.values_list("action", flat=True)
    )
    report = clerk.get(url("change_report", change.id))
    book = openpyxl.load_workbook(io.BytesIO(report.content))
    assert first_page(book).max_row == 3


def test_mistakes_are_told_with_their_rows_and_can_be_downloaded(rows: Rows) -> None:
    clerk = office(rows, "clerk")
    bad = (PEOPLE[0], ("", "无名", "学生", ""), ("S1", "王", "<b>外星人</b>", ""))
    told = page(clerk, url("people_import"), list=sheet(*bad), sites=[str(rows.site.id)])
    assert "这格不能空着" in told
    assert "&lt;b&gt;外星人" in told
    assert "确认</button>" not in told
    report = clerk.get(url("change_report", BulkChange.objects.get().id))
    book = openpyxl.load_workbook(io.BytesIO(report.content))
    assert [row[0].value for row in first_page(book).iter_rows()][1:] == ["2", "3"]


def test_what_is_no_list_is_refused_in_words(rows: Rows) -> None:
    clerk = office(rows, "clerk")
    sites = [str(rows.site.id)]
    said = page(clerk, url("people_import"), sites=sites, list=SimpleUploadedFile("a.xlsx", b"\0"))
    assert "文件是空的" in said
    assert "文件是空的" in page(clerk, url("people_import"), sites=sites)
    assert "请至少选一个用餐区域" in page(clerk, url("people_import"), list=sheet(*PEOPLE))


@pytest.mark.parametrize("name", ["people", "cards", "subsidies"])
def test_templates_download(rows: Rows, name: str) -> None:
    answer = office(rows, "administrator").get(url("list_template", name))
    assert first_page(openpyxl.load_workbook(io.BytesIO(answer.content))).max_row == 3


def test_classes_move_up_by_their_guessed_names(rows: Rows) -> None:
    clerk = office(rows, "clerk")
    for number, name in (("1", "七年级1班"), ("2", "九年级1班")):
        rows.new_person(number, f"张{number}")
        Person.objects.filter(number=number).update(department=name)
    shown = page(clerk, url("people_classes"))
    assert 'value="八年级1班"' in shown
    day = (now() + timedelta(days=9)).date().isoformat()
    told = page(
        clerk, url("people_classes"), from_0="七年级1班", to_0="八年级1班", from_1="九年级1班",
        to_1="", leaves_1="on", leaves_on=day,
    )  # fmt: skip
    assert "七年级1班 → 八年级1班" in told
    assert day in told


def test_a_card_is_given_out_by_a_tap_and_taken_back(rows: Rows) -> None:
    clerk = office(rows, "clerk")
    person = rows.new_person("1", "张一")
    assert "张一" in page(clerk, url("cards_class"))

    def tap(**fields: str) -> dict[str, Any]:
        answer = clerk.post(url("cards_tap"), {"person": str(person.id), **fields})
        found: dict[str, Any] = json.loads(answer.content)
        return found

    assert tap(uid="0077705923", format="decimal") == {"ok": True}
    assert Card.objects.get().person == person
    assert tap(do="undo") == {"ok": True}
    assert tap(do="undo")["code"] == "cards.none_bound"
    assert tap(uid="08A1B2C3", format="hex")["code"] == "cards.uid_random"
    wrong = tap(uid="hello", format="hex")
    assert "十六进制" in wrong["said"]
    known_by = "00112233445566778899AABBCCDDEEFF"
    assert tap(uid=known_by, format="hex") == {"ok": True}, "what a bank card is known by"
    assert tap(uid=known_by, format="hex_reversed")["code"] == "cards.uid_malformed"
    assert {"cards.issued", "cards.unbound"} <= set(
        AuditEntry.objects.values_list("action", flat=True)
    )


def test_a_card_is_lost_found_and_replaced_on_its_page(rows: Rows) -> None:
    clerk = office(rows, "clerk")
    card = rows.new_card(rows.new_person())
    assert "挂失" in page(clerk, url("card", card.id))
    late = (now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    assert "不能晚于现在" in page(clerk, url("card", card.id), do="lose", lost_at=late)
    page(clerk, url("card", card.id), do="lose")
    card.refresh_from_db()
    assert card.state == "lost"
    page(clerk, url("card", card.id), do="replace", uid="04A1B2C3", format="hex")
    assert sorted(Card.objects.values_list("state", flat=True)) == ["active", "lost"]
    page(clerk, url("card", card.id), do="find")
    card.refresh_from_db()
    assert card.state == "active"


def test_a_vendors_list_in_doubt_is_a_question(rows: Rows) -> None:
    clerk = office(rows, "clerk")
    rows.new_person("1", "张一")
    lines = (("学号", "卡号"), ("1", "C3B2A104"))
    assert "哪一种写法" in page(clerk, url("cards"), list=sheet(*lines))
    told = page(clerk, url("cards"), list=sheet(*lines), format="hex_reversed")
    assert "张一" in told
    assert "C3B2A104" not in told


def test_finance_gives_a_subsidy_with_a_total_before_it(rows: Rows) -> None:
    finance = office(rows, "finance")
    rows.new_person("1", "张一")
    told = page(
        finance, url("subsidies"), name="冬季补助", by="list",
        list=sheet(("学号", "金额"), ("1", "30.5")),
    )  # fmt: skip
    assert "确认并发放 ¥30.50" in told
    change = BulkChange.objects.get()
    page(finance, url("change", change.id), confirm="1")
    finish(rows, change)
    assert Grant.objects.get().created_by == "finance"
    told = page(finance, url("statement", Person.objects.get().id))
    assert "冬季补助" in told
    assert "¥30.50" in told
    assert "已有名为“冬季补助”" in page(
        finance, url("subsidies"), name="冬季补助", by="selection", amount="1",
        categories="student",
    )  # fmt: skip
    download = finance.get(url("statement", Person.objects.get().id) + "?format=xlsx")
    assert first_page(openpyxl.load_workbook(io.BytesIO(download.content))).max_row == 2


def test_a_subsidy_is_cleared_out_by_two_people(rows: Rows) -> None:
    first, second = office(rows, "finance", "甲"), office(rows, "finance", "乙")
    rows.new_person("1", "张一")
    page(
        first, url("subsidies"), name="冬季补助", by="selection", amount="30.50",
        categories="student",
    )  # fmt: skip
    given = BulkChange.objects.get()
    page(first, url("change", given.id), confirm="1")
    finish(rows, given)
    assert "没有剩余的补助" not in page(first, url("clear_out"))
    assert "请先选择要清零的补助" in page(first, url("clear_out"), grant="")
    grant = str(Grant.objects.get().id)
    told = page(first, url("clear_out"), grant=grant, categories="teacher")
    assert "没有可收回的余额" in told
    told = page(first, url("clear_out"), grant=grant, numbers="1，2\n3")
    assert ["<td>2</td>" in told, "<td>3</td>" in told, "<td>1</td>" in told] == [True, True, False]
    told = page(first, url("clear_out"), grant=grant, numbers=" 1,\n")
    assert "须由另一位同事确认" in told
    assert "确认并收回" not in told
    change = BulkChange.objects.filter(kind="clear_out").latest("planned_at")
    page(first, url("change", change.id), confirm="1")
    change.refresh_from_db()
    assert change.state == "planned"
    assert "有补助等待确认清零" in page(second, url("home"))
    assert "确认并收回 ¥30.50" in page(second, url("change", change.id))
    page(second, url("change", change.id), confirm="1")
    finish(rows, change)
    change.refresh_from_db()
    assert change.outcome == {"cleared": 1}
    assert "没有剩余的补助" in page(second, url("clear_out"))


def test_what_is_owed_to_leavers_takes_two_people(rows: Rows) -> None:
    till = Till(rows)
    part_with_person(till.person, now=now())
    first, second = office(rows, "finance", "甲"), office(rows, "finance", "乙")
    page(first, url("owed"), do="propose", person=str(till.person.id), way="现金")
    pay_out = PayOut.objects.get()
    assert "须由他人确认" in page(first, url("owed"))
    assert "须由另一个人确认" in page(first, url("owed"), do="confirm", pay_out=str(pay_out.id))
    assert "¥50.00" in page(second, url("owed"), do="confirm", pay_out=str(pay_out.id))
    pay_out.refresh_from_db()
    assert (pay_out.state, pay_out.decided_by) == ("paid", "乙")


def test_each_role_sees_what_it_is_for(rows: Rows) -> None:
    person = rows.new_person()
    clerk, finance, support = (office(rows, role) for role in ("clerk", "finance", "support"))
    for client, name, status in (
        (clerk, "subsidies", 403), (clerk, "owed", 403), (clerk, "people_import", 200),
        (finance, "people_import", 403), (finance, "cards", 403), (finance, "subsidies", 200),
        (support, "people", 403), (finance, "people", 200),
    ):  # fmt: skip
        assert client.get(url(name)).status_code == status, name
    assert "全部明细" not in page(clerk, url("person", person.id))
    assert "全部明细" in page(finance, url("person", person.id))
    before = Person.objects.get().version
    page(finance, url("person", person.id), do="freeze")
    assert Person.objects.get().version == before
    page(clerk, url("person", person.id), do="freeze")
    assert Person.objects.get().state == "frozen"


def test_nobody_sees_or_changes_another_organisations_people(rows: Rows) -> None:
    other = Rows(seed=2)
    stranger = other.new_person("9", "外校生")
    card = other.new_card(stranger)
    clerk, finance = office(rows, "clerk"), office(rows, "finance")
    for client, name, id in (
        (clerk, "person", stranger.id), (clerk, "card", card.id),
        (finance, "statement", stranger.id),
    ):  # fmt: skip
        assert client.get(url(name, id)).status_code == 404
    assert "外校生" not in page(clerk, url("people"))
    tap = {"person": str(stranger.id), "uid": "04000009", "format": "hex"}
    assert clerk.post(url("cards_tap"), tap).status_code == 404


def test_a_role_for_one_site_does_not_reach_lists_of_everybody(rows: Rows) -> None:
    user = staff("one", "clerk", rows.organisation.id, rows.site.id)
    client = sign_in(Client(headers={"accept-language": "zh-hans"}), user)
    rows.new_person()
    assert "张小明" in page(client, url("people"))
    answer = client.post(url("people_import"), {"list": sheet(*PEOPLE)})
    assert answer.status_code == 403
    assert client.get(url("subsidies")).status_code == 403
    assert not BulkChange.objects.exists()


def test_people_are_found_by_name_number_class_and_printed_number(rows: Rows) -> None:
    clerk = office(rows, "clerk")
    person = rows.new_person("S77", "欧阳娜")
    rows.new_person("S88", "司马光")
    Person.objects.filter(id=person.id).update(department="八年级")
    Card.objects.filter(id=rows.new_card(person).id).update(label="000042")
    for asked in ("欧阳", "S77", "八年", "000042"):
        found = page(clerk, url("people") + f"?q={asked}")
        assert "欧阳娜" in found
        assert "司马光" not in found
    assert "没有符合的人" in page(clerk, url("people") + "?q=nobody")


def test_an_id_that_is_none_finds_nothing(rows: Rows) -> None:
    first = office(rows, "finance")
    first.raise_request_exception = False
    for fields in ({"do": "confirm", "pay_out": "x"}, {"do": "propose", "person": "x"}):
        assert first.post(url("owed"), fields).status_code == 404
