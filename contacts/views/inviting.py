"""Invitations, for the team: send, send again, revoke, copy the link, end the access."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.sudo import ask, confirmed_lately
from contacts.forms.inviting import InvitationForm
from contacts.models import Blocked, Contact, Invitation, TooMany
from contacts.models.invitation import end_of_term
from contacts.views.answers import acted, refusal
from contacts.views.personal import kept_private

may_invite = permission_required("contacts.add_invitation", raise_exception=True)


@require_GET
@may_invite
def new(request: HttpRequest, pk: UUID, template: str = "contacts/invite.html") -> HttpResponse:
    """Show the form of an invitation, as a page or as a dialog."""
    contact = Contact.objects.present(pk)
    return render(request, template, _context(contact, InvitationForm.blank(contact)))


@require_POST
@may_invite
@transaction.atomic
def invite(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Invite the contact; sent twice, it is one. An open invitation to that address goes again."""
    contact = Contact.objects.locked(pk)
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _again(request, contact, form, 422)
    data = form.cleaned_data
    require_right(request, data["role"])
    if data["role"] == Invitation.Role.TEAM and not confirmed_lately(request):
        return ask(request, _("Invite now"))
    try:
        with transaction.atomic():
            invitation = Invitation.send(
                contact,
                inviter=request.user,
                email=data["email"],
                role=data["role"],
                note=data["note"],
                pk=data["id"],
            )
    except Blocked:
        return _again(request, contact, form, 409)
    except TooMany as limit:
        return _again(request, contact, form, 429, problem=str(limit))
    except IntegrityError:
        raise PermissionDenied(_("That id belongs to another invitation.")) from None
    if data["save_email"] and data["email"] not in contact.emails:
        contact.emails = [*contact.emails, data["email"]]
        contact.save()
    text = _("Invitation sent to %(email)s")
    if invitation.pk != data["id"]:
        text = _("There was an open invitation to %(email)s. It goes out again.")
    return _done(request, invitation, text % {"email": invitation.email})


@require_POST
@may_invite
@transaction.atomic
def resend(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send it again with a new link and a new term."""
    invitation = _locked(request, pk)
    email = {"email": invitation.email}
    try:
        with transaction.atomic():
            sent = invitation.resend(request.user)
    except (Blocked, TooMany) as obstacle:
        status = 409 if isinstance(obstacle, Blocked) else 429
        return _refused(request, invitation, str(obstacle), status)
    except IntegrityError:
        text = _("Another invitation to %(email)s is open. Send that one again.")
        return _refused(request, invitation, text % email, 409)
    if sent:
        return _done(request, invitation, _("Sent again to %(email)s") % email)
    if invitation.is_living:
        return _done(request, invitation, _("It is on its way to %(email)s.") % email)
    return _refused(request, invitation, _("%(email)s has accepted it already.") % email, 409)


@require_POST
@may_invite
@transaction.atomic
def revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take it back: none of its links works any more."""
    invitation = _locked(request, pk)
    email = {"email": invitation.email}
    if note := invitation.revoke_for_now(request.user):
        undo = f"{reverse('invitation_reopen', args=[pk])}?{urlencode({'note': note})}"
        text = _("Invitation to %(email)s revoked") % email
        return _done(request, invitation, text, undo=undo)
    if invitation.state == Invitation.State.ACCEPTED:
        text = _("%(email)s has accepted it already. End the access instead.") % email
        return _refused(request, invitation, text, 409)
    return _done(request, invitation, _("It was not open any more."))


@require_POST
@may_invite
@transaction.atomic
def link(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make a link to hand over in another way, and show it this once: it is kept nowhere."""
    invitation = _locked(request, pk)
    try:
        address = invitation.copy_link()
    except Blocked as blocked:
        return _refused(request, invitation, str(blocked), 409)
    if not address:
        text = _("This invitation can’t be accepted any more. Send it again for a new link.")
        return _refused(request, invitation, text, 409)
    template = "contacts/_invitation_link.html" if request.htmx else "contacts/invitation_link.html"
    context = {"invitation": invitation, "contact": invitation.contact, "address": address}
    return kept_private(render(request, template, context))


@require_POST
@may_invite
@transaction.atomic
def end(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End the access to the portal that an accepted invitation gave."""
    invitation = _locked(request, pk)
    if invitation.end():
        text = _("%(email)s can’t open the portal any more.") % {"email": invitation.email}
        return _done(request, invitation, text)
    return _done(request, invitation, _("It gives no access to the portal."))


@require_POST
@may_invite
@transaction.atomic
def arrived(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Note that its mail arrived, where no program could know."""
    invitation = _locked(request, pk)
    delivery = invitation.delivery
    if delivery and delivery.arrived():
        return _done(request, invitation, _("Noted that it arrived"))
    return _done(request, invitation, _("That is known already."))


@require_GET
@permission_required("contacts.view_contact", raise_exception=True)
def row(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer with its row of the timeline; nothing where it is as it was `shown`."""
    invitation = Invitation.for_timeline([pk]).get(pk)
    if invitation is None or invitation.stamp == request.GET.get("shown"):
        return HttpResponse(status=204)
    return render(request, "contacts/invitation_row.html", {"invitation": invitation})


def _locked(request: HttpRequest, pk: UUID) -> Invitation:
    """Return an invitation, locked after its contact, that this user may act on."""
    invitation = Invitation.objects.locked(pk)
    require_right(request, invitation.role)
    return invitation


def require_right(request: HttpRequest, role: str) -> None:
    """Raise PermissionDenied where this user may not invite to that role."""
    if role == Invitation.Role.TEAM and not request.user.has_perm("contacts.invite_team"):
        raise PermissionDenied(_("Only administrators invite to the team."))


def _context(contact: Contact, form: InvitationForm) -> dict[str, Any]:
    context = {"contact": contact, "form": form, "ends_at": end_of_term()}
    try:
        contact.require_reachable()
    except Blocked as blocked:
        context["blocked"] = blocked
    return context


def _again(
    request: HttpRequest, contact: Contact, form: InvitationForm, status: int, **why: Any
) -> HttpResponse:
    template = "contacts/_invite.html" if request.htmx else "contacts/invite.html"
    return render(request, template, _context(contact, form) | why, status=status)


def _done(request: HttpRequest, invitation: Invitation, text: str, undo: str = "") -> HttpResponse:
    template = "contacts/invited.html"
    return acted(request, invitation.contact, template, text, undo=undo, invitation=invitation)


def _refused(request: HttpRequest, invitation: Invitation, text: str, status: int) -> HttpResponse:
    if request.htmx:
        return refusal(text, status)
    context = {"contact": invitation.contact, "invitation": invitation, "problem": text}
    return render(request, "contacts/invitation_refused.html", context, status=status)
