"""Which organisation a page about all of its people works on."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from domain.errors import Refused
from server.console.roles import Reach
from server.organisations.models import Organisation
from server.spreadsheets import MAX_FILE


def organisation_within(reach: Reach, organisation_id: UUID | None = None) -> Organisation:
    """Return the organisation that the reader reaches as a whole: the one named, or the first.

    A list speaks of people by number, wherever they eat: a role for one site is not enough.
    Raises `PermissionDenied`.
    """
    rows = reach.of(Organisation.objects.all(), organisation="pk")
    if organisation_id is not None:
        rows = rows.filter(pk=organisation_id)
    found = rows.order_by("created_at").first()
    if found is None:
        raise PermissionDenied
    return found


def uploaded(request: HttpRequest, name: str = "list") -> tuple[bytes, str]:
    """Return the uploaded file's bytes and name; raises `Refused("lists.…")` without one."""
    file = request.FILES.get(name)
    if file is None or isinstance(file, list):
        raise Refused("lists.empty")
    # One byte past the limit is enough to refuse it
    return file.read(MAX_FILE + 1), (file.name or "")[:200]
