"""What a kiosk profile may say: one typed table per concern, every number with its default.

The defaults are the starting values of the counter's rules (P1–P12 are its presence rules): they
are configuration, to be measured on recorded tracks, never constants in code. Amounts are integer
fen, durations carry their unit in the name, ratios are fractions of the frame. A profile holds no
secret and nothing about a person.

Read one with `kiosk_profiles.load.load`; unknown fields and values out of range are refused there.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

Language = Literal["zh", "en"]
Tender = Literal["card", "code", "face", "number", "cash", "on_account"]
DeviceKind = Literal[
    "scanner", "card_reader", "camera", "printer", "scale", "drawer", "keypad", "trigger"
]
SecondFactor = Literal["pin", "last_digits", "card"]
CashRole = Literal["cashier", "supervisor"]
WhenShort = Literal["decline", "overdraw", "on_account"]

Fen = Annotated[int, Meta(ge=0, le=100_000_000)]
Milliseconds = Annotated[int, Meta(ge=0, le=600_000)]
Seconds = Annotated[int, Meta(ge=0, le=86_400)]
Count = Annotated[int, Meta(ge=0, le=100_000)]
Ratio = Annotated[float, Meta(ge=0.0, le=1.0)]
Degrees = Annotated[float, Meta(ge=0.0, le=90.0)]
Name = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,39}$")]


class Table(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of a profile: immutable, named fields only, nothing unknown."""


class Title(Table, frozen=True):
    """What the profile is called, for people."""

    zh: str
    en: str


class Amount(Table, frozen=True):
    """Where the amount comes from. `standing`: a posted price; `keyed`: keypad, menu or scale."""

    source: Literal["standing", "keyed"] = "keyed"
    ask_above_amount: Fen = 10_000
    """A keyed sum above this needs a second Enter."""
    limit_amount: Fen = 1_000_000
    """The largest single sale this counter takes."""


class Face(Table, frozen=True):
    """How a face may pay, if at all."""

    mode: Literal["off", "confirm", "auto"] = "off"
    confirm_by: Literal["cashier", "diner", "either"] = "cashier"
    auto_lane: bool = False
    """Allows `auto` for a standing price in a lane without a trigger: by name, on purpose."""
    match_distance_max: Ratio = 0.45
    match_margin_min: Ratio = 0.06
    """The nearest other person must be this much farther away than the match."""
    auto_limit_amount: Fen = 5_000
    """Above this a face alone is not enough: a second factor is asked."""


class Presence(Table, frozen=True):
    """P1–P12: who is at the counter, and whether they mean it."""

    # P1
    zone_face_height_min: Ratio = 0.22
    zone_centre_width: Ratio = 0.60
    yaw_max_deg: Degrees = 25.0
    pitch_max_deg: Degrees = 25.0
    # P2
    rival_face_ratio: Ratio = 0.75
    # P3
    frame_age_max_ms: Milliseconds = 250
    # P4
    identity_frames_min: Annotated[int, Meta(ge=1, le=30)] = 3
    identity_span_min_ms: Milliseconds = 120
    # P5
    still_ms: Milliseconds = 700
    still_drift_max: Ratio = 0.05
    still_size_change_max: Ratio = 0.10
    # P6
    face_clear_ms: Milliseconds = 1_000
    card_clear_ms: Milliseconds = 1_000
    code_clear_ms: Milliseconds = 2_000
    # P7
    plus_one_within_ms: Milliseconds = 10_000
    # P11
    amount_shown_min_ms: Milliseconds = 300
    # P12
    auto_needs_posted_price: bool = True


class Timing(Table, frozen=True):
    """Every time-out and limit of the counter's states; each wait has a stated end."""

    keyed_idle_s: Seconds = 30
    candidate_max_ms: Milliseconds = 1_500
    confirm_max_s: Seconds = 8
    track_lost_ms: Milliseconds = 2_000
    second_factor_max_s: Seconds = 15
    second_factor_wrong_max: Annotated[int, Meta(ge=1, le=5)] = 2
    wallet_budget_ms: Milliseconds = 800
    spinner_after_ms: Milliseconds = 300
    awaiting_max_s: Seconds = 45
    parked_max: Annotated[int, Meta(ge=0, le=10)] = 2
    approved_min_ms: Milliseconds = 800
    diner_undo_s: Seconds = 5
    cashier_undo_s: Seconds = 60
    cancelling_max_s: Seconds = 15
    reversed_ms: Milliseconds = 1_500
    still_there_ms: Milliseconds = 4_000
    retry_other_credential_s: Seconds = 15


class Caps(Table, frozen=True):
    """Offline caps until the server's policy has arrived; the stricter of the two holds."""

    payment_amount: Fen = 5_000
    person_amount: Fen = 20_000
    person_count: Count = 10
    terminal_amount: Fen = 2_000_000
    terminal_count: Count = 2_000
    snapshot_age_max_s: Annotated[int, Meta(ge=0, le=30 * 86_400)] = 3 * 86_400
    extension_amount: Fen = 500_000
    """What one supervisor's PIN adds, once, when the terminal's cap is reached."""
    warn_left_percent: Annotated[int, Meta(ge=0, le=100)] = 20
    by_number_per_day: Count = 3
    """Sales per person and day by number with the operator's word instead of the PIN."""


class Undo(Table, frozen=True):
    """Who may take back what."""

    strip_length: Annotated[int, Meta(ge=1, le=20)] = 5
    supervisor_above_amount: Fen = 20_000
    """Above this an undo needs a supervisor; 0: every undo does."""


class TopUps(Table, frozen=True):
    """Who may take cash for a wallet, at a counter that takes cash: by role; nobody: `[]`."""

    roles: tuple[CashRole, ...] = ("cashier", "supervisor")


class People(Table, frozen=True):
    """What differs between categories of people; `default` holds for those not named."""

    second_factor_default: SecondFactor = "pin"
    second_factor: dict[str, SecondFactor] = field(default_factory=dict)
    when_short_default: WhenShort = "decline"
    when_short: dict[str, WhenShort] = field(default_factory=dict)
    show_balance: bool = True
    hide_balance_for: tuple[str, ...] = ()

    def second_factor_of(self, category: str) -> SecondFactor:
        """Return how a person of `category` proves to be themselves."""
        return self.second_factor.get(category, self.second_factor_default)

    def when_short_of(self, category: str) -> WhenShort:
        """Return what happens when a wallet of `category` cannot carry the meal."""
        return self.when_short.get(category, self.when_short_default)


class Sounds(Table, frozen=True):
    """One tone per outcome, pitched per counter so that neighbours can tell theirs."""

    enabled: bool = True
    volume: Ratio = 0.7
    pitch_semitones: Annotated[int, Meta(ge=-12, le=12)] = 0


class Receipts(Table, frozen=True):
    """When paper is printed; never in the path of a payment."""

    when: Literal["never", "on_request", "always"] = "on_request"
    width_dots: Literal[384, 576] = 576


class Screens(Table, frozen=True):
    """Which window goes where: a screen's name (HDMI-1), serial number or model; "" finds one."""

    layout: Literal["two", "cashier", "shared"] = "two"
    """`two`: a window each; `cashier`: no diner's screen; `shared`: one upright screen for both."""
    cashier: str = ""
    diner: str = ""
    large_print: bool = False
    high_contrast: bool = False


class Device(Table, frozen=True):
    """One device: `kind` is the port, `driver` a name in the registry, `settings` the driver's."""

    name: Name
    kind: DeviceKind
    driver: Name
    settings: dict[str, Any] = field(default_factory=dict)


class Profile(Table, frozen=True):
    """A kiosk profile: everything that makes one counter unlike another."""

    name: Name
    title: Title
    version: Literal[1] = 1
    purpose: Literal["sale", "enrolment"] = "sale"
    language: Language = "zh"
    attended: bool = True
    """False: nobody is behind it: never a face alone, and a start cancels open intents."""
    tenders: tuple[Tender, ...] = ("card", "code")
    amount: Amount = field(default_factory=Amount)
    face: Face = field(default_factory=Face)
    presence: Presence = field(default_factory=Presence)
    timing: Timing = field(default_factory=Timing)
    caps: Caps = field(default_factory=Caps)
    undo: Undo = field(default_factory=Undo)
    top_ups: TopUps = field(default_factory=TopUps)
    people: People = field(default_factory=People)
    sounds: Sounds = field(default_factory=Sounds)
    receipts: Receipts = field(default_factory=Receipts)
    screens: Screens = field(default_factory=Screens)
    devices: tuple[Device, ...] = ()

    def devices_of(self, kind: DeviceKind) -> tuple[Device, ...]:
        """Return the profile's devices of one kind, in the order written."""
        return tuple(device for device in self.devices if device.kind == kind)
