"""Faces: who is enrolled class by class, whom the counters miss, and one person's consent."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as now_text
from django.utils.translation import gettext_lazy as _

from domain.consent_texts import consent_text
from domain.errors import Refused
from domain.ids import new_id
from server.biometrics.count_faces import count_faces
from server.biometrics.desk import blanks_at, digest_of
from server.biometrics.embed_photo import MAX_PHOTO_BYTES, MODEL, embed_photo_bytes
from server.biometrics.enrol_template import Origin, enrol_template
from server.biometrics.find_confusable import read_confusable
from server.biometrics.give_consent import ConsentForm, give_consent
from server.biometrics.issue_guardian_code import issue_guardian_code
from server.biometrics.live_consents import live_consents
from server.biometrics.models import Consent, Giver, Holding, Notice, Template
from server.biometrics.read_standings import MODEL_CHANGED, read_standings
from server.biometrics.refuse_consent import refuse_consent
from server.biometrics.report_faces import report_faces
from server.biometrics.withdrawal_standing import withdraw_person, withdrawal_standing
from server.console.audit import changing, write_entry
from server.console.face_sites import SiteRoster, read_counters, read_missed
from server.console.page import PEOPLE, page
from server.console.pages.people import people_within
from server.console.render import render
from server.console.roles import ADMINISTRATOR, CLERK, Reach
from server.organisations.models import Site
from server.organisations.pages import by, language, now, random, secrets
from server.people.models import Person

ROLES = frozenset({ADMINISTRATOR, CLERK})


@page("faces/", title=_("Faces"), section=PEOPLE, roles=ROLES)
def faces(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Show every class of a site, what is to do, and the text's blanks."""
    sites = sites_within(reach)
    site = _chosen(sites, request.GET.get("site", ""))
    if request.method == "POST":
        _keep_notice(request, reach, site)
        return redirect(request.get_full_path())
    place, at = (site.organisation_id, site.id), now()
    report = report_faces(*place, SiteRoster(), at, missed=read_missed(*place, at))
    waiting = Holding.objects.filter(
        organisation_id=site.organisation_id, how="waiting", removal__site_id=site.id
    )
    notice = Notice.objects.filter(organisation_id=site.organisation_id).first()
    context = {
        "site": site, "sites": sites, "groups": [_line(one) for one in report],
        "again": [row for one in report for row in one.come_again],
        "outdated_count": sum(
            row.standing.come_again == MODEL_CHANGED for one in report for row in one.come_again
        ),
        "count": count_faces(site.organisation_id), "notice": notice,
        "waiting": waiting.order_by("since")[:50],
        "may_change_notice": reach.within({ADMINISTRATOR}),
    }  # fmt: skip
    return render(request, "console/faces.html", context)


@page("faces/class/", title=_("Faces of a class"), section=PEOPLE, roles=ROLES,
      name="faces_class", is_in_menu=False)  # fmt: skip
def faces_class(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Show one class, person by person."""
    site = _chosen(sites_within(reach), request.GET.get("site", ""))
    group = request.GET.get("class", "")[:64]
    place, at = (site.organisation_id, site.id), now()
    people = SiteRoster().in_group(*place, group)
    ids = [one.person_id for one in people]
    standings = read_standings(*place, ids, at, missed=read_missed(*place, at))
    rows = [{"person": one, "standing": standings[one.person_id]} for one in people]
    return render(request, "console/faces_class.html", {"site": site, "group": group, "rows": rows})


@page("faces/<uuid:site_id>/<uuid:person_id>/", title=_("Face of a person"), section=PEOPLE,
      roles=ROLES, name="faces_person", is_one_change=False)  # fmt: skip
def faces_person(
    request: HttpRequest, reach: Reach, site_id: UUID, person_id: UUID
) -> HttpResponse:
    """Show one person's consent; take it, a face, a code for the guardian, or all of it back."""
    site = get_object_or_404(sites_within(reach), id=site_id)
    person = get_object_or_404(people_within(reach), id=person_id)
    code = _change(request, site, person) if request.method == "POST" else ""
    if request.method == "POST" and not code:
        return redirect(request.get_full_path())
    return render(request, "console/faces_person.html", _shown(site, person, code))


def sites_within(reach: Reach) -> "QuerySet[Site]":
    """Return the sites that the reader reaches."""
    return reach.of(Site.objects.select_related("organisation"), site="pk").order_by("code")


def _chosen(sites: "QuerySet[Site]", code: str) -> Site:
    site = (sites.filter(code=code) if code else sites).first()
    if site is None:
        raise PermissionDenied
    return site


def _line(report: Any) -> dict[str, Any]:
    counts = {stand.value: count for stand, count in report.counts.items()}
    return {"group": report.group, "people": len(report.rows), **counts,
            "again": len(report.come_again)}  # fmt: skip


def _keep_notice(request: HttpRequest, reach: Reach, site: Site) -> None:
    if not reach.within({ADMINISTRATOR}):
        raise Refused("staff.beyond_reach")
    said = {name: request.POST.get(name, "").strip()[:200] for name in ("contact", "servers")}
    if not all(said.values()):
        raise Refused("consents.no_notice")
    days = request.POST.get("valid_days", "").strip()
    valid_days = int(days) if days.isascii() and days.isdigit() and 0 < int(days) < 36_500 else None
    notice, _made = Notice.objects.get_or_create(
        organisation_id=site.organisation_id,
        defaults={"id": new_id(int(now().timestamp() * 1000), random), **said},
    )
    with changing(request, "faces.notice", notice):
        Notice.objects.filter(
            id=notice.id, organisation_id=site.organisation_id
        ).update(valid_days=valid_days, **said)  # fmt: skip


def _shown(site: Site, person: Person, code: str) -> dict[str, Any]:
    place = (site.organisation_id, site.id)
    here = {"organisation_id": site.organisation_id, "person": person.id, "site_id": site.id}
    standing = read_standings(*place, [person.id], now())[person.id]
    near = read_confusable(*place, [person.id]).get(person.id, ())
    consents = Consent.objects.filter(**here).order_by("-given_at")
    withdrawal = None
    is_live = standing.stand.value in ("consented", "enrolled")
    if not is_live and consents.filter(withdrawn_at__isnull=False).exists():
        withdrawal = withdrawal_standing(site.organisation_id, person.id, site.id, read_counters)
    has_notice = Notice.objects.filter(organisation_id=site.organisation_id).exists()
    text = consent_text(language(), blanks_at(*place).blanks) if has_notice else None
    return {
        "site": site, "person": person, "standing": standing, "consents": consents,
        "templates": Template.objects.filter(**here).order_by("ordinal"),
        "alike": Person.objects.filter(id__in=near, organisation_id=site.organisation_id),
        "withdrawal": withdrawal, "text": text, "code": code,
        "is_live": is_live,
    }  # fmt: skip


def _change(request: HttpRequest, site: Site, person: Person) -> str:
    """Do what was asked; returns a guardian's code to show once, or nothing."""
    if request.POST.get("do") == "photo":
        # A face is looked for before the transaction, which then is short
        _enrol(request, site, person)
        return ""
    with transaction.atomic():
        return _say(request, site, person)


def _say(request: HttpRequest, site: Site, person: Person) -> str:
    asked, place = request.POST.get("do", ""), (site.organisation_id, person.id, site.id)
    if asked == "code":
        code = issue_guardian_code(
            *place, guardian_name=request.POST.get("giver_name", "")[:100],
            relation=request.POST.get("relation", "")[:32],
            now=now(), random=random, secrets=secrets(), created_by=by(request),
        )  # fmt: skip
        write_entry(request, "faces.code_made", person)
        return code
    if asked == "consent":
        made = give_consent(*place, _form(request, site), now=now(), random=random)
        write_entry(request, "faces.consented", made)
    elif asked == "refuse":
        refuse_consent(*place, now=now(), random=random, recorded_by=by(request))
        write_entry(request, "faces.refused", person)
    elif asked == "withdraw":
        withdraw_person(*place, read_counters, now=now(), random=random, by=by(request))
        write_entry(request, "faces.withdrawn", person)
    return ""


def _form(request: HttpRequest, site: Site) -> ConsentForm:
    said = request.POST
    blanks = blanks_at(site.organisation_id, site.id)
    is_guardian = said.get("given_by") == Giver.GUARDIAN.value
    return ConsentForm(
        giver_name=said.get("giver_name", "").strip()[:100],
        text_version=blanks.version,
        text_digest=digest_of(language(), blanks),
        language=language(),
        evidence=said.get("evidence", "").strip()[:200],
        given_by=Giver.GUARDIAN if is_guardian else Giver.SELF,
        relation=said.get("relation", "").strip()[:32] if is_guardian else "",
        is_under_14=said.get("under_14") == "1",
        keeps_photo=said.get("keeps_photo") == "1",
        servers=(blanks.blanks["servers"],),
        recorded_by=by(request),
    )


def _enrol(request: HttpRequest, site: Site, person: Person) -> None:
    """A picture from a webcam or a file: looked at under a live consent, and not kept."""
    consent = live_consents(site.organisation_id, now()).filter(
        person=person.id, site_id=site.id
    ).first()  # fmt: skip
    if consent is None:
        raise Refused("consents.missing")
    file = request.FILES.get("photo")
    if file is None or isinstance(file, list):
        raise Refused("faces.none")
    data = file.read(MAX_PHOTO_BYTES + 1)
    if len(data) > MAX_PHOTO_BYTES:
        raise Refused("images.unreadable", name=(file.name or "")[:80])
    vector = embed_photo_bytes(data, (file.name or "")[:80])
    with transaction.atomic():
        made = enrol_template(
            consent, [vector], MODEL, now=now(), random=random, secrets=secrets(),
            origin=Origin(by(request)),
        )  # fmt: skip
        write_entry(request, "faces.enrolled", person, data={"alike": len(made.confusable)})
    said = now_text("Enrolled.")
    if made.confusable:
        said = now_text("Enrolled. Somebody looks alike: both are asked for a second factor.")
    messages.success(request, said)
