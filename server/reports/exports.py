"""Reports as files, made by the worker: asked for, written with progress, given out, forgotten.

Rules
- Asking writes the export and its due work in one transaction; a restart makes the file anew.
- The file is written to a temporary folder first and stored whole: nobody downloads half of one.
- A week after it was asked for the file is gone; whoever needs it later asks again.
"""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from domain.clock import Clock
from domain.errors import Refused
from domain.ids import RandomBytes
from domain.messages import Language, text
from server.fresh import fresh_id
from server.reports.catalogue import REPORTS, Question, make
from server.reports.models import Export, ExportPart, ExportState
from server.reports.tables import Table, Told, Totals, write_csv, write_xlsx
from server.work.effects import DueRow
from server.work.handlers import Claimed, register
from server.writes import write_now

KIND = "reports.export"
"""Due work: write the file; afterwards, when its time is over, drop it."""
KEPT = timedelta(days=7)
SILENCE = timedelta(minutes=5)
"""After so long without a word whoever made the file is gone, and it is made anew."""
PART_BYTES = 1_000_000
WRITERS = {"xlsx": write_xlsx, "csv": write_csv}
CONTENT_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


def ask_export(
    question: Question, file_format: str, *, by: str, now: datetime, random: RandomBytes
) -> Export:
    """Store what was asked and let the worker make it.

    Raises `Refused("reports.unknown")` for a report or format that is none.
    """
    if question.report not in REPORTS or file_format not in WRITERS:
        raise Refused("reports.unknown", name=f"{question.report}.{file_format}")
    export = Export(
        id=fresh_id(now, random), organisation=question.organisation_id, report=question.report,
        file_format=file_format, asked=question.as_data(), asked_by=by, asked_at=now,
        expires_at=now + KEPT,
    )  # fmt: skip
    due = DueRow(fresh_id(now, random), export.organisation, KIND, export.id, now)
    with transaction.atomic(), connection.cursor() as cursor:
        export.save(force_insert=True)
        write_now(cursor, [due])
    return export


@dataclass(frozen=True, slots=True)
class Exporter:
    """The worker's part; `clock` tells when a file was last written to."""

    clock: Clock

    def work_off(self, due: Claimed, now: datetime) -> datetime | None:
        """Make the file, or drop one whose time is over; come back when it will be."""
        export = Export.objects.filter(id=due.subject_id).first()
        if export is None:
            return None
        if export.expires_at <= now:
            export.delete()
            return None
        if export.state == ExportState.RUNNING and now - _worked_at(export) < SILENCE:
            # Somebody is at it for longer than a claim lasts
            return now + SILENCE
        if export.state in (ExportState.WAITING, ExportState.RUNNING):
            self._make(export)
        return export.expires_at

    def _make(self, export: Export) -> None:
        self._set(export, state=ExportState.RUNNING, rows_written=0)
        export.parts.all().delete()
        question = Question.of(export.organisation, export.report, export.asked)
        with tempfile.TemporaryDirectory(prefix="fanpiao-export-") as folder:
            path = Path(folder) / f"file.{export.file_format}"
            try:
                rows = self._write(question, export, path)
            except Refused as refused:
                why = text(refused.code, refused.data, question.language)
                self._set(export, state=ExportState.FAILED, why=why[:300])
                return
            _store(export, path)
            size = path.stat().st_size
        self._set(export, state=ExportState.DONE, rows_written=rows, byte_count=size)

    def _write(self, question: Question, export: Export, path: Path) -> int:
        def told(rows: int) -> None:
            self._set(export, rows_written=rows)

        write: Callable[[Table, Path, Language, Told], Totals] = WRITERS[export.file_format]
        return write(make(question), path, question.language, told).rows

    def _set(self, export: Export, **values: Any) -> None:
        Export.objects.filter(id=export.id).update(worked_at=self.clock.now(), **values)


def file_of(export: Export) -> Iterator[bytes]:
    """Yield the file's bytes, a part at a time."""
    for number in range(_part_count(export)):
        yield bytes(ExportPart.objects.get(export=export, number=number).data)


def file_name(export: Export) -> str:
    """Return a name that says what, when and whose; letters that any file system takes."""
    since, until = export.asked["since"], export.asked["until"]
    span = since if since == until else f"{since}_{until}"
    return f"fanpiao-{export.report}-{span}.{export.file_format}"


def register_work(clock: Clock) -> None:
    """Register what this app does when it is due."""
    register(KIND, Exporter(clock).work_off)


def _worked_at(export: Export) -> datetime:
    return export.worked_at or export.asked_at


def _store(export: Export, path: Path) -> None:
    """Store the parts one by one: no long transaction keeps the counters' own waiting."""
    with path.open("rb") as file:
        for number in range(path.stat().st_size // PART_BYTES + 1):
            part = file.read(PART_BYTES)
            ExportPart.objects.create(
                organisation=export.organisation, export=export, number=number, data=part
            )


def _part_count(export: Export) -> int:
    return export.byte_count // PART_BYTES + 1
