"""Django's admin with the screens that a library brings along."""

from django.contrib import admin

from bench.peers.models import LIBRARY, Contact

if hasattr(LIBRARY, "register"):
    LIBRARY.register(admin.site, Contact)
