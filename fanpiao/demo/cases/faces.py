"""Faces that must not pay, in front of the real camera process."""

from devices.simulated.scene import Actor, Scene, beside, walking_past
from fanpiao.demo.bench import SEED
from fanpiao.demo.cases.stage import Stage, must
from fanpiao.demo.hands import LOOK_S, actor_of, box_of, picture_of
from fanpiao.fetch_data import STRANGERS

WALK_S = 1.8
STARE_S = 2.6


def passer_by(stage: Stage) -> None:
    """Somebody who is enrolled walks past an armed counter."""
    stage.hands.ready(stage.first)
    with stage.costs_nothing("passer_by"):
        picture = picture_of(stage.face(0), 0)
        _play(stage, walking_past(str(picture), box_of(picture), WALK_S), seconds=WALK_S)


def stand_still(stage: Stage) -> None:
    """Somebody is recognised, looks at the name, and nobody confirms."""
    stage.hands.ready(stage.first)
    with stage.costs_nothing("stand_still"):
        stage.first.await_nobody()
        mark = len(stage.first.views)
        stage.first.show(Scene((actor_of(picture_of(stage.face(1), 0)),), LOOK_S, SEED))
        stage.first.expect(lambda view: view["phase"] == "confirm", "ask for the confirmation")
        stage.first.pass_until(lambda view: view["phase"] == "armed", "give up asking", 20)
        must(_showed(stage, mark, "hint", "counters.timed_out"), "it did not say why it stopped")
        stage.first.show_nobody()


def two_faces(stage: Stage) -> None:
    """Two people stand side by side, both enrolled, both near."""
    stage.hands.ready(stage.first)
    with stage.costs_nothing("two_faces"):
        mark = len(stage.first.views)
        pair = [actor_of(picture_of(stage.face(place), 0)) for place in range(2)]
        left, right = beside(pair[0], x=0.36, height=0.3), beside(pair[1], x=0.66, height=0.3)
        _play(stage, left, right, seconds=STARE_S)
        must(_showed(stage, mark, "hint", "faces.several"), "nobody was told: one at a time")
        must(not _reached(stage, mark, "confirm"), "one of two faces was taken")


def wrong_face(stage: Stage) -> None:
    """Somebody who never enrolled stands still and looks."""
    stage.hands.ready(stage.first)
    with stage.costs_nothing("stranger"):
        mark = len(stage.first.views)
        picture = next(STRANGERS.rglob("*.jpg"))
        _play(stage, actor_of(picture), seconds=STARE_S)
        must(_reached(stage, mark, "candidate"), "the stranger was never looked at")
        must(not _reached(stage, mark, "confirm"), "the stranger was taken for somebody")


def not_me(stage: Stage) -> None:
    """The right face, and its owner presses 不是我; staying there asks nothing again."""
    stage.hands.ready(stage.first)
    with stage.costs_nothing("not_me"):
        bench = stage.first
        bench.await_nobody()
        bench.show(Scene((actor_of(picture_of(stage.face(1), 0)),), LOOK_S, SEED))
        bench.expect(lambda view: view["phase"] == "confirm", "ask for the confirmation")
        bench.key("not_me")
        bench.expect(lambda view: view["phase"] == "armed", "put the face aside")
        mark = len(bench.views)
        stage.linger(1.0)
        must(not _reached(stage, mark, "confirm"), "a face put aside was asked again")
        bench.show_nobody()


def _play(stage: Stage, *actors: Actor, seconds: float) -> None:
    bench = stage.first
    bench.await_nobody()
    mark = len(bench.faces)
    bench.show(Scene(actors, LOOK_S, SEED))
    bench.expect_face(mark, "seen")
    stage.linger(seconds)
    bench.show_nobody()
    bench.pass_until(lambda view: view["phase"] == "armed", "be armed again", 20)


def _showed(stage: Stage, mark: int, field: str, value: str) -> bool:
    return any(seen.what[field] == value for seen in stage.first.views[mark:])


def _reached(stage: Stage, mark: int, phase: str) -> bool:
    return _showed(stage, mark, "phase", phase)
