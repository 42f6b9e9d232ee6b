"""Pages of the own account: sign-in and passwords (allauth's), preferences, and refusals."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from allauth.account import views as allauth
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views import defaults
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import reswap, trigger_client_event

from accounts import leading, passkeys
from accounts import unsent as waiting
from accounts.forms import TeamPreferencesForm
from accounts.models import User


class Unprocessable:
    """Answers an invalid form with 422."""

    def form_invalid(self, form: Form) -> HttpResponse:
        """Show the form again, with what is wrong in it."""
        return self.render_to_response(self.get_context_data(form=form), status=422)


class SignIn(Unprocessable, allauth.LoginView):
    """Sign in with email and password."""

    def form_invalid(self, form: Form) -> HttpResponse:
        """Show the form again; with 429 where an account has been tried too often."""
        response = super().form_invalid(form)
        if form.has_error(NON_FIELD_ERRORS, "too_many_login_attempts"):
            response.status_code = HTTPStatus.TOO_MANY_REQUESTS
            response.headers["Retry-After"] = "300"
        return response


class ForgottenPassword(Unprocessable, allauth.PasswordResetView):
    """Ask for a link by mail."""


class NewPassword(Unprocessable, allauth.PasswordResetFromKeyView):
    """Set a new password, having followed the link."""


class ChangePassword(Unprocessable, allauth.PasswordChangeView):
    """Set a new password, knowing the present one."""


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """Show and save what the user decides about the own account; list the own passkeys."""
    form = TeamPreferencesForm(request.POST or None, instance=User.objects.get(pk=request.user.pk))
    if not form.is_valid():
        page = {
            "form": form,
            "passkeys": passkeys.of(request.user),
            "can_add_passkeys": passkeys.offered(request),
        }
        status = 422 if form.is_bound else 200
        return render(request, "accounts/preferences.html", page, status=status)
    user = form.save()
    with translation.override(user.language):
        messages.success(request, _("Preferences saved"))
    return redirect("preferences")


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_anew(request: HttpRequest) -> HttpResponse:
    """Sign out who has no key of ours to confirm it is them, and back in, to where they were."""
    to = leading.own_path(request.POST.get("next") or request.GET.get("next", "")) or "/"
    if request.method == "POST":
        logout(request)
        return redirect_to_login(to, reverse("account_login"))
    return render(request, "accounts/sign_in_anew.html", {"next": to})


@require_safe
def unsent(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show what could not be done when it was sent, to do it now; forms of many fields as such."""
    kept = waiting.find(key, request.user)
    if kept is None:
        raise Http404
    labels = {
        "subject": _("Subject"), "body": _("Text"), "note": _("Note"), "reason": _("Reason"),
        "confirm": _("Typed to confirm"),
    }  # fmt: skip
    many = bool({"notes", "version"} & kept["fields"].keys()) and "body" not in kept["fields"]
    each = [(name, value) for name, values in kept["fields"].items() for value in values]
    shown = [] if many else [(name, value) for name, value in each if name in labels]
    page = {
        **kept,
        "confirmed": kept["why"] == waiting.UNCONFIRMED,
        "too_often": kept["why"] == waiting.TOO_OFTEN,
        "many": many,
        "texts": [
            {"name": name, "label": labels[name], "value": value, "rows": 8 if "\n" in value else 2}
            for name, value in shown
        ],
        "hidden": [
            {"name": name, "value": value} for name, value in each if (name, value) not in shown
        ],
    }
    return render(request, "accounts/unsent.html", page)


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 403; a user who was not given a role yet reads whom to ask for one."""
    user: Any = request.user
    if request.htmx:
        return _notice(_("Your role does not allow this. Nothing was changed."))
    if not user.is_authenticated or user.is_superuser or user.role:
        return defaults.permission_denied(request, exception or PermissionDenied())
    context = {"administrators": User.objects.administrators()}
    return render(request, "accounts/no_role.html", context, status=403)


def out_of_date(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 to a form whose CSRF token is no longer valid: mostly, of an old tab."""
    if request.htmx:
        return _notice(_("This page is out of date. Reload it, then try again."))
    return render(request, "403_csrf.html", status=403)


def _notice(text: str) -> HttpResponse:
    response = reswap(HttpResponse(status=403), "none")
    return trigger_client_event(response, "toast", {"text": text, "kind": "bad"})
