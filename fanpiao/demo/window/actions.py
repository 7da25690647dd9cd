"""Every button of the bench by its name: what it does, and whether the counter must have power."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from fanpiao.demo.window.guide import CARD, CUT, FACE, SERVE, Guide
from fanpiao.demo.window.hands import Hands
from fanpiao.demo.window.people import People
from fanpiao.demo.window.stall import Stall
from fanpiao.demo.window.webcam import Webcam


@dataclass(frozen=True, slots=True)
class Parts:
    """What the buttons work on."""

    stall: Stall
    people: People
    hands: Hands
    guide: Guide
    webcam: Webcam


@dataclass(frozen=True, slots=True)
class Action:
    """`play(parts, value)` returns the note to show. Without power some wait for it."""

    play: Callable[[Parts, str], str]
    needs_power: bool = True


def turn(parts: Parts, value: str) -> str:
    """The next person, or the one before."""
    parts.people.turn(-1 if value == "back" else 1)
    return ""


def network(parts: Parts, _value: str) -> str:
    """Cut the cable, or mend it."""
    cable = parts.stall.cable
    if cable.is_cut:
        cable.mend()
        return "noteMend"
    cable.cut()
    return "noteCut"


def power(parts: Parts, _value: str) -> str:
    """Kill the counter, or start it again."""
    if parts.stall.is_on:
        parts.stall.cut_power()
        return "notePower"
    parts.stall.give_power()
    return "notePowerOn"


def paper(parts: Parts, _value: str) -> str:
    """Take the paper, or put some in."""
    parts.stall.put_paper(is_there=parts.stall.is_paper_out)
    return "notePaperOut" if parts.stall.is_paper_out else "notePaper"


def reader(parts: Parts, _value: str) -> str:
    """Pull the reader's plug, or put it in."""
    parts.stall.plug_reader(is_in=parts.stall.is_reader_out)
    return "noteReaderOut" if parts.stall.is_reader_out else "noteReader"


def do_step(parts: Parts, _value: str) -> str:
    """Do the present step of the guided start."""
    hands, step = parts.hands, parts.guide.step
    if step == SERVE:
        return hands.serve()
    if step == CARD:
        hands.when_ready(hands.tap)
        return "noteCard"
    if step == FACE:
        hands.when_ready(hands.face_and_confirm)
        return "noteFace"
    if step == CUT:
        parts.stall.cable.cut()
        hands.when_ready(hands.tap)
        return "noteCut"
    return skip(parts, "")


def skip(parts: Parts, _value: str) -> str:
    """End the guided start."""
    parts.guide.skip()
    return ""


ACTIONS: Final[Mapping[str, Action]] = {
    "turn": Action(turn, needs_power=False),
    "code": Action(lambda parts, _: parts.hands.show_code()),
    "channel": Action(lambda parts, _: parts.hands.show_channel()),
    "card": Action(lambda parts, _: parts.hands.tap()),
    "leaveCard": Action(lambda parts, _: parts.hands.leave_card(), needs_power=False),
    "face": Action(lambda parts, _: parts.hands.show_face()),
    "walk": Action(lambda parts, _: parts.hands.walk_past()),
    "still": Action(lambda parts, _: parts.hands.stand_still()),
    "two": Action(lambda parts, _: parts.hands.two_faces()),
    "stranger": Action(lambda parts, _: parts.hands.stranger()),
    "network": Action(network, needs_power=False),
    "power": Action(power, needs_power=False),
    "paper": Action(paper, needs_power=False),
    "reader": Action(reader, needs_power=False),
    "serve": Action(lambda parts, _: parts.hands.serve()),
    "guideDo": Action(do_step),
    "guideSkip": Action(skip, needs_power=False),
    "webcam": Action(
        lambda parts, value: parts.webcam.ask("en" if value == "en" else "zh"), needs_power=False
    ),
    "webcamYes": Action(lambda parts, _: parts.webcam.agree()),
    "webcamNo": Action(lambda parts, _: parts.webcam.refuse(), needs_power=False),
    "webcamOff": Action(lambda parts, _: parts.webcam.end(), needs_power=False),
}
