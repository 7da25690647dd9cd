"""The enrolment desk as a pure table: (phase, event) → (machine, effects).

Rules
- The camera is used in POSING alone, and POSING is entered only with a consent on file.
- Whatever is asked of the server makes the desk busy: until the answer nothing but going away is
  heard. A refusal is shown where it happened, with what was typed still there.
- Leaving a person, by whichever way, forgets everything about them and stops the camera.
- A desk that nobody touches locks itself: names of children are on it.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from sync.messages import EnrolmentPerson
from terminal_app.enrolment import machine as m
from terminal_app.enrolment.capture import Posing, pose
from terminal_app.enrolment.machine import Effect, Event, Machine, Phase, Problem

IDLE_LOCK_S: Final = 300.0
ASK_AGAIN_S: Final = 3.0
"""How often the page of a withdrawal asks which counters have confirmed."""

Step = tuple[Machine, tuple[Effect, ...]]
Move = Callable[[Machine, Any, float], Step]
ABOUT_PERSON: Final = frozenset(Phase) - {Phase.LOCKED, Phase.NEW_PIN, Phase.PICK}


def advance(machine: Machine, event: Event, now: float) -> Step:
    """Return the desk after `event` and what it wants done; what does not fit changes nothing."""
    if isinstance(event, m.Ticked):
        return _tick(machine, now)
    if isinstance(event, m.LockPressed):
        return _locked(machine, now)
    if isinstance(event, m.Failed):
        return _failed(machine, event, now)
    move = TABLE.get((machine.phase, type(event)))
    if move is None or (machine.is_busy and type(event) in PRESSES - {m.BackPressed}):
        return machine, ()
    if type(event) in PRESSES:
        machine = replace(machine, touched_at=now, problem=Problem())
    return move(machine, event, now)


def _to(machine: Machine, phase: Phase, now: float, **changes: Any) -> Machine:
    return replace(machine, phase=phase, since=now, **changes)


def _busy(machine: Machine, *effects: Effect) -> Step:
    return replace(machine, is_busy=True), effects


def _tick(machine: Machine, now: float) -> Step:
    if machine.phase is Phase.POSING:
        return _looked(machine, m.Looked(None), now)
    is_left = now - machine.touched_at >= IDLE_LOCK_S and machine.phase is not Phase.LOCKED
    if is_left and not machine.is_busy:
        return _locked(machine, now)
    standing = machine.withdrawal
    is_waiting = machine.phase is Phase.WITHDRAWN and standing is not None and not standing.is_gone
    if is_waiting and standing and now - machine.since >= ASK_AGAIN_S:
        return replace(machine, since=now), (m.AskWithdrawal(standing.person_id),)
    return machine, ()


def _locked(machine: Machine, now: float) -> Step:
    return Machine(since=now, touched_at=now, language=machine.language), (m.StopLooking(),)


def _failed(machine: Machine, event: m.Failed, now: float) -> Step:
    """Show it. Poses that are all taken are kept, to be sent again without posing again."""
    stopped = replace(machine, is_busy=False, problem=event.problem)
    if machine.phase is Phase.POSING:
        posing = machine.posing
        kept = posing if posing is not None and posing.step is None else None
        return _to(stopped, Phase.HALTED, now, posing=kept), (m.StopLooking(),)
    return stopped, ()


# --- who ---------------------------------------------------------------------------------


def _pin(machine: Machine, event: m.PinTyped, now: float) -> Step:
    return machine, (m.CheckPin(event.pin),)


def _signed_in(machine: Machine, event: m.SignedIn, now: float) -> Step:
    known = replace(
        machine, operator_id=event.operator_id, operator_name=event.name, touched_at=now,
        problem=Problem(),
    )  # fmt: skip
    if event.must_change:
        return _to(known, Phase.NEW_PIN, now), ()
    return _busy(_to(known, Phase.PICK, now), m.Find())


def _new_pin(machine: Machine, event: m.NewPinTyped, now: float) -> Step:
    return machine, (m.ChangePin(event.pin),)


def _groups(machine: Machine, event: m.GroupsCame, now: float) -> Step:
    return replace(machine, is_busy=False, groups=event.groups), ()


def _group(machine: Machine, event: m.GroupChosen, now: float) -> Step:
    return _busy(replace(machine, group=event.group, people=()), m.Find(group=event.group))


def _number(machine: Machine, event: m.NumberTyped, now: float) -> Step:
    return _busy(machine, m.Find(number=event.number.strip())) if event.number else (machine, ())


def _card(machine: Machine, event: m.CardRead, now: float) -> Step:
    return _busy(machine, m.Find(card_key=event.card_key, is_proven=event.is_proven))


def _people(machine: Machine, event: m.PeopleCame, now: float) -> Step:
    free = replace(machine, is_busy=False)
    if not event.is_one:
        return replace(free, people=event.people), ()
    if not event.people:
        return replace(free, problem=Problem("people.unknown")), ()
    return _chosen(free, event.people[0], now)


def _listed(machine: Machine, event: m.PersonChosen, now: float) -> Step:
    person = next((one for one in machine.people if one.person_id == event.person_id), None)
    return (machine, ()) if person is None else _chosen(machine, person, now)


def _chosen(machine: Machine, person: EnrolmentPerson, now: float) -> Step:
    chosen = _to(machine, Phase.PERSON, now, person=person, consent_id=person.consent_id,
                 keeps_photo=person.keeps_photo)  # fmt: skip
    return chosen, ()


# --- the consent -------------------------------------------------------------------------


def _enrol(machine: Machine, event: m.EnrolPressed, now: float) -> Step:
    if machine.person is None or not machine.person.is_fit:
        return replace(machine, problem=Problem("people.frozen")), ()
    if machine.consent_id is not None:
        return _look(machine, now)
    return _busy(machine, m.FetchText(machine.language))


def _text(machine: Machine, event: m.TextCame, now: float) -> Step:
    return _to(machine, Phase.TEXT, now, text=event.text, is_busy=False), ()


def _language(machine: Machine, event: m.LanguageChosen, now: float) -> Step:
    chosen = replace(machine, language=event.language)
    return _busy(chosen, m.FetchText(event.language)) if machine.phase is Phase.TEXT else (
        chosen, ()
    )  # fmt: skip


def _agreed(machine: Machine, event: m.ConfirmPressed, now: float) -> Step:
    return _to(machine, Phase.GIVER, now), ()


def _refuse(machine: Machine, event: m.RefusePressed, now: float) -> Step:
    assert machine.person is not None, "a page about a person has one"
    return _busy(machine, m.SendRefusal(machine.person.person_id))


def _giver(machine: Machine, event: m.GiverSaid, now: float) -> Step:
    giver, said = event.giver, replace(machine, giver=event.giver)
    if giver.is_under_14 and giver.given_by != "guardian":
        return replace(said, problem=Problem("consents.needs_guardian")), ()
    missing = "" if giver.by_code or giver.name.strip() else "giver_name"
    if giver.given_by == "guardian" and not giver.by_code and not giver.relation.strip():
        missing = missing or "relation"
    if missing:
        return replace(said, problem=Problem("consents.incomplete", {"field": missing})), ()
    return _to(said, Phase.TWIN, now), ()


def _twin(machine: Machine, event: m.TwinSaid, now: float) -> Step:
    if event.answer not in ("yes", "no"):
        return machine, ()
    number = event.number.strip()
    if machine.person is not None and number == machine.person.number:
        return replace(machine, problem=Problem("consents.twin_of_self")), ()
    return _to(machine, Phase.SIGN, now, twin=event.answer, twin_number=number), ()


def _sign(machine: Machine, event: m.Signed, now: float) -> Step:
    if not event.png or machine.giver.by_code:
        problem = Problem("consents.incomplete", {"field": "signature"})
        return replace(machine, problem=problem), ()
    return _busy(machine, m.SendConsent(machine, png=event.png))


def _code(machine: Machine, event: m.CodeTyped, now: float) -> Step:
    if not machine.giver.by_code:
        return machine, ()
    return _busy(machine, m.SendConsent(machine, code=event.code))


def _kept(machine: Machine, event: m.ConsentKept, now: float) -> Step:
    return _look(
        replace(machine, consent_id=event.consent_id, keeps_photo=machine.giver.keeps_photo), now
    )


# --- the face ----------------------------------------------------------------------------


def _look(machine: Machine, now: float) -> Step:
    assert machine.consent_id is not None, "no camera without a consent on file"
    posing = _to(machine, Phase.POSING, now, is_busy=False, posing=None, problem=Problem())
    return posing, (m.StartLooking(machine.keeps_photo),)


def _looked(machine: Machine, event: m.Looked, now: float) -> Step:
    posing = machine.posing
    if posing is None or posing.step is None or machine.is_busy:
        return machine, ()
    after = pose(posing, event.look, now)
    if after.has_failed:
        failed = replace(machine, problem=Problem("faces.not_live"))
        return _to(failed, Phase.HALTED, now, posing=None), (m.StopLooking(),)
    moved = replace(machine, posing=after, touched_at=now)
    if after.step is not None:
        return moved, ()
    assert machine.consent_id is not None, "no camera without a consent on file"
    sent = m.SendFace(machine.consent_id, after.taken)
    return _busy(moved, m.StopLooking(), sent)


def begun(machine: Machine, orders: tuple[bool, ...], now: float) -> Machine:
    """The camera is on and the sides are drawn."""
    if machine.phase is not Phase.POSING:
        return machine
    return replace(machine, posing=Posing(orders, now))


def _face_kept(machine: Machine, event: m.FaceKept, now: float) -> Step:
    done = _to(machine, Phase.DONE, now, alike=event.alike, posing=None, is_busy=False)
    return replace(done, touched_at=now), ()


# --- taking it back ----------------------------------------------------------------------


def _withdraw(machine: Machine, event: m.WithdrawPressed, now: float) -> Step:
    person = machine.person
    if person is None or person.standing == "none":
        return replace(machine, problem=Problem("consents.missing")), ()
    if person.standing == "withdrawn":
        return _busy(machine, m.AskWithdrawal(person.person_id))
    return _to(machine, Phase.WITHDRAW, now), ()


def _withdraw_sure(machine: Machine, event: m.ConfirmPressed, now: float) -> Step:
    assert machine.person is not None, "a page about a person has one"
    return _busy(machine, m.SendWithdrawal(machine.person.person_id))


def _withdrawal(machine: Machine, event: m.WithdrawalCame, now: float) -> Step:
    came = replace(machine, withdrawal=event.standing, is_busy=False, problem=Problem())
    return _to(came, Phase.WITHDRAWN, now), ()


# --- away --------------------------------------------------------------------------------


def _leave(machine: Machine, event: Any, now: float) -> Step:
    """Forget the person; the list of the class comes anew, since somebody in it has changed."""
    left = Machine(
        phase=Phase.PICK, since=now, touched_at=now, language=machine.language,
        operator_id=machine.operator_id, operator_name=machine.operator_name,
        groups=machine.groups, group=machine.group,
    )  # fmt: skip
    again = m.Find(group=machine.group) if machine.group is not None else m.Find()
    return _busy(left, m.StopLooking(), again)


def _back_to(phase: Phase) -> Move:
    def back(machine: Machine, event: m.BackPressed, now: float) -> Step:
        return (machine, ()) if machine.is_busy else (_to(machine, phase, now), ())

    return back


def _retry(machine: Machine, event: m.ConfirmPressed, now: float) -> Step:
    if machine.posing is None or machine.consent_id is None:
        return _look(machine, now)
    again = m.SendFace(machine.consent_id, machine.posing.taken)
    return _busy(_to(machine, Phase.POSING, now), again)


PRESSES: Final[frozenset[type]] = frozenset({
    m.PinTyped, m.NewPinTyped, m.GroupChosen, m.NumberTyped, m.CardRead, m.PersonChosen,
    m.EnrolPressed, m.RefusePressed, m.WithdrawPressed, m.ConfirmPressed, m.BackPressed,
    m.LanguageChosen, m.GiverSaid, m.TwinSaid, m.Signed, m.CodeTyped,
})  # fmt: skip
"""What people do, unlike what cameras and servers say."""

TABLE: Final[dict[tuple[Phase, type], Move]] = {
    (Phase.LOCKED, m.PinTyped): _pin,
    (Phase.LOCKED, m.SignedIn): _signed_in,
    (Phase.NEW_PIN, m.NewPinTyped): _new_pin,
    (Phase.NEW_PIN, m.SignedIn): _signed_in,
    (Phase.PICK, m.GroupsCame): _groups,
    (Phase.PICK, m.GroupChosen): _group,
    (Phase.PICK, m.NumberTyped): _number,
    (Phase.PICK, m.CardRead): _card,
    (Phase.PICK, m.PeopleCame): _people,
    (Phase.PICK, m.PersonChosen): _listed,
    (Phase.PERSON, m.EnrolPressed): _enrol,
    (Phase.PERSON, m.RefusePressed): _refuse,
    (Phase.PERSON, m.WithdrawPressed): _withdraw,
    (Phase.PERSON, m.TextCame): _text,
    (Phase.PERSON, m.RefusalKept): _leave,
    (Phase.PERSON, m.WithdrawalCame): _withdrawal,
    (Phase.TEXT, m.TextCame): _text,
    (Phase.TEXT, m.ConfirmPressed): _agreed,
    (Phase.TEXT, m.RefusePressed): _refuse,
    (Phase.TEXT, m.RefusalKept): _leave,
    (Phase.GIVER, m.GiverSaid): _giver,
    (Phase.GIVER, m.BackPressed): _back_to(Phase.TEXT),
    (Phase.TWIN, m.TwinSaid): _twin,
    (Phase.TWIN, m.BackPressed): _back_to(Phase.GIVER),
    (Phase.SIGN, m.Signed): _sign,
    (Phase.SIGN, m.CodeTyped): _code,
    (Phase.SIGN, m.ConsentKept): _kept,
    (Phase.SIGN, m.BackPressed): _back_to(Phase.TWIN),
    (Phase.POSING, m.Looked): _looked,
    (Phase.POSING, m.FaceKept): _face_kept,
    (Phase.HALTED, m.ConfirmPressed): _retry,
    (Phase.DONE, m.ConfirmPressed): _leave,
    (Phase.WITHDRAW, m.ConfirmPressed): _withdraw_sure,
    (Phase.WITHDRAW, m.WithdrawalCame): _withdrawal,
    (Phase.WITHDRAWN, m.WithdrawalCame): _withdrawal,
    (Phase.WITHDRAWN, m.ConfirmPressed): _leave,
    **{(phase, m.BackPressed): _leave for phase in (
        Phase.PERSON, Phase.TEXT, Phase.POSING, Phase.HALTED, Phase.WITHDRAW, Phase.WITHDRAWN,
    )},
    **{(phase, m.LanguageChosen): _language for phase in (
        Phase.LOCKED, Phase.PICK, Phase.PERSON, Phase.TEXT,
    )},
}  # fmt: skip
"""Every pair that means something; all others change nothing."""
