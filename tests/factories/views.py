"""Views of a real counter in every state a screen can show, for tests of the screens.

`a_view` is one of a counter at rest, with some fields changed. `every_view` plays benches through
their day and keeps what the recorder would keep.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from sync.messages import CODE_TEXT, Outcome
from terminal_app.counter import events as on
from terminal_app.counter import presses
from terminal_app.counter.machine import Phase
from terminal_app.counter.parts import Hint, Outline
from terminal_app.counter.view import CounterView
from terminal_app.screens.recorder import Recorder, recorded
from tests.integration.counter.bench import CARD, STRANGE_CARD, Bench, answer, approved, profile

OUTLINE = Outline(0.36, 0.28, 0.26, 0.36, 0.6, "")


def a_view(folder: Path, phase: Phase = Phase.ARMED, **changes: Any) -> CounterView:
    """A canteen's counter that serves lunch, in any phase and with any field changed."""
    bench = Bench(folder)
    bench.serve()
    view = replace(bench.view, phase=phase, **changes)
    bench.close()
    return view


def hinted(view: CounterView, code: str, **data: int | str) -> CounterView:
    """The view with a fresh sentence on it."""
    return replace(view, hint=Hint(code, dict(data), 0.0))


def every_view(folder: Path) -> dict[str, CounterView]:
    """Every kind of screen that these plays come to."""
    homes = [folder / play.__name__.strip("_") for play in _PLAYS]
    for home, play in zip(homes, _PLAYS, strict=True):
        home.mkdir(parents=True)
        play(home, Recorder(home / "views"))
    return recorded(*(home / "views" for home in homes))


def _bench(folder: Path, recorder: Recorder, **given: Any) -> Bench:
    rows = given.pop("rows", {})
    bench = Bench(folder, profile("canteen", **given), **rows)
    bench.counter.listen(recorder)
    recorder(bench.view)
    return bench


def _answered(bench: Bench, seconds: float = 0.5) -> None:
    """Let the server's answer come, and time pass."""
    bench.wait(0.6)
    bench.executor.run()
    bench.wait(seconds)


def _standing(folder: Path, recorder: Recorder) -> None:
    """A fixed price: card, face, refusals, undo, the end of the shift."""
    bench = _bench(folder, recorder)
    bench.serve()
    bench.face(seconds=1.0)
    bench.post(on.NotMe())
    bench.leave()
    bench.card(CARD)
    _answered(bench)
    bench.post(presses.UndoPressed(bench.view.strip[0].row.payment_id))
    _answered(bench, 3)
    bench.lift_card()
    bench.wait(3)
    bench.card(STRANGE_CARD)
    _answered(bench)
    bench.post(on.Cleared())
    bench.lift_card()
    bench.wait(2)
    bench.post(presses.CloseAsked(0, is_queue_accepted=True))
    bench.close()


def _keyed(folder: Path, recorder: Recorder) -> None:
    """A keypad: cash with change, a phone that waits and is parked, by number."""
    bench = _bench(folder, recorder, amount={"source": "keyed"})
    bench.open_shift(20_000)
    bench.key_amount("1250")
    bench.wait(0.5)
    bench.post(presses.CashTendered(2000))
    bench.wait(3)
    bench.key_amount("800")
    bench.wait(0.5)
    bench.server.says = lambda request: answer(request, Outcome.AWAITING)
    bench.code()
    bench.wait(0.5)
    bench.post(on.NextPressed())
    bench.take_phone()
    bench.key_amount("800")
    bench.wait(0.5)
    bench.code("139876543210987654")
    bench.wait(1)
    bench.post(on.StopPressed())
    bench.wait(16)
    bench.take_phone()
    bench.server.says = approved
    bench.executor.is_immediate = False
    bench.key_amount("900")
    bench.wait(0.5)
    bench.card(CARD)
    _answered(bench)
    bench.close()


def _factors(folder: Path, recorder: Recorder) -> None:
    """A face that needs more: digits, a PIN, a card."""
    for factor in ("last_digits", "pin", "card"):
        home = folder / factor
        home.mkdir()
        bench = _bench(
            home,
            recorder,
            face={"mode": "confirm", "auto_limit_amount": 100},
            people={"second_factor": {"student": factor}},
        )
        bench.serve()
        bench.face(seconds=1.0)
        bench.post(presses.FactorEntered("000000"))
        bench.wait(0.5)
        bench.close()


def _scanned(folder: Path, recorder: Recorder) -> None:
    """A code on the glass: slow to come, there, cut off, renewed, paid too late, after a cut."""
    bench = _bench(folder, recorder, amount={"source": "keyed"})
    text = "http://192.168.1.10:8000/pay/0199aabbccdd7eeff00112233445566770123456789abcdef"
    bench.server.says = lambda request: answer(request, Outcome.AWAITING, data={CODE_TEXT: text})
    bench.open_shift()
    bench.key_amount("1250")
    bench.wait(0.5)
    bench.server.is_up = False
    bench.post(presses.PayeeCodeAsked())
    bench.server.is_up = True
    bench.wait(1)
    bench.server.is_up = False
    bench.wait(4)
    bench.server.is_up = True
    bench.wait(1)
    bench.post(on.NewCodePressed())
    bench.server.decide(bench.server.requests[-1].intent.payment_id, Outcome.REVERSED)
    bench.wait(4)
    bench.key_amount("1250")
    bench.wait(0.5)
    bench.post(presses.PayeeCodeAsked())
    bench.restart()
    bench.counter.listen(recorder)
    bench.wait(0.5)
    bench.close()


def _between(folder: Path, recorder: Recorder) -> None:
    """No meal is served now."""
    bench = _bench(folder, recorder, rows={"starts": "05:00", "ends": "06:00"})
    bench.open_shift()
    bench.close()


_PLAYS: tuple[Callable[[Path, Recorder], None], ...] = (
    _standing, _keyed, _factors, _scanned, _between,
)  # fmt: skip
