"""What a contact was before, in Django admin: named, and never put back by hand."""

import pytest
from django.test import Client

from accounts.models import User
from contacts.models import Contact
from tests.contacts.admin.editing import CONTACTS

pytestmark = pytest.mark.django_db


def test_the_history_names_old_and_new_values(client: Client, ada: User, amara: Contact) -> None:
    amara.city, amara.phones = "Oslo", [*amara.phones, "+442079460000"]
    amara.save()
    page = client.get(f"{CONTACTS}{amara.pk}/history/").content.decode()
    assert "<del>London</del> → <ins>Oslo</ins>" in page
    assert "<ins>+12022243441, +442079460000</ins>" in page
    assert "style=" not in page


def test_no_version_is_written_over_the_present_one(
    client: Client, ada: User, amara: Contact
) -> None:
    version = amara.history.first()
    answer = client.post(f"{CONTACTS}{amara.pk}/history/{version.pk}/", {"city": "Rome"})
    assert answer.status_code in {302, 404}
    assert Contact.objects.get(pk=amara.pk).city == "London"
