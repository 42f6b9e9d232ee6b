"""Every address of Annals; each app names its own."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("accounts.urls")),
    path("admin/", admin.site.urls),
]

handler403 = "accounts.views.refused"
