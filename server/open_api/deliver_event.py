"""Deliver what is due to a merchant's address: try, keep the try, come again, at last give up.

A try is kept whatever came of it. What is delivered twice (a worker died between the answer and
its commit) has the same id, by which the merchant knows it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from django.db import transaction
from django.db.models import F

from server.fresh import fresh_id
from server.open_api.models import Endpoint, Event, EventState, Try
from server.open_api.post import Posted
from server.open_api.signing import headers_of, unsealed
from server.runtime import Secrets
from server.work.handlers import Claimed, Unanswered

BACKOFF: Final = tuple(
    timedelta(seconds=s) for s in (15, 60, 300, 900, 3_600, 10_800, 21_600, 43_200, 86_400)
)
"""After each failed try; after the last one, nearly two days old, the event is given up."""


class Posts(Protocol):
    """What sends (`server.open_api.post.Post`)."""

    def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Posted:
        """Send it; raises nothing."""


@dataclass(frozen=True, slots=True)
class Courier:
    """The handler of `open_api.deliver`."""

    post: Posts
    secrets: Secrets
    random: Callable[[int], bytes]

    def deliver(self, due: Claimed, now: datetime) -> datetime | None | Unanswered:
        """Try once; return when to come again."""
        event = Event.objects.filter(organisation=due.organisation_id, id=due.subject_id).first()
        if event is None or event.state != EventState.WAITING:
            return None
        endpoint = Endpoint.objects.filter(
            organisation_id=event.organisation, id=event.endpoint
        ).first()
        url = endpoint.url if endpoint is not None and endpoint.is_enabled else ""
        said = self._send(endpoint, event, now) if endpoint and url else OFF
        state, again_at = self._judge(event, said, now)
        self._keep(event, said, url, state, now)
        return Unanswered(again_at) if again_at is not None else None

    def _send(self, endpoint: Endpoint, event: Event, now: datetime) -> Posted:
        place = (endpoint.organisation_id, endpoint.id)
        try:
            secret = unsealed(endpoint.sealed_secret, *place, self.secrets)
        except ValueError:
            return Posted(0, "webhooks.bad_secret")
        body = bytes(event.body)
        headers = headers_of(secret, event.id, int(now.timestamp()), body)
        return self.post.send(endpoint.url, headers, body)

    def _judge(
        self, event: Event, said: Posted, now: datetime
    ) -> tuple[EventState, datetime | None]:
        if said.is_taken:
            return EventState.DELIVERED, None
        if said is OFF or event.tries >= len(BACKOFF):
            return EventState.GIVEN_UP, None
        return EventState.WAITING, now + BACKOFF[event.tries]

    def _keep(self, event: Event, said: Posted, url: str, state: EventState, now: datetime) -> None:
        with transaction.atomic():
            Try.objects.create(
                id=fresh_id(now, self.random), organisation=event.organisation, event=event.id,
                at=now, url=url, status=said.status, why=said.why, answer=said.answer,
                took_ms=said.took_ms,
            )  # fmt: skip
            settled_at = None if state == EventState.WAITING else now
            Event.objects.filter(organisation=event.organisation, id=event.id).update(
                state=state, tries=F("tries") + 1, settled_at=settled_at
            )


OFF: Final = Posted(0, "webhooks.switched_off")
