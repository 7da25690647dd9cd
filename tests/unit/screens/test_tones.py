"""The tones by their waves: what they contain, how they begin and end, and that none is another."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from terminal_app.counter.effects import Tone
from terminal_app.screens.tones import NOTES, PEAK, RATE_HZ, duration_s, pcm, wave

CLICK_MAX = 0.01
"""A first or last sample beyond this is heard as a click."""


def loudest_hz(samples: np.ndarray) -> float:
    """The strongest frequency, to the nearest of the transform's bins."""
    power = np.abs(np.fft.rfft(samples, 1 << 18))
    return float(np.argmax(power) * RATE_HZ / (1 << 18))


def fundamental_hz(samples: np.ndarray) -> float:
    """The lowest peak of at least a third of the strongest one's amplitude."""
    power = np.abs(np.fft.rfft(samples, 1 << 18))
    place = int(np.argmax(power > power.max() / 3))
    while power[place + 1] > power[place]:
        place += 1
    return place * RATE_HZ / (1 << 18)


def parts_of(tone: Tone, pitch: int = 0) -> list[np.ndarray]:
    """A tone cut into its notes."""
    made, parts, start = wave(tone, pitch), [], 0
    for note in NOTES[tone]:
        parts.append(made[start : start + round(note.seconds * RATE_HZ)])
        start += round((note.seconds + note.gap_s) * RATE_HZ)
    return parts


@pytest.mark.parametrize("tone", Tone)
def test_every_outcome_has_a_tone_that_is_over_before_the_next_diner(tone: Tone) -> None:
    assert len(wave(tone)) / RATE_HZ == pytest.approx(duration_s(tone), abs=1e-3)
    assert 0.05 <= duration_s(tone) <= 0.8


@pytest.mark.parametrize("tone", Tone)
@pytest.mark.parametrize("pitch", [-12, 0, 12])
def test_no_tone_clicks_is_clipped_or_hums_on(tone: Tone, pitch: int) -> None:
    made = wave(tone, pitch)
    assert np.abs(made).max() <= PEAK + 1e-9
    for part in parts_of(tone, pitch):
        assert abs(part[0]) < CLICK_MAX
        assert abs(part[-1]) < CLICK_MAX
    assert abs(float(made.mean())) < 0.01


def test_an_approval_rises_and_a_reversal_falls() -> None:
    first, second = (loudest_hz(part) for part in parts_of(Tone.APPROVED))
    assert second > 1.2 * first
    falling = [loudest_hz(part) for part in parts_of(Tone.REVERSED)]
    assert falling == sorted(falling, reverse=True)
    assert falling[-1] < 0.7 * falling[0]


def test_a_refusal_is_low_and_still_heard_on_a_small_loudspeaker() -> None:
    part = parts_of(Tone.DECLINED)[0]
    assert fundamental_hz(part) < 250
    power = np.abs(np.fft.rfft(part)) ** 2
    above = np.fft.rfftfreq(len(part), 1 / RATE_HZ) > 500
    assert power[above].sum() > 0.3 * power.sum()


@pytest.mark.parametrize("pitch", [-12, -5, 3, 12])
def test_the_pitch_of_a_counter_moves_every_note(pitch: int) -> None:
    for tone in Tone:
        for note, part in zip(NOTES[tone], parts_of(tone, pitch), strict=True):
            wanted = note.hertz * 2 ** (pitch / 12)
            assert fundamental_hz(part) == pytest.approx(wanted, rel=0.04)


def test_no_two_outcomes_sound_alike() -> None:
    for one, other in combinations(Tone, 2):
        first, second = wave(one), wave(other)
        length = max(len(first), len(second))
        spectra = [np.abs(np.fft.rfft(np.resize(np.pad(made, (0, length)), length)))
                   for made in (first, second)]  # fmt: skip
        alike = float(np.dot(*spectra) / np.prod([np.linalg.norm(one) for one in spectra]))
        assert alike < 0.6, f"{one} and {other}"


def test_volume_scales_and_silence_is_silent() -> None:
    loud, soft = wave(Tone.APPROVED), wave(Tone.APPROVED, volume=0.25)
    assert np.allclose(soft, loud / 4)
    assert not np.any(wave(Tone.DECLINED, volume=0.0))


def test_samples_are_16_bit_and_as_many_as_the_wave_has() -> None:
    made = np.frombuffer(pcm(Tone.ASK), "<i2")
    assert len(made) == len(wave(Tone.ASK))
    assert 15_000 < np.abs(made).max() < 32_767
