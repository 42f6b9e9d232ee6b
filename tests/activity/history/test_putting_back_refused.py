"""What is not put back: over somebody’s change, against the rules, or by who may not."""

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from contacts.models import Contact
from tests.activity.history.putting_back import HTMX, change, press, restored, text
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db


def test_an_undo_does_not_undo_what_somebody_else_did_since(
    client: Client, mia: User, amara: Contact
) -> None:
    change(amara, job_title="Chair")
    press(client, amara, 1, "job_title")
    seen = amara.version
    change(amara, job_title="Founder")
    answer = press(client, amara, 2, "job_title", seen, headers=HTMX)
    assert answer.status_code == 409
    assert "was changed in the meantime" in answer.headers["HX-Trigger"]
    assert amara.job_title == "Founder"


def test_what_somebody_changed_meanwhile_is_shown_before_it_is_overwritten(
    client: Client, mia: User, amara: Contact
) -> None:
    change(amara, job_title="Chair")
    seen = amara.version
    change(amara, job_title="Founder")
    answer = press(client, amara, 1, "job_title", seen)
    assert answer.status_code == 409
    assert amara.job_title == "Founder"
    assert "Job title was changed in the meantime" in text(answer)
    assert "Founder Director" in text(answer)
    address = re.search(r'method="post" action="([^"]+put-back[^"]+)"', answer.content.decode())
    assert address
    client.post(unescape(address[1]))
    amara.refresh_from_db()
    assert amara.job_title == "Director"


@pytest.mark.parametrize(
    ("field", "value"), [("emails", "shared@x.example"), ("phones", "+442079460142")]
)
def test_an_address_that_another_contact_has_now_is_asked_about(
    client: Client, mia: User, amara: Contact, field: str, value: str
) -> None:
    change(amara, **{field: [value]})
    change(amara, **{field: []})
    other = make_contact(given_name="Henrik", **{field: [value]})
    answer = press(client, amara, 2, field)
    assert answer.status_code == 409
    assert f"Henrik has {value} now." in text(answer)
    assert other.get_absolute_url() in answer.content.decode()
    assert getattr(amara, field) == []
    address = re.search(r'method="post" action="([^"]+put-back[^"]+)"', answer.content.decode())
    assert address
    client.post(unescape(address[1]))
    amara.refresh_from_db()
    assert getattr(amara, field) == [value]


def test_an_owner_who_left_does_not_come_back(client: Client, mia: User, amara: Contact) -> None:
    ben = make_user(name="Ben")
    change(amara, owner=ben)
    change(amara, owner=mia)
    ben.is_active = False
    ben.save()
    answer = press(client, amara, 2, "owner_id")
    assert answer.status_code == 422
    assert "Ben is not in the team any more" in text(answer)
    assert amara.owner_id == mia.pk
    assert not restored(amara)


def test_nothing_is_put_back_that_leaves_nobody_to_find(client: Client, mia: User) -> None:
    nobody = make_contact(organisation="Calder & Wren")
    change(nobody, organisation="", given_name="Amara")
    answer = press(client, nobody, 1, "given_name")
    assert answer.status_code == 422
    assert "so that this contact can be found again" in text(answer)
    assert nobody.given_name == "Amara"


def test_an_archived_contact_is_restored_first(client: Client, mia: User, amara: Contact) -> None:
    change(amara, job_title="Chair")
    amara.archive()
    page = client.get(reverse("contact_history", args=[amara.pk])).content.decode()
    assert "put-back?" not in page
    answer = press(client, amara, 1, "job_title")
    assert answer.status_code == 409
    assert "Restore this contact first" in text(answer)
    assert amara.job_title == "Chair"


@pytest.mark.parametrize(
    "field", ["archived_at", "do_not_contact_at", "version", "id", "search", "nonsense", ""]
)
def test_only_what_people_edit_can_be_put_back(
    client: Client, mia: User, amara: Contact, field: str
) -> None:
    amara.opt_out(source="team")
    answer = press(client, amara, 1, field)
    assert answer.status_code == 422
    assert amara.do_not_contact_at
    assert not restored(amara)


def test_a_version_that_never_was_is_not_found(client: Client, mia: User, amara: Contact) -> None:
    assert press(client, amara, 9, "job_title").status_code == 404
    assert press(client, amara, 10**30, "job_title").status_code == 404


@pytest.mark.parametrize("seen", ["", "x", "0", "-1", str(10**30)])
def test_a_page_that_does_not_say_what_it_showed_changes_nothing(
    client: Client, mia: User, amara: Contact, seen: str
) -> None:
    change(amara, job_title="Chair")
    address = reverse("contact_put_back", args=[amara.pk, 1])
    answer = client.post(f"{address}?field=job_title&seen={seen}")
    assert answer.status_code == 422
    amara.refresh_from_db()
    assert amara.job_title == "Chair"


def test_a_viewer_cannot_put_anything_back(client: Client, amara: Contact) -> None:
    client.force_login(make_user(name="Vic"))
    change(amara, job_title="Chair")
    assert press(client, amara, 1, "job_title").status_code == 403
    assert amara.job_title == "Chair"


def test_a_deleted_contact_answers_with_its_receipt(
    client: Client, mia: User, amara: Contact
) -> None:
    address = reverse("contact_put_back", args=[amara.pk, 1])
    amara.delete()
    assert client.post(f"{address}?field=job_title&seen=1").status_code == 410
