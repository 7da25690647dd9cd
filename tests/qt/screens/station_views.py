"""Every page of the enrolment desk, each with the most it ever shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from domain.consent_texts import consent_text
from domain.messages import Language
from sync.messages import Alike, CounterConfirmation, EnrolmentPerson, WithdrawalStanding
from terminal_app.enrolment.capture import Posing, Step, Taken
from terminal_app.enrolment.machine import Giver, Machine, Phase, Problem
from terminal_app.enrolment.view import EnrolmentView, view_of

BLANKS = {
    "organisation": "示例大学", "site": "第一食堂", "contact": "食堂办公室 内线 8001",
    "servers": "示例大学信息中心",
}  # fmt: skip
AT = datetime(2026, 9, 1, 4, tzinfo=UTC)
STANDINGS = ("enrolled", "consented", "none", "refused", "withdrawn", "enrolled", "none", "none")
NAMES = (
    "张小明",
    "欧阳娜娜",
    "李雷",
    "韩梅梅",
    "王小红",
    "赵一曼",
    "孙悦",
    "Aleksandra Nowak-Kowalska",
)


def people() -> tuple[EnrolmentPerson, ...]:
    return tuple(
        EnrolmentPerson(
            person_id=UUID(int=n + 1), number=f"2026{n:04}", name=name, group="三年二班",
            standing=standing, come_again="model_changed" if n == 5 else "",
        )
        for n, (name, standing) in enumerate(zip(NAMES, STANDINGS, strict=True))
    )  # fmt: skip


def shown(machine: Machine, *, device: str = "", locked_s: float = 0.0) -> EnrolmentView:
    return view_of(
        machine, store_name="第一食堂", terminal_name="登记台", pin_locked_s=locked_s,
        device=device, now=10.0,
    )  # fmt: skip


def posings() -> dict[str, Posing]:
    box = (0.36, 0.25, 0.26, 0.42)
    first = Posing((True,), 5.0, outline=box, seen_at=9.4, still_since=9.0)
    taken = tuple(Taken(step, 0.5, b"") for step in (Step.FRONT, Step.LEFT, Step.RIGHT, Step.UP))
    return {
        "front": replace(first, hint="faces.hold_still"),
        "nobody": replace(first, outline=None, still_since=None, hint="faces.look_here"),
        "advice": replace(first, hint="faces.covered", still_since=None, tries=2),
        "left": replace(first, taken=taken[:1], hint="enrolments.turn_left"),
        "right": replace(first, taken=taken[:2], hint="enrolments.turn_right"),
        "up": replace(first, taken=taken[:3], hint="enrolments.look_up"),
        "saving": replace(first, taken=taken, hint="enrolments.taken"),
    }


def views(language: Language = "zh") -> dict[str, EnrolmentView]:
    """Every page by a name."""
    crowd = people()
    groups = ("三年一班", "三年二班", "三年三班", "四年一班", "四年二班", "教职工", "")
    base = Machine(
        phase=Phase.PICK, language=language, operator_id=UUID(int=9), operator_name="登记员 90",
        groups=groups,
    )  # fmt: skip
    one = replace(base, person=crowd[2], group="三年二班", people=crowd)
    text = consent_text(language, BLANKS)
    guardian = Giver(given_by="guardian", name="李大山", relation="父亲", is_under_14=True)
    halted = Problem("faces.not_live")
    going = WithdrawalStanding(
        person_id=crowd[0].person_id, withdrawn_at=AT, is_gone=False,
        counters=tuple(
            CounterConfirmation(name=f"{n} 号窗口", how=how, since=AT)
            for n, how in enumerate(("confirmed", "waiting", "lease_ended"), 1)
        ),
    )  # fmt: skip
    made = {
        "locked": shown(replace(base, phase=Phase.LOCKED)),
        "pin_wrong": shown(replace(base, phase=Phase.LOCKED, problem=Problem("pins.wrong"))),
        "pin_locked": shown(replace(base, phase=Phase.LOCKED), locked_s=60),
        "new_pin": shown(replace(base, phase=Phase.NEW_PIN)),
        "pick": shown(base),
        "pick_class": shown(replace(base, group="三年二班", people=crowd)),
        "pick_unknown": shown(replace(base, problem=Problem("people.unknown"))),
        "text": shown(replace(one, phase=Phase.TEXT, text=text)),
        "giver": shown(replace(one, phase=Phase.GIVER, text=text)),
        "giver_guardian": shown(
            replace(one, phase=Phase.GIVER, text=text, giver=guardian,
                    problem=Problem("consents.needs_guardian"))
        ),
        "giver_code": shown(
            replace(one, phase=Phase.GIVER, text=text, giver=replace(guardian, by_code=True))
        ),
        "twin": shown(replace(one, phase=Phase.TWIN, text=text)),
        "twin_yes": shown(replace(one, phase=Phase.TWIN, text=text, twin="yes")),
        "sign": shown(replace(one, phase=Phase.SIGN, text=text, giver=guardian)),
        "sign_code": shown(
            replace(one, phase=Phase.SIGN, text=text, giver=replace(guardian, by_code=True))
        ),
        "no_camera": shown(replace(one, phase=Phase.POSING), device="cameras.none"),
        "halted": shown(replace(one, phase=Phase.HALTED, problem=halted)),
        "done": shown(replace(one, phase=Phase.DONE)),
        "done_alike": shown(
            replace(one, phase=Phase.DONE, twin="yes", alike=(
                Alike(masked_name="李*", number="20260010", is_declared=True),
                Alike(masked_name="欧阳*华", number="20260011"),
            ))
        ),
        "withdraw": shown(replace(one, phase=Phase.WITHDRAW, person=crowd[0])),
        "withdrawn": shown(replace(one, phase=Phase.WITHDRAWN, person=crowd[0], withdrawal=going)),
    }  # fmt: skip
    made |= {
        f"person_{one_of.standing}{'_again' if one_of.come_again else ''}": shown(
            replace(one, phase=Phase.PERSON, person=one_of)
        )
        for one_of in crowd[:6]
    }
    made |= {
        f"posing_{name}": shown(
            replace(one, phase=Phase.POSING, posing=posing, is_busy=name == "saving")
        )
        for name, posing in posings().items()
    }
    return made
