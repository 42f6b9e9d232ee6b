"""Pages of passkeys: signing in with one, the own ones, and proving that it is still you.

allauth's views behind our pages. Why a passkey is made by our own: see accounts/passkeys.py.
"""

from typing import Any

from allauth.account import views as account
from allauth.account.decorators import reauthentication_required
from allauth.account.mixins import NextRedirectMixin
from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn import views as webauthn
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import passkeys
from accounts.factor_views import page_afterwards
from accounts.forms import SignInForm
from accounts.models import User
from accounts.views import Unprocessable

LIST = format_lazy("{}#passkeys", reverse_lazy("preferences"))


class PasskeySignIn(NextRedirectMixin, webauthn.LoginWebAuthnView):
    """Sign in with a passkey, without a word typed."""

    template_name = "account/login.html"

    def form_invalid(self, form: Form) -> HttpResponse:
        """Show the sign-in page again: there is the password, too."""
        user_login_failed.send(
            sender=__name__, credentials={"method": "passkey"}, request=self.request
        )
        page = self.get_context_data(form=SignInForm(request=self.request), passkey_form=form)
        return self.render_to_response(page, status=422)


class Confirm(Unprocessable, account.ReauthenticateView):
    """Ask for the password once more before something that would let others in."""

    def form_valid(self, form: Form) -> HttpResponse:
        """Go on, in a session with a new key: who it is counts for more from now on.

        A password that was stored anew on the way does not end the session that it was typed in.
        """
        update_session_auth_hash(self.request, User.objects.get(pk=self.request.user.pk))
        return super().form_valid(form)


class ConfirmWithPasskey(Unprocessable, webauthn.ReauthenticateWebAuthnView):
    """Ask for a passkey once more before something that would let others in."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Keep the form that was refused: allauth makes a new one."""
        return super().get_context_data() | kwargs


@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(app="allauth.mfa")
def add_passkey(request: HttpRequest) -> HttpResponse:
    """Make a passkey on this device, or on another one that the browser can reach."""
    user: Any = request.user
    problem = None
    if request.method == "POST":
        try:
            passkeys.add(request, user, request.POST.get("credential", ""))
        except ValidationError as error:
            problem = error
        else:
            messages.success(request, _("Passkey added"))
            return redirect(page_afterwards(request, LIST))
    page = {"options": passkeys.begin(request, user), "problem": problem}
    return render(request, "mfa/webauthn/add_form.html", page, status=422 if problem else 200)


class RenamePasskey(Unprocessable, webauthn.EditWebAuthnView):
    """Give a passkey a name that says where it is kept."""

    success_url = LIST

    def form_valid(self, form: Form) -> HttpResponse:
        """Keep the name, and say so."""
        messages.success(self.request, _("Passkey renamed"))
        return super().form_valid(form)


class RemovePasskey(webauthn.RemoveWebAuthnView):
    """Let a passkey sign in no longer."""

    success_url = LIST

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Tell whether there is another way to sign in afterwards, and whether a role needs it."""
        others = passkeys.of(self.request.user).exclude(pk=self.object.pk)
        is_needed = not get_adapter().can_delete_authenticator(self.object)
        return super().get_context_data(others=others, is_needed=is_needed, **kwargs)

    def form_valid(self, form: Form) -> HttpResponse:
        """Remove it, unless it is all there is of what a role asks for."""
        if not get_adapter().can_delete_authenticator(self.object):
            return self.render_to_response(self.get_context_data(), status=422)
        return super().form_valid(form)
