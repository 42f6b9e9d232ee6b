"""Every address of Annals; each app names its own."""

from django.apps import apps
from django.contrib import admin
from django.urls import include, path

from activity.views.overview import overview
from config import health
from config.csp_report import csp_report
from config.manifest import manifest
from config.metrics import metrics

urlpatterns = [
    path("", overview, name="home"),
    path("healthz", health.live, name="live"),
    path("readyz", health.ready, name="ready"),
    path("metrics", metrics, name="metrics"),
    path("csp-report", csp_report, name="csp_report"),
    path("manifest.webmanifest", manifest, name="manifest"),
    path("", include("accounts.urls")),
    path("", include("contacts.urls")),
    path("", include("activity.urls")),
    path("", include("config.mail.urls")),
    path("", include("config.operations.urls")),
    path("admin/", admin.site.urls),
]

if apps.is_installed("anymail"):
    urlpatterns.append(path("anymail/", include("contacts.urls_provider")))

handler403 = "accounts.views.refused"
handler404 = "config.views.not_found"
handler429 = "accounts.throttling.too_many_tries"  # asked for by allauth
handler500 = "config.failures.crashed"
