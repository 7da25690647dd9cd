"""The kinds of counter that a terminal can be registered as (`kiosk_profiles`), in words."""

from typing import Any

from django.utils.translation import gettext_lazy as _

PROFILES: dict[str, Any] = {
    "canteen": _("canteen counter"),
    "shop": _("shop till"),
    "self_checkout": _("self-checkout"),
    "enrolment": _("enrolment station"),
    "parking": _("parking lane"),
}
