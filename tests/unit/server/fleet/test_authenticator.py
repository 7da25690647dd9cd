"""Who signed is read together: once a second for all terminals that ask, and never older."""

import asyncio
from base64 import b64encode
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.errors import Refused
from server.fleet.authenticate import KEPT_LIMIT, Authenticator, Place
from server.http import Request, TerminalIdentity
from sync import signing
from tests.factories.clocks import NOON
from tests.factories.ledger import an_id

KEY = signing.TerminalKey(b"\x01" * 32, "k")


def identity(terminal_id: UUID, state: str = "active") -> TerminalIdentity:
    place = (an_id(), an_id(), an_id(), an_id())
    return TerminalIdentity(terminal_id, *place, 1, "k", KEY.public_key, state, "一号机")


class Register:
    """The terminals on file, and what was read of them."""

    def __init__(self, *terminals: UUID) -> None:
        self.on_file: dict[Place, TerminalIdentity] = {(id, "k"): identity(id) for id in terminals}
        self.reads: list[set[Place]] = []
        self.is_gone = False

    async def read(self, work: Callable[..., Any], places: Collection[Place]) -> Any:
        self.reads.append(set(places))
        loop = asyncio.get_running_loop()
        turn = loop.create_future()
        loop.call_soon(turn.set_result, None)  # others have their turn, as while a thread reads
        await turn
        if self.is_gone:
            raise OSError("the database is gone")
        return {place: self.on_file.get(place) for place in places}


def signed(terminal_id: UUID, now: datetime = NOON) -> Request:
    time_ms = int(now.timestamp() * 1000)
    signature = KEY.sign(signing.request_bytes("POST", "/v1/echo", time_ms, b"{}"))
    headers = {
        signing.TERMINAL_HEADER: str(terminal_id),
        signing.KEY_HEADER: "k",
        signing.TIME_HEADER: str(time_ms),
        signing.SIGNATURE_HEADER: b64encode(signature).decode(),
    }
    return Request("POST", "/v1/echo", {}, headers, b"{}")


async def ask(authenticator: Authenticator, terminals: Collection[UUID], now: datetime) -> None:
    asking = (authenticator.authenticate(signed(id, now), now) for id in terminals)
    for id, found in zip(terminals, await asyncio.gather(*asking), strict=True):
        assert found.terminal_id == id


def test_terminals_that_asked_within_a_second_are_read_again_together() -> None:
    terminals = [an_id() for _ in range(5)]
    register = Register(*terminals)

    async def play() -> None:
        authenticator = Authenticator(register.read)
        for id in terminals:
            await ask(authenticator, [id], NOON)
        await ask(authenticator, terminals * 3, NOON + timedelta(seconds=1))
        assert len(register.reads) == 5
        await ask(authenticator, terminals[:2], NOON + timedelta(seconds=1.5))
        assert register.reads[5:] == [{(id, "k") for id in terminals}]
        await ask(authenticator, terminals[:1], NOON + timedelta(seconds=3))

    asyncio.run(play())
    assert register.reads[6:] == [{(id, "k") for id in terminals[:2]}]


def test_a_revoked_key_is_refused_when_the_second_is_over() -> None:
    terminal = an_id()
    register = Register(terminal)

    async def play() -> None:
        authenticator = Authenticator(register.read)
        await ask(authenticator, [terminal], NOON)
        register.on_file[(terminal, "k")] = identity(terminal, "revoked")
        with pytest.raises(Refused, match=r"terminals\.revoked"):
            await ask(authenticator, [terminal], NOON + timedelta(seconds=1.1))

    asyncio.run(play())


def test_a_read_that_fails_fails_its_askers_only() -> None:
    terminals = [an_id() for _ in range(3)]
    register = Register(*terminals)

    async def play() -> None:
        authenticator = Authenticator(register.read)
        register.is_gone = True
        with pytest.raises(OSError, match="gone"):
            await ask(authenticator, terminals, NOON)
        register.is_gone = False
        await ask(authenticator, terminals, NOON)

    asyncio.run(play())


def test_a_crowd_of_strangers_is_forgotten_and_shuts_nobody_out() -> None:
    terminal = an_id()
    register = Register(terminal)

    async def play() -> None:
        authenticator = Authenticator(register.read)
        strangers = [an_id() for _ in range(KEPT_LIMIT + 10)]
        asking = (authenticator.authenticate(signed(id), NOON) for id in strangers)
        refused = await asyncio.gather(*asking, return_exceptions=True)
        assert {str(error) for error in refused} == {"envelopes.bad_signature"}
        await ask(authenticator, [terminal], NOON)
        await ask(authenticator, [terminal], NOON)

    asyncio.run(play())
    assert len(register.reads) < 5
