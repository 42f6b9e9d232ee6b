"""Saved views of the list: give one a name, rename, share, delete."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.filtering import ContactFilter
from contacts.forms.viewing import SavedViewForm
from contacts.models import SavedView
from contacts.views.answers import SeeOther

VIEW = "contacts.view_contact"


@require_safe
@permission_required(VIEW, raise_exception=True)
def index(request: HttpRequest) -> HttpResponse:
    """List the views that the user may change, each in a form of its own."""
    return _page(request)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(VIEW, raise_exception=True)
def new(request: HttpRequest) -> HttpResponse:
    """Ask for a name for what the address narrows the list to, and keep it."""
    asked = ContactFilter.of(request.POST or request.GET, ())
    view = SavedView(owner=request.user, query=asked.without().removesuffix("&"))
    form = SavedViewForm(request.POST or None, instance=view, user=request.user)
    if form.is_bound and form.kept():
        messages.success(request, _("View saved"))
        return SeeOther(f"{reverse('contacts')}?{view.query}")
    template = "contacts/views/_new.html" if request.htmx else "contacts/views/new.html"
    context = {"form": form, "filter": asked}
    return render(request, template, context, status=422 if form.is_bound else 200)


@require_POST
@permission_required(VIEW, raise_exception=True)
@transaction.atomic
def change(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Rename a view, share it or keep it to its owner."""
    views = SavedView.objects.changeable_by(request.user).select_for_update()
    view = get_object_or_404(views, pk=pk)
    form = SavedViewForm(request.POST, instance=view, user=request.user, auto_id=f"{pk}-%s")
    if not form.kept():
        return _page(request, form)
    messages.success(request, _("View saved"))
    return SeeOther(reverse("views"))


@require_POST
@permission_required(VIEW, raise_exception=True)
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Delete a view; one that is gone already is no mistake."""
    SavedView.objects.changeable_by(request.user).filter(pk=pk).delete()
    messages.success(request, _("View deleted"))
    return SeeOther(reverse("views"))


def _page(request: HttpRequest, typed: SavedViewForm | None = None) -> HttpResponse:
    """Show all forms; the one that was `typed` in says what is wrong with it."""
    views = SavedView.objects.changeable_by(request.user).select_related("owner")
    forms = [
        typed
        if typed and view == typed.instance
        else SavedViewForm(instance=view, user=request.user, auto_id=f"{view.pk}-%s")
        for view in views
    ]
    context = {"forms": forms}
    return render(request, "contacts/views/list.html", context, status=422 if typed else 200)
