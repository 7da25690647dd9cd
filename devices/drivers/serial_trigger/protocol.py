"""What a sensor's line says, by a pattern that is data: one sensor's words are no class. Pure."""

import re
from dataclasses import dataclass

from devices.ports import DeviceSettings

FIELDS = ("says", "answer")
ANY_LINE = r".+"
LINE_MAX = 256
"""A longer line is noise: no sensor says so much."""


@dataclass(frozen=True, slots=True)
class Words:
    """How a sensor says that it was set off, and what it waits to hear.

    `says` matches a whole line; its group `id`, if it has one, is the number of the act. `answer`
    is sent after each line that matched, `{id}` in it being that number: "" sends nothing.
    """

    says: re.Pattern[str]
    answer: str = ""

    @classmethod
    def of(cls, settings: DeviceSettings) -> "Words":
        """Read the settings of a profile entry; ValueError says what is wrong."""
        try:
            says = re.compile(str(settings.get("says", ANY_LINE)))
        except re.error as error:
            raise ValueError(f"says: no regular expression: {error}") from error
        answer = str(settings.get("answer", ""))
        if "{id}" in answer and "id" not in says.groupindex:
            raise ValueError("answer: {id} needs a group (?P<id>…) in says")
        if not answer.isascii():
            raise ValueError("answer: ASCII only")
        return cls(says, answer)

    def read(self, frame: bytes) -> tuple[str, bytes] | None:
        """The number of the act ("" without one) and the answer's bytes; None: says nothing."""
        if len(frame) > LINE_MAX:
            return None
        found = self.says.fullmatch(frame.decode("ascii", errors="replace").strip())
        if found is None:
            return None
        number = found.groupdict().get("id") or ""
        answer = self.answer.replace("{id}", number) if self.answer else ""
        return number, answer.encode("ascii", errors="replace") + b"\r\n" if answer else b""
