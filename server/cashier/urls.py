"""The pages a payer sees."""

from django.urls import path

from server.cashier import views

app_name = "cashier"
urlpatterns = [
    path("<slug:token>", views.order, name="order"),
    path("<slug:token>/code.svg", views.code, name="code"),
]
