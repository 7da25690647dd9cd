"""The far end of a network printer: listens on loopback, speaks ESC/POS, answers `DLE EOT`.

The real driver prints on it, in tests and in the demo; what it cut off are pictures.
"""

import contextlib
import socket
import threading
from typing import Final

from PIL import Image

from devices.ports import PrinterState
from devices.receipts import WIDTH
from devices.simulated.escpos_paper import Paper

_OFFLINE, _PAPER = 2, 4
_ANSWERS: Final = {
    PrinterState.READY: {_OFFLINE: 0x12, _PAPER: 0x12},
    PrinterState.PAPER_LOW: {_OFFLINE: 0x12, _PAPER: 0x1E},
    PrinterState.PAPER_OUT: {_OFFLINE: 0x32, _PAPER: 0x72},
    PrinterState.COVER_OPEN: {_OFFLINE: 0x16, _PAPER: 0x12},
}


class BenchPrinter:
    """An ESC/POS printer on a loopback port; serves one client at a time, as real ones do."""

    def __init__(self, width: int = WIDTH, port: int = 0) -> None:
        self.paper = Paper(width)
        self._state: PrinterState = PrinterState.READY
        self._listening = socket.create_server(("127.0.0.1", port))
        host, bound = self._listening.getsockname()
        self.address = f"tcp:{host}:{bound}"
        """The `address` setting of a driver that prints here."""
        self._printed = threading.Condition()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def receipts(self) -> list[Image.Image]:
        """What was cut off so far."""
        return self.paper.receipts

    @property
    def state(self) -> PrinterState:
        """What it answers now."""
        return self._state

    def show(self, state: PrinterState) -> None:
        """From now on answer this; `UNKNOWN` answers nothing."""
        self._state = state

    def wait_for(self, receipts: int, timeout_s: float = 10.0) -> bool:
        """Wait until so many receipts were cut; False when they were not in time."""
        with self._printed:
            return self._printed.wait_for(lambda: len(self.receipts) >= receipts, timeout_s)

    def wait_for_kicks(self, kicks: int, timeout_s: float = 10.0) -> bool:
        """Wait until the drawer was kicked so often; False when it was not in time."""
        with self._printed:
            return self._printed.wait_for(lambda: self.paper.drawer_kicks >= kicks, timeout_s)

    def close(self) -> None:
        """Stop listening."""
        # Waking the accept: closing a listening socket does not on Linux
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(2.0)

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            with client, contextlib.suppress(OSError):
                self._print_all(client)

    def _print_all(self, client: socket.socket) -> None:
        while data := client.recv(65_536):
            with self._printed:
                self.paper.feed(data)
                asked, self.paper.questions = self.paper.questions, []
                self._printed.notify_all()
            for question in asked:
                answer = _ANSWERS.get(self._state, {}).get(question)
                if answer is not None:
                    client.sendall(bytes([answer]))
