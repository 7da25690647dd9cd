"""What this app does in a running server: hears of payments, and delivers."""

from server.open_api.addresses import allowed_networks
from server.open_api.deliver_event import Courier
from server.open_api.note_events import DELIVER, NoteEvents
from server.open_api.post import Post
from server.payments.announce import register_announcer
from server.runtime import Runtime
from server.work.handlers import register


def register_work(runtime: Runtime) -> None:
    """Let this process note events and deliver them."""
    post = Post(runtime.clock, allowed_networks())
    register_announcer("open_api", NoteEvents())
    register(DELIVER, Courier(post, runtime.secrets, runtime.random).deliver)
