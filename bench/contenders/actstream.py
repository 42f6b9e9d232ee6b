"""django-activity-stream: the application says what happened, in one table of actions.

Set up as its guide says. It records only what the application tells it to: here who changed which
contact, and the two values, as data. It is made for streams of activity, not for audits. It brings
no page of what happened to one thing; the page here lists that stream with its own template.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from actstream import action, registry
from actstream.models import target_stream
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path

from bench.contenders.django_alone import AFTER, BATCH, DjangoAlone


def ready() -> None:
    """Allow users and contacts in actions."""
    registry.register(get_user_model(), apps.get_model("peers", "contact"))


@login_required
def stream(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the newest actions on a contact."""
    contact = get_object_or_404(apps.get_model("peers", "contact"), pk=pk)
    context = {"contact": contact, "actions": target_stream(contact)[:50]}
    return render(request, "peers/stream.html", context)


URLS = (
    ("", [path("stream/<uuid:pk>/", stream)]),
    ("actions/", "actstream.urls"),
)


class Contender(DjangoAlone):
    """Saves as bare Django does, and sends an action."""

    log = "actstream_action"
    log_object = "target_object_id"

    def save(self, contact: Any) -> None:
        """Save, and say what was changed."""
        contact.save()
        values = {"job_title": contact.job_title, "city": contact.city}
        action.send(self.user, verb="changed", target=contact, **values)

    def create(self, contacts: Sequence[Any]) -> None:
        """Create contacts by Django's bulk_create, and send an action for each."""
        self.contacts.objects.bulk_create(contacts, batch_size=BATCH)
        for contact in contacts:
            action.send(self.user, verb="created", target=contact)

    def overrides(self) -> dict[str, str]:
        """Give each action values of its own."""
        data = ", ".join(f"'{field}', {value}" for field, value in AFTER.items())
        return super().overrides() | {"data": f"jsonb_build_object({data})"}

    def address(self, pk: UUID) -> str:
        """Return the stream of one contact."""
        return f"/stream/{pk}/"
