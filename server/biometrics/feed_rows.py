"""What the feed says of templates: each sealed anew under the key of the terminal that pulls."""

from collections.abc import Callable, Sequence

from domain.ids import RandomBytes
from server.biometrics.models import Template
from server.biometrics.sealed import seal_for
from server.feed.renderers import Renderer
from server.http import TerminalIdentity
from server.runtime import Secrets
from sync.messages import encode

ReadDataKey = Callable[[TerminalIdentity], tuple[str, bytes] | None]
"""terminal → (key id, key) that seals templates on its disk; None: it may hold none."""


def template_renderer(
    read_data_key: ReadDataKey, secrets: Secrets, random: RandomBytes
) -> Renderer:
    """Return the renderer of "template" rows; fleet, which this app may not know, has the keys."""

    def render(terminal: TerminalIdentity, entities: Sequence[str]) -> dict[str, bytes]:
        held = read_data_key(terminal)
        if held is None:
            return {}
        key_id, data_key = held
        rows = Template.objects.filter(
            organisation_id=terminal.organisation_id, site_id=terminal.site_id, id__in=entities
        )
        return {
            str(row.id): encode(seal_for(row, key_id, data_key, secrets, random)) for row in rows
        }

    return render
