"""Terminals in the back office: registered, activated, moved, revoked; and what they hold."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from server.fleet.change_policy import change_policy
from server.fleet.create_activation_code import create_activation_code
from server.fleet.issuer_keys import create_issuer_key, retire_issuer_key
from server.fleet.models import (
    ActivationCode,
    Binding,
    DataKey,
    IssuerKey,
    PolicyVersion,
    Registration,
    Terminal,
    TerminalKey,
)
from server.fleet.read_exposure import read_exposure
from server.fleet.read_policies import policy_of
from server.fleet.rebind_terminal import rebind_terminal
from server.fleet.register_terminal import register_terminal
from server.fleet.retire_terminal import retire_terminal
from server.fleet.revoke_terminal import revoke_terminal
from server.organisations.pages import Page, ReadOnlyPage, by, now, organisation_of, random, secrets


class TerminalForm(forms.ModelForm):  # type: ignore[type-arg]
    """A terminal; moving it while records wait must be meant."""

    is_forced = forms.BooleanField(
        label=_("move even though records wait"), required=False,
        help_text=_("Waiting records are booked to the store they name."),
    )  # fmt: skip

    class Meta:
        model = Terminal
        fields = ("name", "store", "profile")


@admin.register(Terminal)
class TerminalPage(Page):
    """Counters, what they last said of themselves, and what can be done about them."""

    form = TerminalForm
    list_display = (
        "name", "store", "state", "binding_version", "last_seen_at",
        "waiting_count", "waiting_yuan", "clock_offset_ms", "software",
    )  # fmt: skip
    list_filter = ("state", "store")
    search_fields = ("name", "serial")
    readonly_fields = (
        "state", "binding_version", "serial", "software", "registered_at", "revoked_at",
        "last_seen_at", "waiting_count", "waiting_yuan", "head_sequence", "clock_offset_ms",
        "devices",
    )  # fmt: skip
    actions = ("make_code", "make_forced_code", "retire", "revoke")

    @admin.display(description=_("amount waiting"))
    def waiting_yuan(self, row: Terminal) -> str:
        """Return the amount in yuan."""
        return f"¥{row.waiting_amount / 100:.2f}"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Register a new terminal, or move one whose store or profile changed."""
        if not change:
            made = register_terminal(obj.store, obj.name, obj.profile, now=now(), random=random)
            obj.id, obj.organisation_id = made.id, made.organisation_id
            return
        Terminal.objects.filter(id=obj.id, organisation_id=obj.organisation_id).update(
            name=obj.name
        )
        if {"store", "profile"} & set(form.changed_data):
            rebind_terminal(
                obj, obj.store, obj.profile,
                now=now(), random=random, is_forced=form.cleaned_data["is_forced"],
            )  # fmt: skip

    @admin.action(description=_("Make an activation code"), permissions=["change"])
    def make_code(self, request: HttpRequest, rows: QuerySet[Terminal]) -> None:
        """Show a code for each terminal, this once."""
        self._codes(request, rows, is_forced=False)

    @admin.action(
        description=_("Make an activation code, leaving waiting records behind"),
        permissions=["change"],
    )
    def make_forced_code(self, request: HttpRequest, rows: QuerySet[Terminal]) -> None:
        """As `make_code`, for a device that is lost with records on it."""
        self._codes(request, rows, is_forced=True)

    @admin.action(description=_("Retire: out of service in good order"), permissions=["change"])
    def retire(self, request: HttpRequest, rows: QuerySet[Terminal]) -> None:
        """Retire each terminal that has nothing waiting."""

        def retire(terminal: Terminal) -> None:
            retire_terminal(terminal, now=now())

        self.each(request, rows, retire)

    @admin.action(description=_("Revoke: stolen, lost or not trusted"), permissions=["change"])
    def revoke(self, request: HttpRequest, rows: QuerySet[Terminal]) -> None:
        """End the keys of each terminal; it wipes itself when it hears of it."""

        def revoke(terminal: Terminal) -> None:
            revoke_terminal(terminal, now=now())

        self.each(request, rows, revoke)

    def _codes(self, request: HttpRequest, rows: QuerySet[Terminal], *, is_forced: bool) -> None:
        def make(terminal: Terminal) -> str:
            return create_activation_code(
                terminal, now=now(), random=random, secrets=secrets(),
                created_by=by(request), is_forced=is_forced,
            )  # fmt: skip

        self.each(request, rows, make)


@admin.register(ActivationCode)
class ActivationCodePage(ReadOnlyPage):
    """Which codes were made, by whom, and which were used; never the codes."""

    list_display = ("terminal", "created_at", "created_by", "expires_at", "used_at", "is_forced")
    list_filter = ("terminal",)


@admin.register(Registration)
class RegistrationPage(ReadOnlyPage):
    """What devices are and were registered as with the acquirer."""

    list_display = ("serial", "terminal", "merchant", "acquirer", "registered_at", "ended_at")
    search_fields = ("serial",)


@admin.register(Binding)
class BindingPage(ReadOnlyPage):
    """What each terminal was bound to, and when."""

    list_display = ("terminal", "version", "merchant", "store", "profile", "from_at", "to_at")
    list_filter = ("store", "terminal")


@admin.register(TerminalKey)
class TerminalKeyPage(ReadOnlyPage):
    """Terminal keys; old ones verify old records for ever."""

    list_display = ("key_id", "terminal", "state", "active_from", "retired_at", "revoked_at")
    list_filter = ("state",)


@admin.register(DataKey)
class DataKeyPage(ReadOnlyPage):
    """Leases of data keys; never the keys."""

    list_display = ("key_id", "terminal", "created_at", "lease_until", "ended_at")


class IssuerKeyForm(forms.ModelForm):  # type: ignore[type-arg]
    """Nothing to fill in: the key is drawn."""

    class Meta:
        model = IssuerKey
        fields = ("organisation",)


@admin.register(IssuerKey)
class IssuerKeyPage(Page):
    """Keys that sign wallet-code certificates: add one to rotate, then retire the old one."""

    form = IssuerKeyForm
    list_display = ("key_id", "created_at", "retired_at")
    actions = ("retire",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no to a single key's form, yes to the list's actions."""
        return obj is None and super().has_change_permission(request)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Draw the key."""
        made = create_issuer_key(organisation_of(obj), now=now(), random=random, secrets=secrets())
        obj.id, obj.organisation_id, obj.key_id = made.id, made.organisation_id, made.key_id

    @admin.action(description=_("Retire: its codes pay no more"), permissions=["change"])
    def retire(self, request: HttpRequest, rows: QuerySet[IssuerKey]) -> None:
        """Retire each key."""

        def retire(key: IssuerKey) -> None:
            retire_issuer_key(key, now=now())

        self.each(request, rows, retire)


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    """The next version of the policy, as JSON, checked before it is stored."""

    class Meta:
        model = PolicyVersion
        fields = ("organisation", "body")

    def clean_body(self) -> Any:
        """Refuse what is not a policy, saying where."""
        body = self.cleaned_data["body"]
        try:
            policy_of(0, body)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        return body


@admin.register(PolicyVersion)
class PolicyPage(Page):
    """Offline policies; each change is a new version, and all of them are kept."""

    form = PolicyForm
    list_display = ("version", "created_at", "created_by", "exposure")

    @admin.display(description=_("one person's exposure at a site"))
    def exposure(self, row: PolicyVersion) -> str:
        """Return counters × cap in yuan: what one person could overspend while all are offline."""
        policy = policy_of(row.version, row.body)
        return f"¥{read_exposure(row.organisation_id, policy) / 100:.2f}"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no: a fact is judged by the version its terminal held."""
        return False

    def get_changeform_initial_data(self, request: HttpRequest) -> Any:
        """Start from the policy in force."""
        newest = PolicyVersion.objects.order_by("-version").first()
        return {} if newest is None else {"body": newest.body}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Put the next version into force."""
        organisation_id = organisation_of(obj)
        policy = change_policy(
            organisation_id, policy_of(0, obj.body), now=now(), random=random,
            changed_by=by(request),
        )  # fmt: skip
        stored = PolicyVersion.objects.get(organisation_id=organisation_id, version=policy.version)
        obj.id, obj.organisation_id, obj.version = stored.id, organisation_id, policy.version
