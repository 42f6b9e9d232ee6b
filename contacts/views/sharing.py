"""Sharing a contact by mail: choose, see exactly what would leave, send, and take links back."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.throttling import SHARES, limited
from contacts.forms.sharing import ShareForm
from contacts.models import Blocked, Contact, ContactGone, Share
from contacts.views.answers import SeeOther, acted, newest_shown, toast

# What may be done first where nothing can be sent, and who may do it.
WAYS_OUT: dict[str, tuple[str, Callable[[Contact], bool]]] = {
    "restore": ("contacts.archive_contact", Contact.restore),
    "opt_in": ("contacts.change_contact", Contact.opt_in),
}


@require_http_methods(["GET", "POST"])
@permission_required("contacts.add_share", raise_exception=True)
@limited(SHARES)
@transaction.atomic
def shares(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask what goes to whom; on POST send it. Sent twice, it is one.

    Where the mails are not those that the form was shown, nothing leaves: it shows them again.
    """
    if request.method == "GET":
        return _ask(request, ShareForm.first(found(pk)))
    try:
        contact = Contact.objects.locked(pk)
    except ContactGone as gone:
        context = {"deleted": gone.receipt, "note": request.POST.get("note", "")}
        return _render(request, "unsent", context, 410)
    form = ShareForm(request.POST, contact=contact)
    if "first" in request.POST:
        return _unblock(request, form)
    return _send(request, form) if form.is_valid() else _ask(request, form, 422)


@require_GET
@permission_required("contacts.add_share", raise_exception=True)
def dialog(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer with the same question as a dialog."""
    form = ShareForm.first(found(pk))
    return render(request, "contacts/_share_dialog.html", _context(request, form))


@require_POST
@permission_required("contacts.add_share", raise_exception=True)
def preview(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show exactly what would leave, and to whom. Changes nothing."""
    form = ShareForm(request.POST, contact=found(pk))
    status = 200 if form.is_valid() else 422
    if not request.htmx:
        return _ask(request, form, status)
    return render(request, "contacts/_share_preview.html", _context(request, form), status=status)


@require_POST
@permission_required("contacts.add_share", raise_exception=True)
@transaction.atomic
def resend(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send it again to one of its addresses, where it did not arrive."""
    share = Share.objects.locked(pk)
    try:
        done = share.resend(request.POST.get("address", ""))
    except Blocked as blocked:
        return _changed(request, share, str(blocked), 409)
    return _changed(
        request, share, _("It is sent again.") if done else _("It did not need to be sent again.")
    )


@require_POST
@permission_required("contacts.add_share", raise_exception=True)
@transaction.atomic
def revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take the link of a share back."""
    share = Share.objects.locked(pk)
    done = share.revoke_link()
    return _changed(
        request, share, _("The link is taken back.") if done else _("The link is closed already.")
    )


@require_GET
@permission_required("contacts.view_contact", raise_exception=True)
def row(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer with a share's row of the timeline; 204 where it is as the page has `seen` it."""
    share = Share.for_timeline([pk]).get(pk)
    if share is None:
        raise Http404
    if request.GET.get("seen") == share.stamp:
        return HttpResponse(status=204)
    return render(request, "contacts/living_row.html", {"living": share})


def _send(request: HttpRequest, form: ShareForm) -> HttpResponse:
    share, previewed = form.draft(request.user), form.cleaned_data["previewed"]
    if previewed and previewed != share.seal(share.letters()):
        return _ask(request, form, 409, is_other=True)
    try:
        with transaction.atomic():
            is_new = share.send()
    except IntegrityError:
        raise PermissionDenied(_("That id belongs to another share.")) from None
    except Blocked as blocked:
        return _ask(request, form, 409, blocked=blocked)
    text = _on_its_way(share) if is_new else _("It was sent already.")
    return acted(request, form.contact, "shares/sent.html", text)


def found(pk: UUID) -> Contact:
    """Return a contact. Raises what ContactQuerySet.present raises."""
    return Contact.objects.present(pk)


def _unblock(request: HttpRequest, form: ShareForm) -> HttpResponse:
    """Take away what stands in the way, and ask again: nothing that was typed is lost."""
    way_out = WAYS_OUT.get(request.POST["first"])
    if way_out is None or not request.user.has_perm(way_out[0]):
        raise PermissionDenied
    way_out[1](form.contact)
    if not request.htmx:
        return _ask(request, form)
    context = _context(request, form) | {"newest": newest_shown(request)}
    return render(request, "shares/unblocked.html", context)


def _ask(request: HttpRequest, form: ShareForm, status: int = 200, **context: Any) -> HttpResponse:
    context |= _context(request, form) | {"refused": status != 200}
    return _render(request, "dialog", context, status)


def _render(request: HttpRequest, name: str, context: dict[str, Any], status: int) -> HttpResponse:
    """Answer with a dialog, or with a page that holds it."""
    template = f"contacts/_share_{name}.html" if request.htmx else f"shares/{name}.html"
    return render(request, template, context, status=status)


def _context(request: HttpRequest, form: ShareForm) -> dict[str, Any]:
    """Return what the form and its preview show: the mails as they would leave."""
    context = {"contact": form.contact, "form": form}
    if not form.is_valid():
        return context
    share = form.draft(request.user)
    letters = share.letters()
    own = [letter for letter in letters if share.is_own(letter.recipient)]
    others = [letter for letter in letters if letter not in own]
    # All mails to others say the same, and so do all to the contact.
    kinds = [
        {"to": [letter.recipient for letter in group], "letter": group[0]}
        for group in (own, others)
        if group
    ]
    labels = [item["label"].lower() for item in share.disclosed]
    return context | {
        "share": share,
        "kinds": kinds,
        "previewed": share.seal(letters),
        "named": get_text_list(labels, _("and")),
        "outside": get_text_list(share.others, _("and")),
    }


def _on_its_way(share: Share) -> str:
    count = len(share.recipients)
    return ngettext("On its way to %(to)s", "On its way to %(count)d addresses", count) % {
        "to": share.recipients[0],
        "count": count,
    }


def _changed(request: HttpRequest, share: Share, text: str, status: int = 200) -> HttpResponse:
    """Answer with the share's row as it is now."""
    kind = "ok" if status == 200 else "bad"
    if not request.htmx:
        level = messages.SUCCESS if status == 200 else messages.ERROR
        messages.add_message(request, level, text)
        return SeeOther(f"{share.contact.survivor.get_absolute_url()}#share-{share.pk}")
    living = Share.for_timeline([share.pk])[share.pk]
    context = {"living": living, "contact": living.contact.survivor}
    context["newest"] = newest_shown(request)
    return toast(render(request, "shares/changed.html", context, status=status), text, kind=kind)
