"""What is sent, to whom, and what no merchant can make us do."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from server.open_api.addresses import allowed_networks
from server.open_api.post import ANSWER_LIMIT, Post
from tests.factories.clocks import StandingClock
from tests.factories.server_rows import NOW
from tests.integration.server.open_api.receiver import Receiver, receiver

LOOPBACK = allowed_networks("127.0.0.0/8, ::1")


@pytest.fixture
def merchant() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


@pytest.fixture
def post() -> Post:
    return Post(StandingClock(NOW), LOOPBACK)


def test_the_bytes_and_headers_come_as_they_are(merchant: Receiver, post: Post) -> None:
    said = post.send(merchant.url, {"webhook-id": "1"}, b'{"a": 1}')
    assert (said.status, said.is_taken, said.answer) == (200, True, b"thank you")
    [heard] = merchant.heard
    assert (heard.path, heard.body, heard.headers["webhook-id"]) == ("/in", b'{"a": 1}', "1")


def test_a_redirect_is_an_answer_and_is_not_followed(merchant: Receiver, post: Post) -> None:
    merchant.status, merchant.headers = 302, {"location": merchant.url + "/elsewhere"}
    said = post.send(merchant.url, {}, b"{}")
    assert (said.status, said.why, said.is_taken) == (302, "webhooks.refused", False)
    assert len(merchant.heard) == 1


def test_an_endless_answer_is_cut(merchant: Receiver, post: Post) -> None:
    merchant.answer = b"x" * (ANSWER_LIMIT * 50)
    assert len(post.send(merchant.url, {}, b"{}").answer) == ANSWER_LIMIT


def test_a_private_address_is_not_even_called(merchant: Receiver) -> None:
    said = Post(StandingClock(NOW)).send(merchant.url, {}, b"{}")
    assert (said.status, said.why) == (0, "webhooks.private_address")
    assert merchant.heard == []


def test_nobody_there_is_said(post: Post) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
    assert post.send(url, {}, b"{}").why == "webhooks.unreachable"


def test_a_certificate_of_somebody_else_is_not_taken(merchant: Receiver, post: Post) -> None:
    """A plain listener speaks no TLS at all: the handshake fails and nothing is sent."""
    said = post.send(merchant.url.replace("http://", "https://"), {}, b"secret")
    assert (said.status, said.why) == (0, "webhooks.unreachable")
    assert merchant.heard == []


class Hurrying(StandingClock):
    """Each look at the clock takes three seconds."""

    def monotonic(self) -> float:
        self.move(seconds=3)
        return self.monotonic_s


def test_drop_by_drop_does_not_last_longer_than_the_whole() -> None:
    """A header that never ends: each byte comes in time, all of them do not."""
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _ = listener.accept()
        with connection:
            try:
                connection.sendall(b"HTTP/1.1 200 OK\r\nx: ")
                while True:
                    connection.sendall(b"x")
            except OSError:
                return

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        said = Post(Hurrying(NOW), LOOPBACK).send(url, {}, b"{}")
        assert (said.status, said.why) == (0, "webhooks.timed_out")
    finally:
        thread.join()
        listener.close()
