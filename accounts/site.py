"""Django admin under Annals' own sign-in, for administrators only."""

from collections.abc import Callable
from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _


class AdministrationSite(AdminSite):
    """Signs in, out and changes passwords where the rest of Annals does."""

    site_title = site_header = _("Annals administration")
    index_title = _("Administration")
    site_url = "/"

    def admin_view(self, view: Callable, cacheable: bool = False) -> Callable:
        """Show a page of the admin: 403 for users who are not administrators."""
        return secure_admin_login(super().admin_view(view, cacheable))

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Lead to the first page: SignInRequiredMiddleware lets nobody else come here."""
        return redirect("admin:index")

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Lead to the page that signs out."""
        return redirect("account_logout")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Lead to the page that changes the password."""
        return redirect("account_change_password")
