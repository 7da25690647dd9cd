"""Plays the tones. A counter without sound goes on selling: it says so in its device chips.

Qt's multimedia is loaded only when sound is wanted, and a machine that lacks its libraries is one
without sound, not one without a counter. Output that is plugged in later is found.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QLoggingCategory, QObject

from devices.ports import DeviceHealth, HealthState
from kiosk_profiles.schema import Sounds
from terminal_app.counter.effects import Tone
from terminal_app.counter.view import CounterView
from terminal_app.screens.tones import RATE_HZ, pcm

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QAudioDevice, QAudioSink

NAME: Final = "speaker"
KIND: Final = "speaker"
# Qt tells at length which optional libraries it did not find
_QUIET: Final = "qt.multimedia.*=false"

Report = Callable[[DeviceHealth], None]
FindOutput = Callable[[], "QAudioDevice"]


class Speaker(QObject):
    """One loudspeaker, in the thread that made it. `hear` gets every view and plays each tone once.

    `report` gets the health of the sound like that of any device. `find` names the output to use;
    by default the machine's own.
    """

    def __init__(
        self,
        sounds: Sounds,
        report: Report,
        monotonic: Callable[[], float],
        find: FindOutput | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._sounds = sounds
        self._report = report
        self._monotonic = monotonic
        self._find = find
        self._watching: QObject | None = None
        self._sink: QAudioSink | None = None
        self._buffer = QBuffer(self)
        self._played: int | None = None
        self._told: HealthState | None = None
        self._bytes = {
            tone: QByteArray(pcm(tone, sounds.pitch_semitones, sounds.volume)) for tone in Tone
        }
        if sounds.enabled:
            self._begin()

    def hear(self, view: CounterView) -> None:
        """Play what a view brings that the last one had not; the first view only sets the mark."""
        is_first, is_new = self._played is None, view.tone_number != self._played
        self._played = view.tone_number
        if is_new and not is_first and view.tone is not None:
            self.play(view.tone)

    def play(self, tone: Tone) -> None:
        """Play a tone now; one that still sounds gives way. Without sound, nothing."""
        if self._sink is None:
            return
        self._sink.stop()
        self._buffer.close()
        self._buffer.setData(self._bytes[tone])
        self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        self._sink.start(self._buffer)

    @property
    def is_ready(self) -> bool:
        """Whether there is something that sounds."""
        return self._sink is not None

    # --- the output -----------------------------------------------------------------------

    def _begin(self) -> None:
        QLoggingCategory.setFilterRules(_QUIET)
        try:
            from PySide6.QtMultimedia import QMediaDevices
        except ImportError as missing:
            self._tell(HealthState.LOST, str(missing))
            return
        if self._find is None:
            devices = QMediaDevices(self)
            devices.audioOutputsChanged.connect(self._look)
            self._watching, self._find = devices, QMediaDevices.defaultAudioOutput
        self._look()

    def _look(self) -> None:
        """Take the present output, or say that there is none."""
        assert self._find is not None
        output = self._find()
        self._let_go()
        if output.isNull():
            self._tell(HealthState.LOST)
            return
        self._sink = self._made(output)
        self._tell(HealthState.READY)

    def _made(self, output: "QAudioDevice") -> "QAudioSink":
        from PySide6.QtMultimedia import QAudioFormat, QAudioSink

        shape = QAudioFormat()
        shape.setSampleRate(RATE_HZ)
        shape.setChannelCount(1)
        shape.setSampleFormat(QAudioFormat.SampleFormat.Int16)
        sink = QAudioSink(output, shape, self)
        sink.stateChanged.connect(self._changed)
        return sink

    def _changed(self, _state: Any) -> None:
        from PySide6.QtMultimedia import QtAudio

        if self._sink is not None and self._sink.error() in (
            QtAudio.Error.OpenError,
            QtAudio.Error.IOError,
            QtAudio.Error.FatalError,
        ):
            word = self._sink.error().name
            self._let_go()
            self._tell(HealthState.LOST, word)

    def _let_go(self) -> None:
        sink, self._sink = self._sink, None
        if sink is not None:
            sink.stop()
            sink.deleteLater()

    def _tell(self, state: HealthState, detail: str = "") -> None:
        if state is self._told:
            return
        self._told = state
        code = "" if state is HealthState.READY else "devices.no_sound"
        self._report(DeviceHealth(NAME, KIND, state, self._monotonic(), code, detail))
