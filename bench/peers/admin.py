"""Django's admin with the screens that a library brings along."""

from django.contrib import admin

from bench.peers.models import _LIBRARY, Contact

if hasattr(_LIBRARY, "register"):
    _LIBRARY.register(admin.site, Contact)
