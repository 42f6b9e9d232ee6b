"""What becomes of an edit whose contact was archived or deleted in the meantime."""

import pytest

from activity.models import ActivityEvent
from tests.builders import make_contact
from tests.contacts.editing.saving import edit, stored

pytestmark = pytest.mark.django_db


def test_an_archived_contact_opens_its_page_instead_of_the_form(client, mia):
    contact = make_contact()
    contact.archive()
    response = client.get(f"/contacts/{contact.pk}/edit", follow=True)
    assert response.redirect_chain[-1][0] == f"/contacts/{contact.pk}/"
    assert "is archived. Restore it to edit it." in response.content.decode()


def test_what_was_typed_while_somebody_archived_is_kept_and_can_be_saved(client, mia, ben):
    contact = make_contact(given_name="A")
    ben.post(f"/contacts/{contact.pk}/archive")
    response = edit(client, contact, city="Lagos")
    page = response.content.decode()
    assert response.status_code == 409
    assert "A is archived" in page
    assert 'value="Lagos"' in page
    assert stored(contact).city == ""
    assert edit(client, contact, city="Lagos", restore="1").status_code == 303
    assert not stored(contact).is_archived
    assert stored(contact).city == "Lagos"
    verbs = list(ActivityEvent.objects.order_by("id").values_list("verb", flat=True))
    assert verbs[-2:] == ["contact.restored", "contact.updated"]


def test_what_was_typed_while_somebody_deleted_can_be_copied_or_added_anew(client, mia):
    contact = make_contact(given_name="A")
    stored(contact).delete()
    response = edit(client, contact, given_name="A", city="Lagos")
    page = response.content.decode()
    assert response.status_code == 410
    assert 'value="Lagos"' in page
    assert 'formaction="/contacts/new"' in page
    assert client.get(f"/contacts/{contact.pk}/edit").status_code == 410
