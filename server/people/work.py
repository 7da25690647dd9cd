"""Due work of people: confirmed lists are finished, and whoever leaves leaves on their day."""

from domain.ids import RandomBytes
from server.people import bulk_change, import_cards, import_people, move_classes


def register_work(random: RandomBytes) -> None:
    """Register what this app does when it is due."""
    import_people.register_import()
    import_cards.register_import()
    move_classes.register_moves()
    bulk_change.register_work(random)
