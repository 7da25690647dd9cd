"""The console's addresses: signing in, the first run, and every registered page."""

from importlib import import_module

from django.urls import path

from server.console.first_run import views as first_run
from server.console.page import patterns
from server.console.signing_in import views

import_module("server.console.pages")

app_name = "console"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-in/code/", views.sign_in_code, name="sign_in_code"),
    path("sign-in/set-up/", views.set_up_factor, name="set_up_factor"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("first-run/", first_run.first_run, name="first_run"),
    path("first-run/state/", first_run.state, name="first_run_state"),
    path("first-run/<str:token>/", first_run.open_link, name="first_run_link"),
    *patterns(),
]
