"""What every answer to a browser carries: where scripts, styles and pictures may come from.

All of them are our own files: nothing inline, nothing from elsewhere. Camera pictures of an
enrolment are blobs of the page itself. What no database can keep goes no further.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBadRequest, HttpResponseBase

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:;"
    " media-src 'self' blob:; font-src 'self'; connect-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)
FEATURES = "camera=(self), microphone=(), geolocation=(), payment=(), usb=()"


class Guards:
    """Middleware that adds the content and feature policies."""

    def __init__(self, behind: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._behind = behind

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with both headers."""
        response = HttpResponseBadRequest() if _has_nul(request) else self._behind(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", FEATURES)
        return response


def _has_nul(request: HttpRequest) -> bool:
    """Whether a field holds NUL: no browser's form sends it, and PostgreSQL keeps no such text."""
    sent = (request.GET, request.POST)
    return any("\0" in text for fields in sent for _name, texts in fields.lists()
               for text in texts)  # fmt: skip
