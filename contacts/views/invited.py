"""The page of an invitation, for its recipient: look, accept, decline, stop. See personal_link.

GET changes nothing: mail programs and scanners follow links. All that opens nothing, for whatever
reason, gets the same answer after the same one look at the index.
"""

import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth import login, logout
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import passkeys
from accounts.models import User
from contacts.forms.inviting import AcceptForm
from contacts.models import Contact, ContactGone, Invitation, Link
from contacts.views.answers import SeeOther
from contacts.views.personal import personal_link, posts_too_often

# In the session of somebody who signs in first: the digest of the link, never its token.
WAITING = "contacts.invitation"


@require_http_methods(["GET", "HEAD", "POST"])
@personal_link
def invitation(request: HttpRequest, token: str = "") -> HttpResponse:
    """Show the invitation; on POST do what its button says.

    Without a token it is the one that waited in the session for a sign-in.
    """
    link = Link.find(token) if token else Link.of(request.session.get(WAITING, ""))
    found = link.invitation if link else None
    if found is None or not found.is_open:
        return _closed(request)
    if request.method != "POST":
        return _page(request, found)
    if posts_too_often(request):
        problem = _("Too many tries from your network. Wait a minute, then try again.")
        return _asked_again(request, found, problem, status=429)
    answer = ANSWERS.get(request.POST.get("answer", "accept"))
    if answer is None:
        return _asked_again(request, found, _("Choose one of the answers below."), status=422)
    return answer(request, link)


@require_POST
@personal_link
@transaction.atomic
def opened(request: HttpRequest, token: str) -> HttpResponse:
    """Note that its recipient looks at it: the page says so when somebody moves, types or touches.

    Whoever is signed in with another address is not its recipient.
    """
    link = None if posts_too_often(request) else Link.find(token)
    if link and link.invitation and link.invitation.is_open and _may_be(request, link.invitation):
        locked = _locked(link.invitation)
        if locked and locked.is_open:
            locked.open()
    return HttpResponse()


@transaction.atomic
def accept(request: HttpRequest, link: Link) -> HttpResponse:
    """Accept with a new account, or with the one of that address that is signed in."""
    invited = _locked(link.invitation)
    if invited and invited.state == Invitation.State.ACCEPTED:
        return _accepted_already(request, invited)
    if invited is None or not invited.is_open:
        return _closed(request)
    user: Any = request.user
    if not user.is_authenticated:
        if User.objects.filter(email=invited.email).exists():
            return _page(request, invited, status=409)
        form = AcceptForm(request.POST, invitation=invited)
        user = _new_account(request, form)
        if user is None:
            return _page(request, invited, form=form, status=422 if form.errors else 409)
        login(request, user)
    elif not _may_be(request, invited):
        return _page(request, invited, status=409)
    invited.accept(user)
    request.session.pop(WAITING, None)
    return SeeOther(_home(invited))


@transaction.atomic
def decline(request: HttpRequest, link: Link, *, stop_contact: bool = False) -> HttpResponse:
    """Say no, once or for good."""
    invited = _locked(link.invitation)
    if invited is None or not invited.is_open:
        return _closed(request)
    invited.decline(stop_contact=stop_contact)
    context = {"invitation": invited, "stopped": stop_contact}
    with _as_read_by(request, invited):
        return render(request, "invitations/declined.html", context)


def stop(request: HttpRequest, link: Link) -> HttpResponse:
    """Say no to this and to whatever else may come."""
    return decline(request, link, stop_contact=True)


def sign_in(request: HttpRequest, link: Link) -> HttpResponse:
    """Lead to the sign-in and back here."""
    request.session[WAITING] = link.pk
    login_page = reverse("account_login")
    return SeeOther(f"{login_page}?{urlencode({'next': reverse('invitation_waiting')})}")


def switch(request: HttpRequest, link: Link) -> HttpResponse:
    """Sign out whoever is signed in, and go on with the invitation."""
    logout(request)
    request.session[WAITING] = link.pk
    return SeeOther(reverse("invitation_waiting"))


ANSWERS = {
    "accept": accept,
    "decline": decline,
    "stop": stop,
    "sign-in": sign_in,
    "switch": switch,
}


def _new_account(request: HttpRequest, form: AcceptForm) -> User | None:
    """Return the account that the form asks for.

    None where the form says what is wrong, or where the address has an account by now.
    """
    if not form.is_valid():
        return None
    email, name = form.invitation.email, form.cleaned_data["name"]
    try:
        with transaction.atomic():
            if form.cleaned_data["credential"]:
                credential = form.cleaned_data["credential"]
                return passkeys.create_account(request, email, name, credential)
            return User.objects.create_user(email, form.cleaned_data["password"], name=name)
    except ValidationError as error:
        form.add_error(None, error)
    except (IntegrityError, passkeys.AddressTaken):
        pass
    return None


def _locked(found: Invitation) -> Invitation | None:
    """Return the invitation as it is now, locked after its contact; None where both are gone."""
    try:
        contact = Contact.objects.locked_with_survivor(found.contact_id)
    except ContactGone:
        return None
    invited = Invitation.objects.select_for_update().get(pk=found.pk)
    invited.contact, invited.inviter = contact, found.inviter
    return invited


def _asked_again(
    request: HttpRequest, invited: Invitation, problem: str, *, status: int
) -> HttpResponse:
    """Show the invitation with what kept the answer from counting, and the name that was typed."""
    typed = {"name": request.POST["name"]} if "name" in request.POST else {}
    form = AcceptForm(initial=typed, invitation=invited)
    return _page(request, invited, form=form, status=status, problem=problem)


def _page(
    request: HttpRequest,
    invited: Invitation,
    *,
    form: AcceptForm | None = None,
    status: int = 200,
    problem: str = "",
) -> HttpResponse:
    """Show the invitation as it concerns whoever is signed in, or nobody."""
    user: Any = request.user
    context: dict[str, Any] = {"invitation": invited, "problem": problem}
    context["may_be"] = _may_be(request, invited)
    if user.is_authenticated:
        template = "confirm" if context["may_be"] else "switch"
    elif User.objects.filter(email=invited.email).exists():
        template = "sign_in"
    else:
        template = "accept"
        context["form"] = form or AcceptForm(invitation=invited)
        if passkeys.offered(request):
            name = context["form"]["name"].value() or ""
            context["passkey"] = passkeys.begin_account(request, invited.email, name)
    with _as_read_by(request, invited):
        return render(request, f"invitations/{template}.html", context, status=status)


def _may_be(request: HttpRequest, invited: Invitation) -> bool:
    """Tell whether who asks may be its recipient: nobody is signed in, or that address is."""
    return not request.user.is_authenticated or request.user.email == invited.email


def _closed(request: HttpRequest) -> HttpResponse:
    return render(request, "invitations/closed.html", status=404)


def _accepted_already(request: HttpRequest, invited: Invitation) -> HttpResponse:
    """Lead on whoever accepted it just now; tell anybody else that it is taken."""
    if request.user.is_authenticated and request.user.pk == invited.account_id:
        return SeeOther(_home(invited))
    context = {"invitation": invited, "home": _home(invited)}
    with _as_read_by(request, invited):
        return render(request, "invitations/accepted.html", context, status=409)


def _home(invited: Invitation) -> str:
    return reverse("contacts" if invited.role == Invitation.Role.TEAM else "portal")


@contextmanager
def _as_read_by(request: HttpRequest, invited: Invitation) -> Iterator[None]:
    """Write pages in the language and zone of who is signed in, else of the mail that led here."""
    if request.user.is_authenticated:
        yield
        return
    inviter = invited.inviter
    zone = zoneinfo.ZoneInfo(inviter.time_zone)
    with timezone.override(zone), translation.override(inviter.language):
        yield
