"""The bookshop's addresses: django-oscar's own, and its pictures. Its own stock alerts lead nowhere."""

from django.apps import apps
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.shortcuts import get_object_or_404, redirect
from django.urls import include, path, re_path
from django.views.static import serve
from oscar.core.loading import get_model


def gone(_request: HttpRequest, **_named: object) -> HttpResponse:
    """Answer that there is no such page."""
    return HttpResponseNotFound("Who waits for something, waits at Standby.")


def of_sku(_request: HttpRequest, sku: str) -> HttpResponse:
    """Lead to the page of what has a SKU, as Standby's mails do where the catalogue has no address."""
    record = get_object_or_404(get_model("partner", "StockRecord"), partner_sku=sku)
    return redirect(record.product.get_absolute_url())


alerts = [re_path(r"^accounts/alerts/", gone)] if apps.is_installed("care") else []
urlpatterns = [
    *alerts,
    path("p/<path:sku>", of_sku),
    path("i18n/", include("django.conf.urls.i18n")),
    re_path(r"^media/(?P<path>.*)$", serve, {"document_root": settings.MEDIA_ROOT}),
    path("", include(apps.get_app_config("oscar").urls[0])),
]
