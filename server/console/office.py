"""Django's admin as the back room of the console: second factor, scope, and the same log.

Every model's page, whoever wrote it, is registered through `OfficeSite.register`, which puts
`OfficePage` in front of it: so that no app can forget the scope or the log.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import transaction
from django.db.models import DateField, Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from domain.messages import text
from domain.typed_days import is_possible
from server.console.audit import snapshot, write_entry
from server.console.office_titles import APPS, TABLES
from server.console.roles import Granted, Reach, reach_of
from server.console.signing_in.sessions import ask_to_sign_in, is_signed_in
from server.organisations.pages import language

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = object

_BEFORE = "_office_before"


class OfficePage(ModelAdmin):
    """In front of every model's page: rows within reach only, and every change logged."""

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Return the rows that lie within the reader's reach."""
        return within_reach(reach_of(request.user), super().get_queryset(request))

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **options: Any) -> Any:
        """Offer only rows within reach."""
        rows = options.get("queryset", db_field.remote_field.model._default_manager.all())
        options["queryset"] = within_reach(reach_of(request.user), rows)
        return super().formfield_for_foreignkey(db_field, request, **options)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **options: Any) -> Any:
        """Take no day that no clock can reckon with."""
        field = super().formfield_for_dbfield(db_field, request, **options)
        if field is not None and isinstance(db_field, DateField):
            field.validators = [*field.validators, refuse_impossible]
        return field

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """Remember the row as it was, before a form touches it."""
        found = super().get_object(request, object_id, from_field)
        if found is not None and request.method == "POST":
            setattr(request, _BEFORE, snapshot(found))
        return found

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Log a new row."""
        write_entry(request, "office.added", obj, after=_present(obj))

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Log what changed."""
        before = getattr(request, _BEFORE, {})
        write_entry(request, "office.changed", obj, before=before, after=_present(obj))

    def log_deletions(self, request: HttpRequest, queryset: Iterable[Any]) -> Any:
        """Log what goes."""
        for row in queryset:
            write_entry(request, "office.deleted", row, before=snapshot(row))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Show the list; an action and its entries are one transaction, as a form's are."""
        if request.method != "POST":
            return super().changelist_view(request, extra_context)
        with transaction.atomic():
            return super().changelist_view(request, extra_context)

    def response_action(self, request: HttpRequest, queryset: "QuerySet[Any]") -> Any:
        """Run an action and log what it did to each chosen row."""
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        before = {row.pk: snapshot(row) for row in queryset.filter(pk__in=chosen)}
        response = super().response_action(request, queryset)
        name = f"office.{request.POST.get('action', '')}"
        if before and not name.endswith(".delete_selected"):
            for row in self.model._default_manager.filter(pk__in=list(before)):
                write_entry(request, name, row, before=before[row.pk], after=snapshot(row))
        return response

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Lead to the log of this row."""
        return HttpResponseRedirect(f"{reverse('console:audit')}?subject={object_id}")


def refuse_impossible(typed: date) -> None:
    """Refuse a typed day, or instant, that cannot be meant (`domain.typed_days`)."""
    if not is_possible(typed.date() if isinstance(typed, datetime) else typed):
        raise ValidationError(text("dates.impossible", {}, language()))


class OfficeSite(admin.AdminSite):
    """The admin of this server."""

    site_header = _("Fanpiao · records")
    site_title = _("Fanpiao")
    index_title = _("All records")
    enable_nav_sidebar = True

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Register with `OfficePage` in front."""
        page = admin_class or admin.ModelAdmin
        if not issubclass(page, OfficePage):
            page = type(page.__name__, (OfficePage, page), {"__module__": page.__module__})
        super().register(model_or_iterable, page, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """Let in who is signed in with both steps."""
        return is_signed_in(request)

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Use the console's own page."""
        return ask_to_sign_in(request)

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Use the console's own way out."""
        from server.console.signing_in.views import sign_out

        return sign_out(request)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """Name groups and tables in the reader's language."""
        found = super().get_app_list(request, app_label)
        for app in found:
            app["name"] = APPS.get(app["app_label"], app["name"])
            for table in app["models"]:
                label = f"{app['app_label']}.{table['object_name'].lower()}"
                table["name"] = TABLES.get(label, table["name"])
        return found

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Add what the frame of the console shows."""
        from server.console.render import frame

        return {**super().each_context(request), **frame(request)}


def within_reach(reach: Reach, rows: "QuerySet[Any]") -> "QuerySet[Any]":
    """Return those of `rows` in reach, by whatever way their model leads to its place."""
    if reach.is_everything:
        return rows
    model = rows.model
    if not model.__module__.startswith("server."):
        return rows.none()
    found = Q(pk__in=())
    for grant in reach.house:
        found |= _place(model, grant)
    return rows.filter(found).distinct()


def _place(model: type[Model], grant: Granted) -> Q:
    is_organisation = model._meta.label == "organisations.Organisation"
    place = Q(**{"pk" if is_organisation else "organisation": grant.organisation_id})
    if not is_organisation and not _has(model, "organisation"):
        return Q(pk__in=())
    if grant.site_id is None or is_organisation:
        return place
    return place & _at_site(model, grant)


def _at_site(model: type[Model], grant: Granted) -> Q:
    """The way to the site, when the model has one; else the row belongs to all sites."""
    site = grant.site_id
    label = model._meta.label
    if label == "organisations.Site":
        return Q(pk=site)
    if label == "people.Person":
        return Q(memberships__site=site)
    for name, way in _WAYS.items():
        if _is_relation(model, name):
            return Q(**{way: site})
    for name, rows in _PLACES.items():
        if _has(model, name):
            return Q(**{f"{name}__in": rows(site)})
    return Q()


_WAYS = {
    "site": "site", "store": "store__site", "terminal": "terminal__store__site",
    "person": "person__memberships__site", "price_list": "price_list__store__site",
}  # fmt: skip


def _stores(site: Any) -> Any:
    from server.merchants.models import Store

    return Store.objects.filter(site_id=site).values("id")


def _terminals(site: Any) -> Any:
    from server.fleet.models import Terminal

    return Terminal.objects.filter(store__site_id=site).values("id")


def _people(site: Any) -> Any:
    from server.people.models import Membership

    return Membership.objects.filter(site_id=site).values("person_id")


_PLACES = {"store": _stores, "terminal": _terminals, "person": _people}
"""For tables that name a row by its id alone."""


def _has(model: type[Model], name: str) -> bool:
    try:
        model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True


def _is_relation(model: type[Model], name: str) -> bool:
    return _has(model, name) and bool(model._meta.get_field(name).is_relation)


def _present(row: Any) -> dict[str, Any]:
    held = type(row)._default_manager.filter(pk=row.pk).first()
    return snapshot(held) if held else {}
