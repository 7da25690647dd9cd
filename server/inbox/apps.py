"""The inbox app as Django sees it."""

from django.apps import AppConfig


class InboxConfig(AppConfig):
    """Registers the app, the settler of its records and the renderer of its decisions."""

    name = "server.inbox"
    label = "inbox"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell lower apps who keeps the records."""
        from server.feed import renderers
        from server.inbox.render_decisions import render_decisions
        from server.inbox.settle_records import write_settled
        from server.payments.arrivals import register_settler
        from sync.messages import FeedKind

        register_settler(write_settled)
        renderers.register(FeedKind.DECISION, render_decisions)
