"""The pages of the first run: one address for all steps, so that nobody gets lost."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from domain.errors import Refused
from server.console.activation import ask_code, server_address
from server.console.audit import write_entry
from server.console.first_run import link
from server.console.first_run.steps import SKIPPABLE, Step, counter_of, first_sale, present_step
from server.console.first_run.take_step import (
    BY,
    Making,
    Meal,
    add_samples,
    import_list,
    register_counter,
    samples,
    set_up_administrator,
    set_up_meals,
    set_up_operator,
    set_up_site,
)
from server.console.models import FirstRun
from server.console.render import render
from server.organisations.pages import now, random, secrets, sentence
from server.qr_codes import qr_svg
from sync.messages import activation_link

CODE_COOKIE = "fanpiao_first_code"
MEALS = ("breakfast", "lunch", "dinner")
TAKEN = "first_run.{}"


@never_cache
@require_http_methods(["GET", "POST"])
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Welcome whoever has the link; starting uses it up."""
    try:
        link.check_token(token, now=now(), secrets=secrets())
        if request.method == "GET":
            return render(request, "console/first_run/welcome.html")
        with transaction.atomic():
            ticket = link.claim(token, now=now(), random=random, secrets=secrets())
            write_entry(request, "first_run.claimed", actor=BY)
    except Refused as refusal:
        if refusal.code == "first_run.done":
            return redirect("console:sign_in")
        if request.COOKIES.get(link.COOKIE):
            return redirect("console:first_run")
        return _closed(request, refusal)
    response = redirect("console:first_run")
    link.keep_cookie(request, response, link.COOKIE, ticket)
    return response


@never_cache
@sensitive_post_parameters("pin", "password", "code")
@require_http_methods(["GET", "POST"])
def first_run(request: HttpRequest) -> HttpResponse:
    """Show the first step that is not done, or take it."""
    try:
        run = link.claimed_run(request, now=now(), secrets=secrets())
    except Refused as refusal:
        return _closed(request, refusal)
    step, said = present_step(run), ""
    if request.method == "POST":
        try:
            return _take(request, step)
        except Refused as refusal:
            said = sentence(refusal)
    return _show(request, run, step, said)


@never_cache
def state(request: HttpRequest) -> HttpResponse:
    """Answer the waiting page: its live part, or where to go when the step is done."""
    try:
        run = link.claimed_run(request, now=now(), secrets=secrets())
    except Refused:
        return HttpResponse(status=403)
    step = present_step(run)
    if request.GET.get("step") != step or (step is Step.SALE and first_sale(run) is not None
                                           and request.GET.get("sold") != "1"):  # fmt: skip
        return HttpResponse(headers={"X-Goto": reverse("console:first_run")})
    return render(request, "console/first_run/waiting.html", _waiting(run))


def _take(request: HttpRequest, shown: Step) -> HttpResponse:
    """Take the step under the run's lock; a step taken meanwhile is not taken again."""
    again = redirect("console:first_run")
    with transaction.atomic():
        run = FirstRun.objects.select_for_update().get(id=1)
        step = present_step(run)
        if request.POST.get("step") != step:
            return again
        if "skip" in request.POST and step in SKIPPABLE:
            run.skipped = [*run.skipped, step]
        elif step in _TAKERS:
            _TAKERS[step](request, run)
        run.save()
        write_entry(
            request, TAKEN.format("finished" if run.finished_at else step), run.organisation,
            actor=BY, data={"skipped": "skip" in request.POST},
        )  # fmt: skip
    if step is Step.ADMINISTRATOR and "skip" not in request.POST:
        return _remember_account(request, again)
    if run.finished_at is not None:
        again.delete_cookie(CODE_COOKIE, path=link.PATH, samesite="Lax")
        ticket = request.COOKIES.get(link.COOKIE, "")
        link.keep_cookie(request, again, link.COOKIE, ticket, link.READ_FOR)
    return again


def _remember_account(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Lead the new administrator to the second factor, and from there back here."""
    from django.contrib.auth.models import User

    from server.console.signing_in.sessions import remember_password_given

    user = User.objects.get(username=request.POST.get("username", "").strip())
    remember_password_given(request, user)
    place = reverse("console:first_run")
    return HttpResponseRedirect(f"{reverse('console:set_up_factor')}?next={place}")


def _site(request: HttpRequest, run: FirstRun) -> None:
    set_up_site(run, request.POST, _making())


def _operator(request: HttpRequest, run: FirstRun) -> None:
    set_up_operator(run, request.POST, _making())


def _administrator(request: HttpRequest, run: FirstRun) -> None:
    set_up_administrator(run, request.POST, _making())


def _meals(request: HttpRequest, run: FirstRun) -> None:
    typed = request.POST
    meals = [
        Meal(
            code, typed.get(f"{code}_zh", "").strip() or code, typed.get(f"{code}_en", code),
            typed.get(f"{code}_starts", ""), typed.get(f"{code}_ends", ""),
            typed.get(f"{code}_price", ""),
        )
        for code in MEALS
    ]  # fmt: skip
    set_up_meals(run, meals, _making())


def _people(request: HttpRequest, run: FirstRun) -> None:
    if "samples" in request.POST:
        add_samples(run, _making())
        return
    sent = request.FILES.get("list")
    if sent is None:
        raise Refused("first_run.no_list")
    import_list(run, sent.read(), str(sent.name), _making())


def _sale(request: HttpRequest, run: FirstRun) -> None:
    link.finish(run, now=now())


_TAKERS: dict[Step, Callable[[HttpRequest, FirstRun], None]] = {
    Step.SITE: _site,
    Step.OPERATOR: _operator,
    Step.ADMINISTRATOR: _administrator,
    Step.MEALS: _meals,
    Step.PEOPLE: _people,
    Step.SALE: _sale,
}


def _show(request: HttpRequest, run: FirstRun, step: Step, said: str) -> HttpResponse:
    context: dict[str, Any] = {
        "step": step,
        "steps": _steps(step),
        "said": said,
        "typed": request.POST if said else None,
        "needs_administrator": not link.has_administrator(),
        # Whoever is signed in meanwhile stays with the steps
        "menu": [],
        **_waiting(run),
    }
    code = ""
    if step is Step.COUNTER:
        code = _code(request, run)
        address = server_address(request)
        context["address"] = address
        context["is_loopback"] = any(
            f"//{name}" in address for name in ("localhost", "127.", "[::1]")
        )
        context["code"] = code
        context["qr"] = qr_svg(activation_link(address, code), _("Activation code of the counter"))
    if step is Step.MEALS:
        context["meals"] = _offered_meals(request, said)
    response = render(request, f"console/first_run/{step}.html", context)
    if code:
        link.keep_cookie(request, response, CODE_COOKIE, code)
    return response


def _waiting(run: FirstRun) -> dict[str, Any]:
    terminal = counter_of(run)
    has_samples = "people" not in run.skipped
    return {
        "terminal": terminal, "sale": first_sale(run),
        "samples": samples()[:3] if has_samples else [],
    }  # fmt: skip


def _code(request: HttpRequest, run: FirstRun) -> str:
    """The code this browser was given before, while it is good; else a new one."""
    with transaction.atomic():
        held = FirstRun.objects.select_for_update().get(id=1)
        register_counter(held, _("Counter 1"), "canteen", _making())
        held.save(update_fields=["terminal"])
        run.terminal = held.terminal
        terminal = counter_of(run)
        assert terminal is not None, "it was registered a line before"
        return ask_code(terminal, request.COOKIES.get(CODE_COOKIE, ""), by=BY)


def _offered_meals(request: HttpRequest, said: str) -> list[dict[str, str]]:
    offered = (
        ("breakfast", "早餐", "Breakfast", "06:30", "09:00", "5"),
        ("lunch", "午餐", "Lunch", "10:30", "13:30", "12"),
        ("dinner", "晚餐", "Dinner", "16:30", "19:30", "12"),
    )
    names = ("zh", "en", "starts", "ends", "price")
    meals = []
    for code, *values in offered:
        kept = {name: request.POST.get(f"{code}_{name}", "") for name in names}
        meals.append({"code": code, **(kept if said else dict(zip(names, values, strict=True)))})
    return meals


def _steps(step: Step) -> list[dict[str, Any]]:
    titles = {
        Step.SITE: _("Place"), Step.OPERATOR: _("Operator"), Step.ADMINISTRATOR: _("Account"),
        Step.MEALS: _("Meals"), Step.PEOPLE: _("People"), Step.COUNTER: _("Counter"),
        Step.SALE: _("First sale"),
    }  # fmt: skip
    order = list(titles)
    here = order.index(step) if step in order else len(order)
    return [
        {"title": titles[one], "is_done": place < here, "is_here": place == here}
        for place, one in enumerate(order)
    ]


def _closed(request: HttpRequest, refusal: Refused) -> HttpResponse:
    context = {"title": _("First run"), "text": sentence(refusal)}
    return render(request, "console/refusal.html", context, status=403)


def _making() -> Making:
    return Making(now(), random, secrets())
