"""The sounds of a counter, made from nothing: one per outcome, told apart with closed eyes.

- approved: two rising notes. Nobody needs to look up.
- declined: one low buzz, twice cut. Never like the approval, also on a small loudspeaker, which
  cannot carry its fundamental: so it has many harmonics.
- reversed: three falling notes, longer than the approval: a meal that is not paid any more is loud.
- ask: one soft bell. Somebody is to press something.
- hint: one short, quiet tick.

Every counter has its own pitch (`Sounds.pitch_semitones`), so that two cashiers side by side know
theirs. Nothing begins or ends on a step of the wave: that would click.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from terminal_app.counter.effects import Tone

RATE_HZ: Final = 48_000
PEAK: Final = 0.89
"""Room for the loudspeaker's own overshoot: nothing is ever clipped."""
EDGE_S: Final = 0.006
"""Rise and fall of every note: shorter clicks, longer sounds late."""
QUIET: Final[Mapping[Tone, float]] = {Tone.HINT: 0.4, Tone.ASK: 0.7}
"""What only asks or hints is softer than an outcome."""

Wave = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Note:
    """A pitch held for a while. `decay_s`: after this it has fallen to a third; 0: it holds."""

    hertz: float
    seconds: float
    decay_s: float = 0.0
    gap_s: float = 0.0


NOTES: Final[Mapping[Tone, tuple[Note, ...]]] = {
    # E6, A6: a fourth up
    Tone.APPROVED: (Note(1318.5, 0.11, gap_s=0.015), Note(1760.0, 0.24, 0.12)),
    Tone.DECLINED: (Note(155.6, 0.17, gap_s=0.05), Note(155.6, 0.26)),
    # A5, E5, C5: down through a chord
    Tone.REVERSED: (
        Note(880.0, 0.16, gap_s=0.02), Note(659.3, 0.16, gap_s=0.02), Note(523.3, 0.38, 0.2),
    ),
    Tone.ASK: (Note(1046.5, 0.38, 0.14),),
    Tone.HINT: (Note(784.0, 0.07),),
}  # fmt: skip

# Shares of the harmonics, the fundamental first
_BELL: Final = (1.0, 0.25, 0.08)
_BUZZ: Final = (1.0, 0.8, 0.7, 0.6, 0.55, 0.5, 0.45, 0.4, 0.35, 0.3, 0.25, 0.2)


def wave(tone: Tone, pitch_semitones: int = 0, volume: float = 1.0) -> Wave:
    """Return a tone as samples in -1…1 at `RATE_HZ`, one channel.

    `pitch_semitones` moves all of it (-12…12); `volume` is 0…1.
    """
    partials = _BUZZ if tone is Tone.DECLINED else _BELL
    shift = 2.0 ** (pitch_semitones / 12)
    made = np.concatenate([_note(note, partials, shift) for note in NOTES[tone]])
    loudest = float(np.abs(made).max())
    scaled: Wave = made * (PEAK * volume * QUIET.get(tone, 1.0) / loudest)
    return scaled


def pcm(tone: Tone, pitch_semitones: int = 0, volume: float = 1.0) -> bytes:
    """Return a tone as signed 16-bit little-endian samples at `RATE_HZ`, one channel."""
    samples = np.rint(wave(tone, pitch_semitones, volume) * 32767)
    return samples.astype("<i2").tobytes()


def duration_s(tone: Tone) -> float:
    """How long a tone lasts; the pitch does not change it."""
    return sum(note.seconds + note.gap_s for note in NOTES[tone])


def _note(note: Note, partials: tuple[float, ...], shift: float) -> Wave:
    at_s = np.arange(round(note.seconds * RATE_HZ)) / RATE_HZ
    hertz = note.hertz * shift
    made = np.zeros_like(at_s)
    for number, share in enumerate(partials, 1):
        if number * hertz < RATE_HZ / 2:
            made += share * np.sin(2 * np.pi * number * hertz * at_s)
    if note.decay_s:
        made *= np.exp(-at_s / note.decay_s)
    made *= _edges(len(made))
    return np.concatenate([made, np.zeros(round(note.gap_s * RATE_HZ))])


def _edges(length: int) -> Wave:
    """Rise from nothing and fall to nothing, each along half a cosine."""
    steps = round(EDGE_S * RATE_HZ)
    rise = 0.5 - 0.5 * np.cos(np.linspace(0.0, np.pi, steps))
    shape = np.ones(length)
    shape[:steps] *= rise
    shape[-steps:] *= rise[::-1]
    return shape


Play = Callable[[Tone], None]
"""What plays a tone at once; a tone that still sounds gives way."""
