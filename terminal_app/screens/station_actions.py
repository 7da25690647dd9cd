"""What fingers and keys do at the enrolment desk: every call from QML becomes one event.

The strokes of a signature become a PNG here: black on white, cropped to what was drawn, no larger
than evidence needs.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final
from uuid import UUID

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from terminal_app.enrolment import machine as m
from terminal_app.enrolment.machine import Event, Giver

PNG_WIDTH: Final = 640
PEN: Final = 5.0
MARGIN: Final = 16.0
INK_MIN: Final = 60.0
"""Dots of line: a tap on the glass is no signature."""

Post = Callable[[Event], None]
Stroke = Sequence[float]


def ink_length(strokes: Sequence[Stroke]) -> float:
    """How long the line is, in dots; a stroke is x, y, x, y, …"""
    length = 0.0
    for stroke in strokes:
        points = _points(stroke)
        for before, after in zip(points, points[1:], strict=False):
            length += float(((after - before).x() ** 2 + (after - before).y() ** 2) ** 0.5)
    return length


def signature_png(strokes: Sequence[Stroke]) -> bytes:
    """Paint strokes into a PNG; b"" when there is too little ink to be a signature."""
    if ink_length(strokes) < INK_MIN:
        return b""
    drawn = [QPolygonF(_points(stroke)) for stroke in strokes if len(stroke) >= 2]
    box = QRectF()
    for line in drawn:
        box = box.united(line.boundingRect().adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN))
    scale = min(1.0, PNG_WIDTH / box.width())
    image = QImage(
        max(1, round(box.width() * scale)), max(1, round(box.height() * scale)),
        QImage.Format.Format_Grayscale8,
    )  # fmt: skip
    image.fill(QColor("white"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(scale, scale)
    painter.translate(-box.topLeft())
    painter.setPen(
        QPen(QColor("black"), PEN, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap,
             Qt.PenJoinStyle.RoundJoin)
    )  # fmt: skip
    for line in drawn:
        painter.drawPolyline(line)
    painter.end()
    return _png(image)


def _points(stroke: Stroke) -> list[QPointF]:
    return [QPointF(x, y) for x, y in zip(stroke[::2], stroke[1::2], strict=False)]


def _png(image: QImage) -> bytes:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(data.data())


class StationActions(QObject):
    """`view.act` in QML. `post` is the desk's."""

    def __init__(self, post: Post, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._post = post

    @Slot(str)
    def signIn(self, pin: str) -> None:
        """A clerk's PIN."""
        self._post(m.PinTyped(pin))

    @Slot(str)
    def newPin(self, pin: str) -> None:
        """First use: their own PIN."""
        self._post(m.NewPinTyped(pin))

    @Slot()
    def lock(self) -> None:
        """The clerk leaves."""
        self._post(m.LockPressed())

    @Slot(str)
    def group(self, group: str) -> None:
        """A class."""
        self._post(m.GroupChosen(group))

    @Slot(str)
    def number(self, number: str) -> None:
        """Somebody by number."""
        self._post(m.NumberTyped(number))

    @Slot(str)
    def person(self, key: str) -> None:
        """One of the list."""
        self._post(m.PersonChosen(UUID(key)))

    @Slot()
    def enrol(self) -> None:
        """Ask for the consent, or take the face."""
        self._post(m.EnrolPressed())

    @Slot()
    def refuse(self) -> None:
        """They say no."""
        self._post(m.RefusePressed())

    @Slot()
    def withdraw(self) -> None:
        """They take it back."""
        self._post(m.WithdrawPressed())

    @Slot()
    def confirm(self) -> None:
        """Yes, agreed, again, or the next."""
        self._post(m.ConfirmPressed())

    @Slot()
    def back(self) -> None:
        """One page back."""
        self._post(m.BackPressed())

    @Slot(str)
    def chooseLanguage(self, language: str) -> None:
        """The person reads this language."""
        self._post(m.LanguageChosen("en" if language == "en" else "zh"))

    @Slot("QVariantMap")
    def giver(self, said: dict[str, Any]) -> None:
        """Who agrees."""
        is_guardian = bool(said.get("isGuardian"))
        self._post(
            m.GiverSaid(
                Giver(
                    given_by="guardian" if is_guardian else "self",
                    name=str(said.get("name", "")).strip(),
                    relation=str(said.get("relation", "")) if is_guardian else "",
                    is_under_14=bool(said.get("isUnder14")),
                    keeps_photo=bool(said.get("keepsPhoto")),
                    by_code=is_guardian and bool(said.get("byCode")),
                )
            )
        )

    @Slot(str, str)
    def twin(self, answer: str, number: str) -> None:
        """A twin or sibling on site."""
        self._post(m.TwinSaid(answer, number))

    @Slot("QVariantList")
    def sign(self, strokes: list[list[float]]) -> None:
        """The strokes, as they were drawn."""
        self._post(m.Signed(signature_png(strokes)))

    @Slot(str)
    def code(self, code: str) -> None:
        """The guardian's code."""
        self._post(m.CodeTyped(code.strip()))
