"""How far a start has come: disk, clock, prices, readers, face; card and code are ready first.

Selling never waits for the face: a camera may take seconds to warm up, and the line does not.
"""

from collections.abc import Iterable

from devices.events import FACE
from devices.ports import DeviceHealth, HealthState
from domain.errors import Unavailable
from terminal_app.counter.parts import Memory, Parts, StageName, StageState, StageView

CLOCK_ASKS_AFTER_S = 24 * 3600.0
"""COUNTER §5: a clock nobody set for a day asks."""
DISK_PROBE = "disk_probe"
_READERS = {"card": ("card_reader",), "code": ("scanner", "camera")}


def stages_of(parts: Parts, memory: Memory) -> tuple[StageView, ...]:
    """Look at each stage; a small fact is written until the disk has taken one."""
    known = (one for one in memory.stages if one.name is StageName.DISK)
    disk = next((one for one in known if one.state is StageState.READY), None)
    return tuple(
        stage
        for stage in (
            disk or _stage(StageName.DISK, disk_code(parts)),
            _stage(StageName.CLOCK, clock_code(parts, memory)),
            _prices(parts),
            _readers(parts, memory),
            _face(parts, memory),
        )
        if stage is not None
    )


def disk_code(parts: Parts) -> str:
    """Why the disk takes nothing, "" when it does."""
    try:
        parts.store.put_meta(DISK_PROBE, parts.clock.now().timestamp())
    except Unavailable as unavailable:
        return unavailable.code
    return ""


def clock_code(parts: Parts, memory: Memory) -> str:
    """Why the clock has to be looked at, "" when it need not be or somebody did."""
    if memory.is_clock_accepted:
        return ""
    if parts.clock.is_behind(parts.journal.last_entry_at()):
        return "clock.behind"
    if parts.clock.unsynchronised_s() > CLOCK_ASKS_AFTER_S:
        return "clock.unsynchronised"
    return ""


def _stage(name: StageName, code: str) -> StageView:
    return StageView(name, StageState.FAILED if code else StageState.READY, code)


def _prices(parts: Parts) -> StageView:
    is_standing = parts.profile.amount.source == "standing"
    has_prices = bool(parts.replica.prices()) if is_standing else bool(parts.replica.operators())
    if has_prices:
        return StageView(StageName.PRICES, StageState.READY)
    return StageView(StageName.PRICES, StageState.WAITING, "prices.none" if is_standing else "")


def _readers(parts: Parts, memory: Memory) -> StageView | None:
    """Ready as soon as each of card and code has one device that is."""
    taken = [kinds for tender, kinds in _READERS.items() if tender in parts.profile.tenders]
    states = [_kinds(parts, memory, kinds) for kinds in taken]
    if not states:
        return None
    worst = next((state for state in states if state[0] is StageState.FAILED), None)
    worst = worst or next((state for state in states if state[0] is StageState.WAITING), None)
    return StageView(StageName.READERS, *(worst or (StageState.READY, "")))


def _face(parts: Parts, memory: Memory) -> StageView | None:
    if "face" not in parts.profile.tenders or parts.eyes is None:
        return None
    missing = memory.devices.get(FACE)
    if missing is not None and missing.state is HealthState.LOST:
        return StageView(StageName.FACE, StageState.FAILED, missing.error_code)
    state, code = _kinds(parts, memory, ("camera",))
    if state is StageState.READY and memory.gallery_mark is None:
        state = StageState.WAITING
    return StageView(StageName.FACE, state, code)


def _kinds(parts: Parts, memory: Memory, kinds: Iterable[str]) -> tuple[StageState, str]:
    wanted = [one.name for one in parts.profile.devices if one.kind in kinds]
    found = [memory.devices[name] for name in wanted if name in memory.devices]
    if any(one.state is HealthState.READY for one in found):
        return StageState.READY, ""
    lost: DeviceHealth | None = next((one for one in found if one.state is HealthState.LOST), None)
    if lost is not None and len(found) == len(wanted):
        return StageState.FAILED, lost.error_code or "devices.lost"
    return StageState.WAITING, ""
