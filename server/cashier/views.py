"""The unified page behind the counter's code: it knows who opened it and asks `/v1/pay/<token>`.

The page is the same for every app; what it offers is what the order's API says. Nothing here
writes, and a token that we did not make gets one page, whatever is wrong with it.
"""

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.shortcuts import render
from django.views.decorators.http import require_safe

from domain.errors import Refused
from domain.messages import text
from domain.money import format_amount
from server.cashier.payer_apps import app_of
from server.cashier.words import words
from server.organisations.pages import language, secrets
from server.payments.answers import PAYEE_CODE
from server.payments.models import Attempt, Payment
from server.payments.order_tokens import read_token
from server.qr_codes import qr_svg


@require_safe
def order(request: HttpRequest, token: str) -> HttpResponse:
    """The page of one order."""
    spoken = language()
    said_here = words(spoken)
    payment = _payment(token)
    if payment is None:
        said = text("orders.unknown", {}, spoken)
        page = render(request, "cashier/unknown.html", {"said": said, "words": said_here})
        page.status_code = HttpResponseNotFound.status_code
        return page
    context = {
        "token": token,
        "app": app_of(request.headers.get("user-agent", "")),
        "words": said_here,
        "amount": format_amount(payment.total_amount),
    }
    page = render(request, "cashier/order.html", context)
    page.headers["Cache-Control"] = "no-store"
    return page


@require_safe
def code(request: HttpRequest, token: str) -> HttpResponse:
    """The channel's code of the open attempt, for another phone to scan."""
    payment = _payment(token)
    shown = "" if payment is None else _code_text(payment)
    if not shown:
        return HttpResponseNotFound()
    drawn = str(qr_svg(shown, words(language())["scan"]))
    drawn = drawn.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return HttpResponse(drawn, content_type="image/svg+xml", headers={"Cache-Control": "no-store"})


def _payment(token: str) -> Payment | None:
    try:
        payment_id = read_token(secrets(), token)
    except Refused:
        return None
    # The token is our own seal over this id: whoever has it may see this one order
    return Payment.objects.filter(id=payment_id, credential=PAYEE_CODE).first()


def _code_text(payment: Payment) -> str:
    last = (
        Attempt.objects.filter(organisation=payment.organisation, payment=payment.id)
        .order_by("submitted_at")
        .last()
    )
    return "" if last is None else last.code_text
