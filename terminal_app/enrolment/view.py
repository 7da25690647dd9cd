"""Everything the enrolment desk shows, as one frozen value: codes and data, never sentences.

Texts are made from the codes by `domain.messages` where they are painted; the consent's own words
come from `domain.consent_texts`. No picture of anybody is here: an outline and a ring.
"""

from dataclasses import dataclass

from domain.consent_texts import Shown
from domain.messages import Language
from sync.messages import Alike, EnrolmentPerson, WithdrawalStanding
from terminal_app.enrolment.capture import STEP_MAX_S, TRIES_MAX, Posing, Step
from terminal_app.enrolment.machine import Giver, Machine, Phase, Problem


@dataclass(frozen=True, slots=True)
class PosingView:
    """The page of the poses. `step` is asked for now; `done` are taken, of `steps`.

    `hint` is a dotted code: the one thing to do now. `outline` is left, top, width and height in
    fractions of the frame, unmirrored; `still_share` fills the ring.
    """

    step: Step | None
    steps: tuple[Step, ...]
    done: int
    hint: str
    outline: tuple[float, float, float, float] | None
    still_share: float
    tries_left: int
    seconds_left: int | None


@dataclass(frozen=True, slots=True)
class EnrolmentView:
    """The state of one desk. `is_busy`: the server is being asked, buttons rest.

    `may_…` say which buttons the page of a person has; `device` is why there is no camera.
    """

    phase: Phase
    language: Language
    store_name: str
    terminal_name: str
    operator_name: str
    pin_locked_s: int
    groups: tuple[str, ...]
    group: str | None
    people: tuple[EnrolmentPerson, ...]
    enrolled_count: int
    person: EnrolmentPerson | None
    may_enrol: bool
    may_refuse: bool
    may_withdraw: bool
    text: Shown | None
    giver: Giver
    twin: str
    twin_number: str
    posing: PosingView | None
    alike: tuple[Alike, ...]
    withdrawal: WithdrawalStanding | None
    is_busy: bool
    problem: Problem
    device: str


def view_of(
    machine: Machine, *, store_name: str, terminal_name: str, pin_locked_s: float, device: str,
    now: float,
) -> EnrolmentView:  # fmt: skip
    """Draw the present state up for the screen."""
    person = machine.person
    standing = person.standing if person is not None else ""
    return EnrolmentView(
        phase=machine.phase,
        language=machine.language,
        store_name=store_name,
        terminal_name=terminal_name,
        operator_name=machine.operator_name,
        pin_locked_s=-int(-pin_locked_s // 1),
        groups=machine.groups,
        group=machine.group,
        people=machine.people,
        enrolled_count=sum(one.standing == "enrolled" for one in machine.people),
        person=person,
        may_enrol=person is not None and person.is_fit,
        may_refuse=standing in ("none", "withdrawn"),
        may_withdraw=standing in ("consented", "enrolled", "withdrawn"),
        text=machine.text,
        giver=machine.giver,
        twin=machine.twin,
        twin_number=machine.twin_number,
        posing=None if machine.posing is None else _posing(machine.posing, now),
        alike=machine.alike,
        withdrawal=machine.withdrawal,
        is_busy=machine.is_busy,
        problem=machine.problem,
        device=device,
    )


def _posing(posing: Posing, now: float) -> PosingView:
    step = posing.step
    is_timed = step is not None and step is not Step.FRONT
    return PosingView(
        step=step,
        steps=posing.steps,
        done=len(posing.taken),
        hint=posing.hint,
        outline=posing.outline,
        still_share=posing.still_share,
        tries_left=TRIES_MAX - posing.tries,
        seconds_left=max(0, -int(-(STEP_MAX_S - (now - posing.since)) // 1)) if is_timed else None,
    )
