"""The error roots: chosen by what the caller does next.

An *outcome* is an ordinary value and lives beside the function that returns it. The three roots
here are raised:

- ``Refused``: an anticipated rule says no; asking again changes nothing.
- ``Unavailable``: nothing was decided and nothing stored; asking again later is right.
- ``Defect``: our own mistake. Never caught to go on, only to report.

Each dotted code has its two sentences for people in ``domain.messages``.
"""

SafeValue = str | int | bool | None


class Refused(Exception):
    """A rule refuses, under a stable dotted code.

    ``data`` fills the blanks of the sentence for people: never put secrets, card numbers,
    authorisation codes or face data in it, because it reaches logs and screens.
    """

    def __init__(self, code: str, **data: SafeValue) -> None:
        super().__init__(code, data)
        self.code = code
        self.data = data

    def __str__(self) -> str:
        return _readable(self.code, self.data)


class Unavailable(Exception):
    """Nothing was decided or stored; the same request may be sent again.

    ``retry_after_ms`` is the least delay before asking again, ``None`` when unknown.
    """

    def __init__(self, code: str, retry_after_ms: int | None = None, **data: SafeValue) -> None:
        super().__init__(code, retry_after_ms, data)
        self.code = code
        self.retry_after_ms = retry_after_ms
        self.data = data

    def __str__(self) -> str:
        return _readable(self.code, self.data)


class Defect(AssertionError):
    """Something that cannot happen has happened: a mistake of ours, never a user's."""


def _readable(code: str, data: dict[str, SafeValue]) -> str:
    blanks = ", ".join(f"{name}={value!r}" for name, value in sorted(data.items()))
    return f"{code} ({blanks})" if blanks else code
