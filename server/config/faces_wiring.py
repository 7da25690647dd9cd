"""What enrolment desks need of apps that biometrics may not know, in one place."""

from server.biometrics.desk import Desks
from server.console.face_sites import SiteRoster, is_desk, read_counters, read_missed
from server.fleet.data_keys import read_data_key
from server.http import TerminalIdentity
from server.runtime import Secrets

__all__ = ["SiteRoster", "desks", "is_desk", "read_counters", "read_missed"]


def desks(secrets: Secrets) -> Desks:
    """Return what enrolment desks need of people, terminals and payments."""

    def data_key_of(terminal: TerminalIdentity) -> tuple[str, bytes] | None:
        return read_data_key(terminal.organisation_id, terminal.terminal_id, secrets)

    return Desks(
        roster=SiteRoster(),
        is_desk=is_desk,
        read_data_key=data_key_of,
        read_counters=read_counters,
        read_missed=read_missed,
    )
