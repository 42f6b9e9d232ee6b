"""Every event knows who acted, through what and from where, and nobody acts in another's name."""

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from uuid_utils.compat import uuid7

from accounts.models import User
from activity.context import acting, current
from activity.models import ActivityEvent, ActivityOrigin
from contacts.models import Contact
from tests.builders import make_contact, make_user
from tests.threads import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def amara() -> Contact:
    return make_contact()


def archive(user: User, contact: Contact, **headers: str) -> None:
    client = Client(**headers)
    client.force_login(user)
    assert client.post(reverse("contact_archive", args=[contact.pk])).status_code == 303


def origin_of(verb: str) -> ActivityOrigin:
    return ActivityOrigin.objects.get(pk=ActivityEvent.objects.get(verb=verb).origin_id)


def test_what_is_done_on_a_page_names_the_person_and_the_page(amara: Contact) -> None:
    mia = make_user(name="Mia")
    archive(mia, amara, HTTP_USER_AGENT="Firefox/150.0")
    event, origin = (
        ActivityEvent.objects.get(verb="contact.archived"),
        origin_of("contact.archived"),
    )
    assert (event.actor_id, event.actor_name) == (mia.pk, "Mia")
    assert (origin.channel, origin.route, origin.actor_id) == ("web", "contact_archive", mia.pk)
    assert (origin.address, origin.user_agent) == ("127.0.0.1", "Firefox/150.0")


def test_what_is_done_in_the_administration_says_so(client: Client) -> None:
    client.force_login(make_user(name="Ada"))
    form = {"given_name": "Amara", "opened_version": "1"}
    answer = client.post(reverse("admin:contacts_contact_add"), form)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    origin = origin_of("contact.created")
    assert (origin.channel, origin.route) == ("admin", "admin:contacts_contact_add")


def test_without_a_request_the_system_acts(amara: Contact) -> None:
    origin = origin_of("contact.created")
    assert (origin.channel, origin.route, origin.actor_type) == ("system", "", "system")


@pytest.mark.django_db(transaction=True)
def test_what_a_command_does_names_the_command(tmp_path: Path) -> None:
    """The command runs in a process of its own, as people start it."""
    file = tmp_path / "people.csv"
    file.write_text("Given name,Family name\nAmara,Okonkwo\n")
    settings = connection.settings_dict
    url = "postgres://{USER}@/{NAME}".format(**settings)
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "manage.py", "import_contacts", str(file)],
        cwd=root,
        env=os.environ | {"DATABASE_URL": url, "PGHOST": settings["HOST"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    origin = origin_of("contact.imported")
    assert (origin.channel, origin.route) == ("command", "import_contacts")


def test_the_address_a_stranger_claims_is_not_believed(amara: Contact) -> None:
    archive(make_user(), amara, HTTP_X_FORWARDED_FOR="198.51.100.7")
    assert origin_of("contact.archived").address == "127.0.0.1"


def test_the_address_a_trusted_proxy_saw_is_believed(amara: Contact, settings) -> None:
    settings.TRUSTED_PROXIES = ["127.0.0.0/8", "10.0.0.0/8"]
    archive(make_user(), amara, HTTP_X_FORWARDED_FOR="192.0.2.1, 198.51.100.7, 10.0.0.3")
    assert origin_of("contact.archived").address == "198.51.100.7"


def test_a_request_has_one_origin_however_many_events_it_writes(amara: Contact) -> None:
    mia = make_user()
    with acting(actor=mia, channel="web", route="contact_edit") as context:
        for city in ("Lagos", "Paris", "London"):
            amara.city = city
            amara.save()
    assert ActivityOrigin.objects.filter(pk=context.id).count() == 1
    assert ActivityEvent.objects.filter(origin_id=context.id).count() == 3


def test_two_requests_have_two_origins(amara: Contact) -> None:
    mia = make_user()
    archive(mia, amara)
    client = Client()
    client.force_login(mia)
    client.post(reverse("contact_restore", args=[amara.pk]))
    assert origin_of("contact.archived").pk != origin_of("contact.restored").pk


def test_a_request_leaves_no_context_behind(amara: Contact) -> None:
    before = current()
    archive(make_user(), amara)
    assert current() is before


def test_contexts_nest_and_end_with_their_block() -> None:
    outside = current()
    with acting(channel="command") as outer:
        with acting(channel="task", parent=outer.id) as inner:
            assert current() is inner
        assert current() is outer
    assert current() is outside


@pytest.mark.django_db(transaction=True)
def test_people_who_act_at_once_are_never_mistaken_for_each_other() -> None:
    people = [make_user(name=name) for name in ("Ada", "Max", "Mia", "Ben")]
    contacts = {person.pk: [make_contact() for _each in range(5)] for person in people}

    def work(person: User) -> None:
        client = Client(HTTP_USER_AGENT=person.name)
        client.force_login(person)
        for contact in contacts[person.pk]:
            path = reverse("contact_comments", args=[contact.pk])
            client.post(path, {"id": uuid7(), "body": f"Seen by {person}"})

    at_once(*(partial(work, person) for person in people))
    comments = ActivityEvent.objects.filter(verb="comment.added")
    assert comments.count() == 20
    for event in comments:
        said = event.changes[0]["new"].removeprefix("Seen by ")
        origin = ActivityOrigin.objects.get(pk=event.origin_id)
        assert said == event.actor_name == origin.user_agent
        assert event.contact_id in {contact.pk for contact in contacts[event.actor_id]}
