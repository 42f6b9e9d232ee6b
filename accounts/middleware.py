"""Who may pass without signing in, and in whose language and zone a page is written."""

import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone, translation

from accounts import devices, leading, unsent


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Asks for a sign-in before every view that is not marked with `login_not_required`.

    Afterwards people find themselves on the page they were on, whatever they did there: an htmx
    request or a form's POST has no page of its own to go back to. What a form sent without
    JavaScript is shown to them first, so that it can be sent (accounts.unsent).
    """

    def handle_no_permission(self, request: HttpRequest, view_func: Callable) -> HttpResponse:
        """Lead to the sign-in page: htmx the whole page, so that no row ever holds a sign-in."""
        page = leading.page_to_show(request)
        if request.method == "POST" and not request.htmx:
            page = unsent.keep(request, page) or page
        sign_in = resolve_url(settings.LOGIN_URL)
        to_sign_in = redirect_to_login(page, sign_in, self.redirect_field_name)
        return leading.led_to(request, to_sign_in.url)


class PreferencesMiddleware:
    """Writes a signed-in user's pages in the user's language and time zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the preferences active, and with none of them left over afterwards."""
        if not request.user.is_authenticated:
            return self.get_response(request)
        devices.note_use(request)
        zone = zoneinfo.ZoneInfo(request.user.time_zone)
        with timezone.override(zone), translation.override(request.user.language):
            response = self.get_response(request)
        if request.user.is_authenticated:  # still
            unsent.remember(request, response)
        return response
