"""The words for what the log says was done: action → text. An unknown action shows its own name."""

from typing import Any

from django.utils.translation import gettext_lazy as _

ACTIONS: dict[str, Any] = {
    "office.added": _("added a record"),
    "office.changed": _("changed a record"),
    "office.deleted": _("deleted a record"),
    "staff.signed_in": _("signed in"),
    "staff.signed_out": _("signed out"),
    "staff.wrong_password": _("gave a wrong name or password"),
    "staff.wrong_code": _("gave a wrong second-step code"),
    "staff.second_factor_set_up": _("set up the second step"),
    "staff.second_factor_reset": _("reset the second step"),
    "staff.recovery_codes_renewed": _("made new recovery codes"),
    "staff.password_changed": _("changed the password"),
    "staff.added": _("added a member of staff"),
    "staff.granted": _("granted a role"),
    "staff.role_ended": _("ended a role"),
    "staff.sent_away": _("closed an account"),
    "staff.let_back": _("opened an account again"),
    "terminals.registered": _("registered a counter"),
    "terminals.code_made": _("made an activation code"),
    "terminals.moved": _("moved a counter"),
    "terminals.renamed": _("renamed a counter"),
    "terminals.revoked": _("revoked a counter"),
    "terminals.retired": _("retired a counter"),
    "cases.closed": _("closed a case"),
    "records.decided": _("decided a parked record"),
    "first_run.claimed": _("began the first run"),
    "first_run.site": _("first run: site"),
    "first_run.operator": _("first run: operator"),
    "first_run.administrator": _("first run: administrator"),
    "first_run.meals": _("first run: meals and prices"),
    "first_run.people": _("first run: people"),
    "first_run.counter": _("first run: counter"),
    "first_run.finished": _("finished the first run"),
}
