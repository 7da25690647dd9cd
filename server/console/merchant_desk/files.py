"""A table as a file that the reader gets at once."""

import tempfile
from pathlib import Path

from django.http import Http404, HttpResponse

from domain.messages import Language
from server.reports.exports import CONTENT_TYPES, WRITERS
from server.reports.tables import Table


def as_file(table: Table, kind: str, name: str, language: Language) -> HttpResponse:
    """Return `table` as an "xlsx" or "csv" named `name`; raises `Http404` for another kind."""
    if kind not in WRITERS:
        raise Http404
    with tempfile.TemporaryDirectory(prefix="fanpiao-file-") as folder:
        path = Path(folder) / f"file.{kind}"
        WRITERS[kind](table, path, language)
        data = path.read_bytes()
    answer = HttpResponse(data, content_type=CONTENT_TYPES[kind])
    answer["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return answer
