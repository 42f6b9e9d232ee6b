"""The form of a contact in Django admin, as somebody sends it."""

from django.test import Client

from activity.models import ActivityEvent
from contacts.models import Contact

CONTACTS = "/admin/contacts/contact/"


def path_of(contact: Contact) -> str:
    return f"{CONTACTS}{contact.pk}/change/"


def opened(client: Client, path: str) -> dict[str, str]:
    """Return what the form of that page would send unchanged."""
    form = client.get(path).context["adminform"].form
    return {
        bound.name: "\n".join(bound.value()) if isinstance(bound.value(), list) else bound.value()
        for bound in form
        if bound.value() is not None
    }


def verbs(contact: Contact) -> list[str]:
    events = ActivityEvent.objects.filter(contact_id=contact.pk).order_by("id")
    return [event.verb for event in events]
