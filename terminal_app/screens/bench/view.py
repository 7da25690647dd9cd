"""What the bench shows, as one frozen value: codes, names and amounts in fen, never sentences."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose phone, card and face the bench plays now."""

    name: str = ""
    number: str = ""
    category: str = ""
    pin: str = field(default="", repr=False)
    balance_amount: int = 0
    has_face: bool = False


@dataclass(frozen=True, slots=True)
class MoneyLine:
    """ "Counter says … / books say …". `standing` is "agree", "waiting", "open" or "differ"."""

    counter_amount: int = 0
    books_amount: int = 0
    standing: str = "agree"
    waiting_count: int = 0
    differing_count: int = 0


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of what happened: `word` is a bench word or a dotted code, `amount` its blank."""

    number: int
    clock: str
    word: str
    kind: str = "calm"
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class WebcamView:
    """The way with one's own face. `stage` is "", "consent", "opening", "posing", "sending", "on"
    or "failed"; `hint` is a dotted code.

    `frame` is never here: the bench shows an outline of nobody, only how far the poses are.
    """

    stage: str = ""
    hint: str = ""
    title: str = ""
    points: tuple[str, ...] = ()
    agree: str = ""
    done: int = 0
    steps: int = 0


@dataclass(frozen=True, slots=True)
class BenchView:
    """Everything. `stage` is "opening", "ready" or "failed" (`trouble` says why).

    `guide` is the step of the guided start, 1 to `GUIDE_STEPS`; one more is its last word, and 0
    none. `note` is the word that says what to expect of the last press.
    """

    stage: str = "opening"
    doing: str = "doingFill"
    trouble: str = ""
    is_power_on: bool = False
    is_up: bool = False
    is_network_cut: bool = False
    is_reader_out: bool = False
    is_paper_out: bool = False
    is_card_lying: bool = False
    is_standing: bool = False
    holder: Holder = Holder()
    money: MoneyLine = MoneyLine()
    guide: int = 0
    note: str = ""
    happened: tuple[Happening, ...] = ()
    receipts: int = 0
    cashier_pin: str = field(default="", repr=False)
    supervisor_pin: str = field(default="", repr=False)
    webcam: WebcamView = WebcamView()


GUIDE_STEPS = 4
