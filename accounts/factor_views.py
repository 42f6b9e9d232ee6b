"""Pages of authenticator apps and recovery codes, and of who has to have a second factor.

allauth's views behind our pages. What was made anew is shown until its owner says that it is kept.
"""

from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.mfa.base import views as base
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp import views as totp
from django.contrib import messages
from django.contrib.auth.signals import user_login_failed
from django.db import transaction
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import leading, passkeys, second_step
from accounts.views import Unprocessable

LIST = format_lazy("{}#second-step", reverse_lazy("preferences"))
WANTED = "second_factor.wanted"  # in the session: the page somebody wanted who owed a second factor


def page_afterwards(request: HttpRequest, otherwise: Any = LIST) -> str:
    """Return where to go once a factor was added: where it was asked for, or to the list."""
    return request.session.pop(WANTED, None) or str(otherwise)


class SecondStep(base.AuthenticateView):
    """Ask for a code or a passkey after the password."""

    def form_invalid(self, form: Form) -> HttpResponse:
        """Show the page again, with what is wrong."""
        user = self.stage.login.user
        tried = {"method": "second step", "email": user.email}
        user_login_failed.send(sender=__name__, credentials=tried, request=self.request)
        return self.render_to_response(self.get_context_data(), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Tell which second steps there are."""
        user = self.stage.login.user
        held = set(user.authenticator_set.values_list("type", flat=True))
        has_passkey = "webauthn" in held and passkeys.offered(self.request)
        more = {"has_app": "totp" in held, "has_passkey": has_passkey, "codes": held - {"webauthn"}}
        return super().get_context_data(**kwargs) | more


class ConfirmWithCode(Unprocessable, base.ReauthenticateView):
    """Ask for a code once more before something that would let others in."""


class AddApp(Unprocessable, totp.ActivateTOTPView):
    """Show the secret of a new authenticator app, and ask for its first code."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the secret in groups of four letters, as people type it."""
        page = super().get_context_data(**kwargs)
        secret = page["form"].secret
        return page | {"key": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))}

    def get_success_url(self) -> str:
        """Return where the new recovery codes are shown, if there are any."""
        if self.did_generate_recovery_codes:
            return reverse("mfa_view_recovery_codes")
        return page_afterwards(self.request)

    def form_valid(self, form: Form) -> HttpResponse:
        """Keep the app; from now on the session has another key, as who it is counts for more."""
        answer = super().form_valid(form)
        self.request.session.cycle_key()
        return answer


class RemoveApp(Unprocessable, totp.DeactivateTOTPView):
    """Ask for no code of the app any more; the recovery codes go with it."""

    success_url = LIST

    @method_decorator(transaction.atomic)
    def form_valid(self, form: Form) -> HttpResponse:
        """Remove the app, and the codes that would stand in for it."""
        answer = super().form_valid(form)
        user: Any = self.request.user
        if not second_step.is_asked_of(user):
            user.authenticator_set.filter(type=Authenticator.Type.RECOVERY_CODES).delete()
        return answer


class NewRecoveryCodes(Unprocessable, codes.GenerateRecoveryCodesView):
    """Make recovery codes in place of those there were."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(app="allauth.mfa")
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Show the recovery codes until their owner says that they are kept, and never again."""
    new = _new_codes(request)
    if new is None:
        return redirect(page_afterwards(request))
    if request.method == "POST":
        new.mark_as_viewed()
        messages.success(request, _("Recovery codes kept"))
        return redirect(page_afterwards(request))
    return render(request, "mfa/recovery_codes/index.html", {"codes": new.get_unused_codes()})


@never_cache
@require_safe
@reauthentication_required(app="allauth.mfa")
def download_recovery_codes(request: HttpRequest) -> HttpResponse:
    """Answer with the recovery codes as a text file, as long as the page shows them."""
    new = _new_codes(request)
    if new is None:
        raise Http404
    page = {"codes": new.get_unused_codes()}
    answer = render(request, "mfa/recovery_codes/download.txt", page, content_type="text/plain")
    answer["Content-Disposition"] = 'attachment; filename="recovery-codes.txt"'
    return answer


def _new_codes(request: HttpRequest) -> RecoveryCodes | None:
    held = Authenticator.objects.filter(user_id=request.user.pk, type="recovery_codes").first()
    new = held.wrap() if held else None
    return None if new is None or new.did_view else new


@never_cache
@require_safe
def second_factor_required(request: HttpRequest) -> HttpResponse:
    """Say why nothing else can be opened, and offer what can be set up."""
    asked = leading.own_path(request.GET.get("next", ""))
    if not getattr(request.user, "owes_second_factor", False):
        return redirect(asked or "/")
    if asked:
        request.session.setdefault(WANTED, asked)
    page = {"can_add_passkeys": passkeys.offered(request)}
    return render(request, "mfa/required.html", page, status=403 if request.htmx else 200)
