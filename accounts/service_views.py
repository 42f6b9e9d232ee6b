"""Where a sign-in through the service begins and comes back to, and where it is disconnected."""

from typing import Any

from allauth.account.utils import get_next_redirect_url
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.decorators import rate_limit
from allauth.socialaccount.internal.flows import connect
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from requests import RequestException

from accounts import passkeys
from accounts.service import PROVIDER, Service, ServiceClient
from accounts.service_adapter import failure
from accounts.sudo import sudo_required

# What a service answers that is no service, or has a bad day.
FAILURES = (RequestException, OAuth2Error, KeyError, ValueError, TypeError, AttributeError)


@login_not_required
@never_cache
@require_POST
@rate_limit(action="login")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Lead to the service.

    By a page that goes on by itself: browsers that follow `form-action` refuse to be led elsewhere
    by the answer to a form.
    """
    try:
        service = Service.configured(request)
        onward = service.redirect(request, "login", next_url=get_next_redirect_url(request))
    except FAILURES as error:
        return failure(request, error).response
    return render(
        request, "socialaccount/onward.html", {"address": onward.url, "name": service.name}
    )


@login_not_required
@never_cache
@require_GET
@rate_limit(action="login")
def callback(request: HttpRequest) -> HttpResponse:
    """Sign in whom the service has sent back."""
    view: Any = OAuth2CallbackView.adapter_view(ServiceClient(request, PROVIDER))
    try:
        return view(request)
    except ImmediateHttpResponse as answer:
        return answer.response
    except FAILURES as error:
        return failure(request, error).response


@require_http_methods(["GET", "HEAD", "POST"])
@sudo_required(label=_("Disconnect"))
@transaction.atomic
def disconnect(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the service sign somebody in no longer, where there is another way in."""
    user: Any = request.user
    own = SocialAccount.objects.select_for_update().filter(user_id=user.pk)
    account = get_object_or_404(own, pk=pk)
    ways = user.has_usable_password() or passkeys.of(user).exists()
    if request.method == "POST" and ways:
        connect.disconnect(request, account)
        return redirect("preferences")
    page = {"account": account, "name": settings.OIDC_NAME, "ways": ways}
    status = 422 if request.method == "POST" else 200
    return render(request, "socialaccount/disconnect.html", page, status=status)
