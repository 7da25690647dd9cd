"""Due work of people: confirmed lists are finished, and whoever leaves leaves on their day."""

from domain.ids import RandomBytes
from server.people import bulk_change
from server.people.import_people import register_import


def register_work(random: RandomBytes) -> None:
    """Register what this app does when it is due."""
    register_import()
    bulk_change.register_work(random)
