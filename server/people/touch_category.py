"""A change of a category is a change of everybody in it."""

from django.db import transaction

from server.people.feed_marks import touch_people
from server.people.models import Category, Person

CHUNK = 500
"""People touched per transaction, so that no counter waits long for a lock (MONEY §4)."""


def touch_category(category: Category) -> int:
    """Send everybody of `category` down the feed again; returns how many."""
    people = Person.objects.filter(organisation_id=category.organisation_id, category=category)
    ids = list(people.order_by("id").values_list("id", flat=True))
    for start in range(0, len(ids), CHUNK):
        with transaction.atomic():
            touch_people(list(people.filter(id__in=ids[start : start + CHUNK])))
    return len(ids)
