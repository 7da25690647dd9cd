"""Pages that move by themselves while something asked for is under way.

The part that waits asks for its page again with the mark of what the reader sees; once that has
changed, the reader's page is opened anew, so that what is open or half typed stays until then.
"""

import hashlib

from django.http import HttpRequest, HttpResponse

from server.console.render import render


def mark_of(*seen: object) -> str:
    """Return the mark of what a reader sees."""
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


def asked_again(request: HttpRequest, mark: str) -> HttpResponse | None:
    """Answer a waiting part, or None for a reader who opens the page."""
    if request.headers.get("X-Live") != "1":
        return None
    answer = render(request, "console/live_words.html")
    if request.GET.get("mark") != mark:
        answer["X-Goto"] = request.path
    return answer
