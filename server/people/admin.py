"""People, categories and cards in the back office."""

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from domain.card_numbers import BANK_CARD_LENGTH, LENGTHS
from server.organisations.models import Site
from server.organisations.pages import Page, ReadOnlyPage, by, now, random, secrets
from server.people.bind_card import bind_card, find_card, lose_card, return_card
from server.people.change_person import (
    free_person,
    freeze_person,
    part_with_person,
    set_last_digits,
    set_person_pin,
)
from server.people.enter_person import enter_person, join_site, leave_site
from server.people.feed_marks import sites_of, touch_person
from server.people.models import BulkChange, Card, CardEvent, Category, Person
from server.people.touch_category import touch_category
from sync.signing import card_reference


@admin.register(Category)
class CategoryPage(Page):
    """Kinds of people; a change reaches everybody in it."""

    list_display = (
        "name_zh", "code", "second_factor", "shortfall", "debt_limit_amount", "show_balance",
    )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep the code that prices name."""
        return () if obj is None else ("code",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Save, and tell the counters about everybody in it."""
        super().save_model(request, obj, form, change)
        if change:
            touch_category(obj)


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]
    """A person with the sites where they eat."""

    sites = forms.ModelMultipleChoiceField(
        label=_("eats at"), queryset=Site.objects.all(), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    last_digits = forms.RegexField(
        label=_("last four digits"), regex=r"[0-9]{4}", required=False,
        help_text=_("For the second factor; only a keyed hash is kept."),
    )  # fmt: skip

    class Meta:
        model = Person
        fields = ("number", "name", "category", "department", "face_auto", "allergies")

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if self.instance.pk:
            self.fields["sites"].initial = sites_of(self.instance)


@admin.register(Person)
class PersonPage(Page):
    """Who may eat here."""

    form = PersonForm
    list_display = (
        "name", "number", "category", "department", "state", "face_auto", "frozen_at", "left_at",
    )  # fmt: skip
    list_filter = ("category", "state", "face_auto")
    search_fields = ("name", "number", "department")
    readonly_fields = ("state", "frozen_at", "leaves_on", "left_at", "version")
    list_select_related = ("category",)
    actions = ("freeze", "free", "part", "give_new_pin")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Enter or change by the use-cases, which tell the counters."""
        chosen = sorted(site.id for site in form.cleaned_data["sites"])
        if change:
            self._change(obj, chosen)
        else:
            made = enter_person(
                obj.category, obj.number, obj.name, chosen, now=now(), random=random,
                face_auto=obj.face_auto, allergies=obj.allergies, department=obj.department,
            )  # fmt: skip
            obj.id, obj.organisation_id = made.id, made.organisation_id
        if digits := form.cleaned_data["last_digits"]:
            key = secrets().card_key(obj.organisation_id)
            set_last_digits(Person.objects.get(pk=obj.pk), digits, card_key=key)

    def _change(self, person: Person, chosen: list[Any]) -> None:
        person.save(update_fields=[*PersonForm.Meta.fields])
        present = sites_of(person)
        for site_id in chosen:
            if site_id not in present:
                join_site(person, site_id, now=now(), random=random)
        for site_id in present:
            if site_id not in chosen:
                leave_site(person, site_id)
        touch_person(person)

    @admin.action(description=_("Freeze"), permissions=["change"])
    def freeze(self, request: HttpRequest, rows: QuerySet[Person]) -> None:
        """Stop each person from paying."""
        self.each(request, rows, lambda person: freeze_person(person, now=now()))

    @admin.action(description=_("Unfreeze"), permissions=["change"])
    def free(self, request: HttpRequest, rows: QuerySet[Person]) -> None:
        """Let each person pay again."""
        self.each(request, rows, free_person)

    @admin.action(description=_("Left: pays no more, face data goes"), permissions=["change"])
    def part(self, request: HttpRequest, rows: QuerySet[Person]) -> None:
        """Part with each person."""
        self.each(request, rows, lambda person: part_with_person(person, now=now(), by=by(request)))

    @admin.action(description=_("Give a new PIN, shown once"), permissions=["change"])
    def give_new_pin(self, request: HttpRequest, rows: QuerySet[Person]) -> None:
        """Draw a PIN for each person and show it this once."""

        def renew(person: Person) -> str:
            pin = f"{int.from_bytes(random(8), 'big') % 1000000:06d}"
            set_person_pin(person, pin, random=random)
            return f"PIN {pin}"

        self.each(request, rows, renew)


class CardForm(forms.ModelForm):  # type: ignore[type-arg]
    """A card to bind, as a reader shows its UID; only the keyed hash is kept."""

    uid = forms.CharField(
        label=_("UID"), max_length=40, required=False,
        help_text=_("As the reader shows it, in hexadecimal, such as 04 A1 B2 C3."),
    )  # fmt: skip

    class Meta:
        model = Card
        fields = ("person", "label")

    def clean_uid(self) -> bytes:
        """Return the UID's bytes, 4, 7 or 10 (ISO 14443-3), or the 16 a bank card is known by."""
        digits = re.sub(r"[\s:.-]", "", self.cleaned_data["uid"])
        try:
            uid = bytes.fromhex(digits)
        except ValueError as error:
            raise forms.ValidationError(_("This is not hexadecimal.")) from error
        if len(uid) not in (*LENGTHS, BANK_CARD_LENGTH) and not self.instance.card_key:
            raise forms.ValidationError(_("A UID has 4, 7 or 10 bytes, a bank card's number 16."))
        return uid


@admin.register(Card)
class CardPage(Page):
    """Cards: bound here, and reported lost, found or returned by action."""

    form = CardForm
    list_display = ("__str__", "person", "state", "bound_at", "lost_at", "returned_at")
    list_filter = ("state",)
    search_fields = ("label", "person__name", "person__number")
    list_select_related = ("person",)
    autocomplete_fields = ("person",)
    readonly_fields = ("state", "bound_at", "lost_at", "returned_at")
    actions = ("lose", "find", "take_back")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no to a single card's form: a bound card is ended and bound anew."""
        return obj is None and super().has_change_permission(request)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Bind the card."""
        key = secrets().card_key(obj.person.organisation_id)
        card = bind_card(
            obj.person, card_reference(key, form.cleaned_data["uid"]),
            now=now(), random=random, label=obj.label, by=by(request),
        )  # fmt: skip
        obj.id, obj.organisation_id, obj.card_key = card.id, card.organisation_id, card.card_key

    @admin.action(description=_("Lost"), permissions=["change"])
    def lose(self, request: HttpRequest, rows: QuerySet[Card]) -> None:
        """Report each card lost."""
        self.each(request, rows, lambda card: lose_card(card, now=now(), by=by(request)))

    @admin.action(description=_("Found again"), permissions=["change"])
    def find(self, request: HttpRequest, rows: QuerySet[Card]) -> None:
        """Take the report back."""
        self.each(request, rows, lambda card: find_card(card, now=now(), by=by(request)))

    @admin.action(description=_("Returned"), permissions=["change"])
    def take_back(self, request: HttpRequest, rows: QuerySet[Card]) -> None:
        """Take each card back."""
        self.each(request, rows, lambda card: return_card(card, now=now(), by=by(request)))


@admin.register(CardEvent)
class CardEventPage(ReadOnlyPage):
    """What happened to cards."""

    list_display = ("at", "card", "person", "kind", "by")
    list_filter = ("kind",)
    search_fields = ("card__label", "person__name", "person__number")
    list_select_related = ("card", "person")


@admin.register(BulkChange)
class BulkChangePage(ReadOnlyPage):
    """Lists that were tried and confirmed; their pages are in the console."""

    list_display = ("planned_at", "kind", "title", "state", "planned_by", "confirmed_by")
    list_filter = ("kind", "state")
    fields = (
        "kind", "title", "state", "tally", "outcome", "total_count", "done_count", "planned_at",
        "planned_by", "confirmed_at", "confirmed_by", "finished_at",
    )  # fmt: skip
