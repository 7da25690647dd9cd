"""One loop's failure is told and passes; the failure of the one that all depends on ends all."""

from __future__ import annotations

import threading

import pytest

from terminal_app import loops
from terminal_app.loops import Loops

WITHIN_S = 10.0


def test_a_round_that_fails_is_told_and_the_next_one_comes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loops, "AFTER_DEFECT_S", 0.001)
    rounds, came_again = [], threading.Event()

    def fail() -> None:
        rounds.append(1)
        if len(rounds) > 1:
            came_again.set()
        raise ValueError("no paper")

    running = Loops()
    running.start("printing", fail)
    assert came_again.wait(WITHIN_S)
    assert not running.is_stopping
    running.join()
    assert running.defect is None
    assert "no paper" in capsys.readouterr().err


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_the_failure_of_a_vital_loop_stops_the_others_and_is_kept() -> None:
    def fail() -> None:
        raise ValueError("the machine broke")

    running = Loops()
    running.start("watching", lambda: running.pause(0.01))
    running.start_vital("counter", fail)
    assert running.wait(WITHIN_S)
    running.join()
    assert isinstance(running.defect, ValueError)
    assert not [thread for thread in threading.enumerate() if thread.name == "watching"]
