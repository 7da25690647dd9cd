"""The network between counter and server: a relay on loopback that can be cut and mended.

Cut, it refuses new connections and drops those there are, as a pulled plug does; the server itself
goes on, so its books can still be read.
"""

import contextlib
import selectors
import socket
import threading
from typing import Final

CHUNK: Final = 65_536
LOOK_S: Final = 0.2
DIAL_S: Final = 5.0


class Cable:
    """Listens on a free port of loopback and carries bytes to `port`, until it is cut."""

    def __init__(self, port: int) -> None:
        self._far = port
        self._turn = threading.Lock()
        self._listening: socket.socket | None = None
        self._ends: set[socket.socket] = set()
        self.port = 0
        self.mend()

    @property
    def is_cut(self) -> bool:
        """Whether nothing goes through."""
        return self._listening is None

    def mend(self) -> None:
        """Let connections through again, on the same port."""
        if self._listening is None:
            listening = socket.create_server(("127.0.0.1", self.port))
            self.port = int(listening.getsockname()[1])
            self._listening = listening
            self._start(self._accept, listening)

    def cut(self) -> None:
        """Refuse everything, and drop what is connected."""
        listening, self._listening = self._listening, None
        if listening is not None:
            _drop(listening)
        with self._turn:
            ends = list(self._ends)
        for end in ends:
            _drop(end)

    def close(self) -> None:
        """Cut it for good."""
        self.cut()

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                near, _ = listening.accept()
            except OSError:
                return
            self._start(self._carry, near)

    def _carry(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self._far), DIAL_S)
        except OSError:
            _drop(near)
            return
        ends = {near, far}
        with self._turn:
            self._ends |= ends
        if self.is_cut:
            _drop(near)
        with contextlib.suppress(OSError, ValueError):
            _relay(near, far)
        with self._turn:
            self._ends -= ends
        for end in ends:
            _drop(end)

    @staticmethod
    def _start(work: object, end: socket.socket) -> None:
        assert callable(work)
        threading.Thread(target=work, args=(end,), daemon=True).start()


def _relay(near: socket.socket, far: socket.socket) -> None:
    """Carry both ways until one end says nothing more."""
    with selectors.DefaultSelector() as ready:
        ready.register(near, selectors.EVENT_READ, far)
        ready.register(far, selectors.EVENT_READ, near)
        while True:
            for key, _ in ready.select(LOOK_S):
                assert isinstance(key.fileobj, socket.socket)
                data = key.fileobj.recv(CHUNK)
                if not data:
                    return
                key.data.sendall(data)


def _drop(end: socket.socket) -> None:
    # Waking who waits on it: closing alone does not on Linux
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
