"""Permissions follow from roles: Django asks, the table of roles answers."""

from typing import Any

from django.contrib.auth.backends import ModelBackend

from server.console.roles import permissions_of, reach_of

_KEPT = "_console_permissions"


class RoleBackend(ModelBackend):
    """Checks passwords as Django does; permissions come from the grants of the user."""

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Return the permissions of the user's roles, read once per request."""
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return set()
        kept: set[str] | None = getattr(user_obj, _KEPT, None)
        if kept is None:
            kept = set(permissions_of(reach_of(user_obj).roles))
            setattr(user_obj, _KEPT, kept)
        return kept

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """Whether any permission of the user is of this app."""
        return any(one.startswith(f"{app_label}.") for one in self.get_all_permissions(user_obj))
