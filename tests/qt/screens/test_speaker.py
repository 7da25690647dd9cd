"""Tones are played once each, and a counter without sound says so and goes on."""

from __future__ import annotations

import pytest
from PySide6.QtMultimedia import QAudioDevice

from devices.ports import DeviceHealth, HealthState
from kiosk_profiles.schema import Sounds
from terminal_app.counter.effects import Tone
from terminal_app.screens.speaker import Speaker


class Listening(Speaker):
    """A speaker that also keeps what it was to play."""

    def __init__(self, *arguments, **named) -> None:
        self.heard: list[Tone] = []
        super().__init__(*arguments, **named)

    def play(self, tone: Tone) -> None:
        self.heard.append(tone)
        super().play(tone)


class Shown:
    """The two fields of a view that matter here."""

    def __init__(self, tone: Tone | None, number: int) -> None:
        self.tone, self.tone_number = tone, number


@pytest.mark.usefixtures("qapp")
def test_without_an_output_it_is_silent_and_says_so_once() -> None:
    said: list[DeviceHealth] = []
    speaker = Speaker(Sounds(), said.append, lambda: 7.0, QAudioDevice)
    for tone in Tone:
        speaker.play(tone)
    assert not speaker.is_ready
    assert said == [
        DeviceHealth("speaker", "speaker", HealthState.LOST, 7.0, "devices.no_sound", "")
    ]


@pytest.mark.usefixtures("qapp")
def test_a_counter_whose_profile_wants_no_sound_has_none_and_no_complaint() -> None:
    said: list[DeviceHealth] = []
    speaker = Speaker(Sounds(enabled=False), said.append, lambda: 0.0, QAudioDevice)
    speaker.play(Tone.APPROVED)
    assert said == []


@pytest.mark.usefixtures("qapp")
def test_each_tone_of_the_views_is_played_once() -> None:
    speaker = Listening(Sounds(), lambda _: None, lambda: 0.0, QAudioDevice)
    for shown in (
        Shown(Tone.APPROVED, 3),  # what sounded before this screen was there
        Shown(Tone.ASK, 4),
        Shown(Tone.ASK, 4),
        Shown(Tone.ASK, 5),
        Shown(Tone.DECLINED, 6),
    ):
        speaker.hear(shown)  # type: ignore[arg-type]
    assert speaker.heard == [Tone.ASK, Tone.ASK, Tone.DECLINED]
