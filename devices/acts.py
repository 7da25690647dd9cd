"""Acts that a device tells twice: a sender that heard no answer sends the same one again."""

from collections import OrderedDict

from devices.ports import Event, TriggerPressed

REMEMBERED_MAX = 256
"""The numbers of so many acts are kept, the least recently told forgotten first."""
REPEATED_S = 60.0
"""Told again later than this it is another act: the sender began to count anew."""


class Acts:
    """The numbers of the latest acts of one device; a reopened device keeps them."""

    def __init__(self) -> None:
        self._told_at: OrderedDict[str, float] = OrderedDict()

    def is_new(self, event: Event) -> bool:
        """Whether this was not told yet; what has no number always is."""
        if not isinstance(event, TriggerPressed) or not event.action_id:
            return True
        told_at = self._told_at.pop(event.action_id, float("-inf"))
        self._told_at[event.action_id] = event.seen_at
        if len(self._told_at) > REMEMBERED_MAX:
            self._told_at.popitem(last=False)
        return event.seen_at - told_at > REPEATED_S
