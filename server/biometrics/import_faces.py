"""Enrol a folder of photographs, named by number, under a consent register.

Rules
- A face without a consent row is reported, not enrolled: not even looked at.
- What was withdrawn or refused after a row was signed stays so, however often it is imported.
- Pictures of one number that do not show the same face enrol nobody.
- The same folder again changes nothing; each person is one transaction, so a run that was cut
  off is simply run again.

Files are `<number>.jpg`, `<number>-2.jpg`, `<number>_2.jpg`, or any name in a folder `<number>/`.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import cv2
import numpy
from django.db import transaction

from devices.vision.faces.engine import MODEL_VERSION, FaceEngine
from domain.errors import Refused
from domain.ids import RandomBytes
from server.biometrics.embed_photo import MAX_PHOTO_BYTES, embed_picture
from server.biometrics.enrol_template import MAX_VECTORS, Origin, enrol_template
from server.biometrics.find_confusable import KnownFaces, declare_twins
from server.biometrics.give_consent import ConsentForm, give_consent, hold_person
from server.biometrics.keep_desk_face import keep_photographs
from server.biometrics.live_consents import live_consents
from server.biometrics.models import Consent, Refusal, Template
from server.biometrics.read_register import Register, RegisterRow
from server.biometrics.refuse_consent import refuse_consent
from server.biometrics.roster import Candidate, Roster
from server.biometrics.sealed import Vector
from server.organisations.models import Site
from server.runtime import Secrets

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp"})
"""Files looked at; others in the folder are somebody else's."""
SAME_FACE = 0.60
"""Farther apart than this, two pictures of one number show two people (measured set: .604 min)."""
PHOTO_SIDE = 800
"""Pixels of the longer side of a photograph that is kept."""
TWICE = 0.30
"""Nearer than most pictures of one person come to each other (median .325): more likely a wrong
number than a twin."""
DONE, UNCHANGED = "enrolments.done", "enrolments.unchanged"
ALIKE, SAME = "enrolments.alike", "enrolments.same_face"
GOOD = frozenset({DONE, ALIKE, UNCHANGED})
_ORDINAL = re.compile(r"[-_ ]\d{1,2}$|[(（]\d{1,2}[)）]$")


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of one picture, or (without a path) of a row that has none."""

    path: str
    number: str
    code: str
    data: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        """Whether nothing is left to do."""
        return self.code in GOOD


@dataclass(frozen=True, slots=True)
class Import:
    """One run: where, who does it, and with what."""

    site: Site
    roster: Roster
    engine: FaceEngine
    now: datetime
    random: RandomBytes
    secrets: Secrets
    by: str


Found = tuple[str, Mapping[str, object]]
"""A code and its data."""
Progress = Callable[[int, int], None]
"""(people done, people in all)."""


def import_faces(
    folder: Path, register: Register, run: Import, *, progress: Progress = lambda _done, _all: None
) -> Iterator[FileResult]:
    """Enrol what may be; yields one result per picture as soon as it is known.

    Raises `Refused("enrolments.no_pictures")` for a folder without any.
    """
    pictures = list_pictures(folder)
    if not pictures:
        raise Refused("enrolments.no_pictures", path=str(folder))
    people, strangers = _by_person(folder, pictures, register, run)
    yield from strangers
    known = KnownFaces(run.site.organisation_id, run.site.id, run.secrets)
    for done, (person, paths) in enumerate(people.items(), 1):
        found = _Enrolment(person, paths, register, run, known).results()
        for path, (code, data) in zip(paths, found, strict=True):
            yield FileResult(str(path.relative_to(folder)), person.number, code, data)
        progress(done, len(people))
    pictured = {person.number for person in people}
    yield from _without_picture(register, run, pictured)


def list_pictures(folder: Path) -> list[Path]:
    """Return the pictures below a folder, in order."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in PICTURES)


def numbers_of(path: Path, folder: Path) -> list[str]:
    """Return the numbers a picture's name may mean, the likeliest first."""
    stem = path.stem.strip()
    parents = [] if path.parent == folder else [path.parent.name]
    return list(dict.fromkeys([stem, _ORDINAL.sub("", stem), *parents]))


def _by_person(
    folder: Path, pictures: Sequence[Path], register: Register, run: Import
) -> tuple[dict[Candidate, list[Path]], list[FileResult]]:
    wanted = sorted({number for path in pictures for number in numbers_of(path, folder)})
    found: dict[str, Candidate] = {}
    place = (run.site.organisation_id, run.site.id)
    for start in range(0, len(wanted), 500):
        for one in run.roster.by_number(*place, wanted[start : start + 500]):
            found[one.number] = one
    people: dict[Candidate, list[Path]] = {}
    strangers = []
    for path in pictures:
        numbers = numbers_of(path, folder)
        person = next((found[number] for number in numbers if number in found), None)
        if person is None:
            name = str(path.relative_to(folder))
            strangers.append(FileResult(name, numbers[-1], "people.unknown"))
        else:
            people.setdefault(person, []).append(path)
    return people, strangers


def _without_picture(register: Register, run: Import, pictured: set[str]) -> Iterator[FileResult]:
    """Rows whose person has no picture: a yes or a no is kept all the same."""
    place = (run.site.organisation_id, run.site.id)
    left = [number for number in register.rows if number not in pictured]
    found: dict[str, Candidate] = {}
    for start in range(0, len(left), 500):
        for one in run.roster.by_number(*place, left[start : start + 500]):
            found[one.number] = one
    for number in left:
        row = register.rows[number]
        if number not in found:
            yield FileResult("", number, "people.unknown", {"row": row.row})
            continue
        try:
            consent = put_on_file(found[number], row, run)
        except Refused as refusal:
            yield FileResult("", number, refusal.code, {"row": row.row})
        else:
            if consent is not None:
                yield FileResult("", number, "enrolments.no_picture", {"row": row.row})


def put_on_file(person: Candidate, row: RegisterRow, run: Import) -> Consent | None:
    """Keep what a row says; returns the live consent, None after a no.

    Raises `Refused` ("consents.withdrawn", "consents.refused") when the person has said otherwise
    since the row was signed, and as `give_consent`.
    """
    place = (run.site.organisation_id, person.person_id, run.site.id)
    here = {"person": person.person_id, "site_id": run.site.id}
    live = live_consents(run.site.organisation_id, run.now).filter(**here).first()
    if row.form is None:
        if live is None:
            refuse_consent(
                *place, now=run.now, random=run.random, said_by=row.given_by, recorded_by=run.by
            )
            return None
        raise Refused("consents.given_already")
    if live is not None:
        return live
    signed_at = datetime.combine(row.signed_on, time(0), ZoneInfo(run.site.organisation.zone))
    with transaction.atomic():
        # Whatever else they say comes before this, and is seen, or after it
        hold_person(run.site.organisation_id, person.person_id)
        _check_since(run.site.organisation_id, here, signed_at.astimezone(UTC))
        return _give(person, row, row.form, run)


def _check_since(organisation_id: UUID, here: dict[str, UUID], signed_at: datetime) -> None:
    ended = Consent.objects.filter(organisation_id=organisation_id, **here)
    if ended.filter(withdrawn_at__gte=signed_at).exists():
        raise Refused("consents.withdrawn")
    said = Refusal.objects.filter(organisation_id=organisation_id, **here)
    if said.filter(said_at__gte=signed_at + timedelta(days=1)).exists():
        raise Refused("consents.refused")


def _give(person: Candidate, row: RegisterRow, form: ConsentForm, run: Import) -> Consent:
    zone = ZoneInfo(run.site.organisation.zone)
    expires_at = None if row.expires_on is None else _end_of(row.expires_on, zone)
    if expires_at is not None and expires_at <= run.now:
        raise Refused("consents.expired")
    organisation_id, site_id = run.site.organisation_id, run.site.id
    signed = ConsentForm(
        giver_name=form.giver_name,
        text_version=form.text_version,
        evidence=f"{form.evidence} · {row.signed_on}"[:200],
        given_by=form.given_by,
        relation=form.relation,
        is_under_14=form.is_under_14,
        keeps_photo=form.keeps_photo,
        expires_at=expires_at,
        twin=form.twin,
        recorded_by=run.by,
    )
    consent = give_consent(
        organisation_id, person.person_id, site_id, signed, now=run.now, random=run.random
    )
    if row.twin_number:
        twins = run.roster.by_number(organisation_id, site_id, [row.twin_number])
        if not twins:
            raise Refused("people.unknown", number=row.twin_number)
        declare_twins(
            organisation_id, site_id, person.person_id, twins[0].person_id,
            now=run.now, random=run.random,
        )  # fmt: skip
    return consent


def _end_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(0), zone).astimezone(UTC)


@dataclass(slots=True)
class _Enrolment:
    """One person of a run."""

    person: Candidate
    paths: list[Path]
    register: Register
    run: Import
    known: KnownFaces

    def results(self) -> list[Found]:
        """Enrol the person if they may be; what became of each picture, in their order."""
        run = self.run
        try:
            consent = self._consent()
        except Refused as refusal:
            return self._all(refusal.code, refusal.data)
        mac = self._mac()
        if self._is_enrolled(consent, mac):
            return self._all(UNCHANGED, {})
        vectors, photographs, results = self._looked_at()
        if not vectors:
            return results
        if _farthest(vectors) > SAME_FACE:
            return self._all("enrolments.two_people", {})
        with transaction.atomic():
            made = enrol_template(
                consent, vectors[:MAX_VECTORS], MODEL_VERSION,
                now=run.now, random=run.random, secrets=run.secrets,
                origin=Origin(run.by, source_mac=mac), known=self.known,
            )  # fmt: skip
            if consent.keeps_photo:
                keep_photographs(
                    consent, photographs[:MAX_VECTORS],
                    now=run.now, random=run.random, secrets=run.secrets,
                )  # fmt: skip
        done = self._done(made.confusable)
        return [done if result[0] == DONE else result for result in results]

    def _all(self, code: str, data: Mapping[str, object]) -> list[Found]:
        return [(code, data)] * len(self.paths)

    def _consent(self) -> Consent:
        if not self.person.is_active:
            raise Refused("people.frozen")
        row = self.register.rows.get(self.person.number)
        consent = None if row is None else put_on_file(self.person, row, self.run)
        if consent is None:
            raise Refused("consents.missing" if row is None else "consents.refused")
        return consent

    def _mac(self) -> str:
        """A keyed hash of these very files: what tells that nothing has changed."""
        key = self.run.secrets.key("enrolment source", self.run.site.organisation_id)
        digest = hmac.new(key, MODEL_VERSION.encode(), hashlib.sha256)
        for path in self.paths:
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()

    def _is_enrolled(self, consent: Consent, mac: str) -> bool:
        return Template.objects.filter(
            organisation_id=consent.organisation_id, consent=consent, source_mac=mac
        ).exists()

    def _looked_at(self) -> tuple[list[Vector], list[bytes], list[Found]]:
        vectors: list[Vector] = []
        photographs: list[bytes] = []
        results: list[Found] = []
        for path in self.paths:
            try:
                data = _read(path)
                vectors.append(embed_picture(data, path.name, self.run.engine, is_strict=True))
                photographs.append(_small(data))
                results.append((DONE, {}))
            except Refused as refusal:
                results.append((refusal.code, refusal.data))
        return vectors, photographs, results

    def _done(self, confusable: Mapping[UUID, float]) -> Found:
        """A pair that looks alike is enrolled and told; one face under two numbers even more so."""
        if not confusable:
            return DONE, {}
        near = min(confusable, key=lambda person: confusable[person])
        site = self.run.site
        who = [one.number for one in self.run.roster.by_id(site.organisation_id, site.id, [near])]
        code = SAME if confusable[near] < TWICE else ALIKE
        return code, {"number": "".join(who)}


def _read(path: Path) -> bytes:
    if path.stat().st_size > MAX_PHOTO_BYTES:
        raise Refused("images.unreadable", name=path.name)
    return path.read_bytes()


def _small(data: bytes) -> bytes:
    """The photograph as it may be kept: small, and without what a camera wrote into the file."""
    image = cv2.imdecode(numpy.frombuffer(data, numpy.uint8), cv2.IMREAD_COLOR)
    assert image is not None, "it was read a moment ago"
    scale = min(1.0, PHOTO_SIDE / max(image.shape[:2]))
    size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA) if scale < 1 else image
    return bytes(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 90])[1])


def _farthest(vectors: Sequence[Vector]) -> float:
    first = vectors[0]
    return max(float(numpy.linalg.norm(first - other)) for other in vectors)
