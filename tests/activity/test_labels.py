"""Events say the same whoever acted, and are read in the language of whoever reads them."""

import pytest
from django.utils import translation

from activity.models import ActivityEvent
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db


def test_a_german_colleague_reads_the_field_that_an_arab_one_changed(client) -> None:
    zoe = make_contact()
    with translation.override("ar"):
        zoe.city = "Patras"
        zoe.save()
    mia = make_user(name="Mia")
    type(mia).objects.filter(pk=mia.pk).update(language="de")
    client.force_login(mia)
    page = client.get(zoe.get_absolute_url()).content.decode()
    assert "Ort" in page
    assert "المدينة" not in page


def test_an_event_holds_the_english_name_of_a_field() -> None:
    zoe = make_contact()
    with translation.override("de"):
        zoe.city = "Patras"
        zoe.save()
    [change] = ActivityEvent.objects.get(verb="contact.updated").payload["changes"]
    assert change["label"] == "City"


def test_a_role_is_said_in_the_language_of_the_reader() -> None:
    with translation.override("ar"):
        ben = make_user(name="Ben", role="member")
        ben.assign_role("manager")
    event = ActivityEvent.objects.get(verb="user.role_changed")
    assert event.payload["changes"][0]["new"] == "Manager"
    with translation.override("ar"):
        [change] = event.changes
    assert (change["label"], change["new"]) == ("الدور", "مدير")


def test_a_field_that_is_gone_keeps_the_name_it_was_written_with() -> None:
    event = ActivityEvent(object_type="contact")
    old = {"field": "fax", "label": "Fax", "draw": "text", "old": None, "new": "1"}
    event.payload = {"changes": [old]}
    assert event.changes[0]["label"] == "Fax"


def test_a_change_is_found_by_the_name_of_its_field_in_the_language_of_who_looks(client) -> None:
    zoe = make_contact()
    zoe.city = "Patras"
    zoe.save()
    zoe.job_title = "Buyer"
    zoe.save()
    mia = make_user(name="Mia")
    type(mia).objects.filter(pk=mia.pk).update(language="de")
    client.force_login(mia)
    page = client.get(zoe.get_absolute_url(), {"q": "ort"}).content.decode()
    assert "Patras" in page
    timeline = page[page.index('id="timeline"') :]
    assert "Buyer" not in timeline
