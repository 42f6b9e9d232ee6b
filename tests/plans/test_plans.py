"""How the queries of each page are answered in a large database.

Each page is opened as people open it. A test fails where a statement of it reads a large table from
its beginning, or sorts more than a page holds where an index could deliver the order, and says
which statement of which page it was.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import User
from activity.models import Seen
from contacts import attention, paging, searching
from contacts.admin import FirstRows
from contacts.models import Contact, ImportRun
from contacts.views import listing
from tests.builders import make_user
from tests.plans import crowd as crowds
from tests.plans.asked import LISTS, LOGS, MAILS, OTHERS, PAGES, SORTS
from tests.plans.crowd import Crowd
from tests.plans.reading import PAGE, judge
from tests.tables import empty_tables

pytestmark = pytest.mark.django_db

FEW = 5_000  # contacts of a tag, or rows of a word, that are sorted sooner than looked for


@pytest.fixture(scope="module")
def crowd(django_db_setup: None, django_db_blocker: Any) -> Iterator[Crowd]:
    with django_db_blocker.unblock():
        yield crowds.make()
        empty_tables()


@pytest.fixture
def ada(client: Client, crowd: Crowd) -> Any:
    user = make_user(name="Ada")
    client.force_login(user)
    return user


def check(
    client: Client, address: str, sorts: int = PAGE, begins: int = PAGE, **posted: Any
) -> None:
    """Open a page, or post to it, and judge what it asks the database."""

    def opened() -> None:
        answer = client.post(address, posted) if posted else client.get(address)
        assert answer.status_code in (200, 302, 303), f"{address}: {answer.status_code}"
        b"".join(answer)

    judge(address, opened, sorts=sorts, begins=begins)


@pytest.fixture
def stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for contacts in stretches that are short beside this database, too."""
    monkeypatch.setattr(paging, "NEAR", 200)
    monkeypatch.setattr(paging, "FAR", 2_000)
    monkeypatch.setattr(listing, "NEAR", 200)
    monkeypatch.setattr(searching, "FEW", 1_000)
    monkeypatch.setattr(searching, "PAGES", 30)
    monkeypatch.setattr(attention, "SEEN", 50)


@pytest.mark.parametrize("asked", LISTS)
def test_the_list_with_each_filter_and_sort(client, ada, stretches, asked):
    owner = User.objects.get(name="Person 3").pk
    for sort in SORTS:
        address = f"/contacts/?{asked.format(owner=owner)}&sort={sort}"
        check(client, address, FEW)
    if cursor := client.get(address).context["page"].next:
        check(client, f"{address}&cursor={cursor}", FEW)


@pytest.mark.parametrize("asked", LISTS)
def test_the_neighbours_of_a_contact_in_a_list(client, ada, stretches, asked):
    owner = User.objects.get(name="Person 3").pk
    middle = Contact.objects.unmerged().active().order_by("id")[500].pk
    query = quote(f"{asked.format(owner=owner)}&sort=name")
    check(client, f"/contacts/{middle}/neighbours?go=next&list={query}", FEW)


@pytest.mark.parametrize("page", PAGES)
def test_a_contact_that_everybody_works_on(client, ada, crowd, page):
    name, query = PAGES[page]
    ids = crowd.events.values_list("id", flat=True)
    places = {
        "middle": ids[len(ids) // 2],
        "old": ids[len(ids) - 100],
        "person": User.objects.get(name="Person 3").pk,
        "day": timezone.localdate(),
    }
    # How many entries are older is counted up to 1,000.
    check(client, f"{reverse(name, args=[crowd.hot.pk])}?{query.format(**places)}", 1_100)


def test_what_came_to_a_contact_since_somebody_looked(client, ada, crowd):
    for seen in (1, crowd.events[100].id):
        Seen.objects.update_or_create(
            user=ada, contact=crowd.hot, defaults={"event_id": seen, "at": timezone.now()}
        )
        check(client, crowd.hot.get_absolute_url(), 1_100)


@pytest.mark.parametrize("asked", LOGS)
def test_the_log_with_each_filter(client, ada, crowd, stretches, asked):
    places = {
        "person": User.objects.get(name="Person 3").pk,
        "contact": crowd.hot.pk,
        "day": timezone.localdate() - timedelta(3),
    }
    check(client, f"/activity/?{asked.format(**places)}", FEW)


@pytest.mark.parametrize(
    "address", ["/", "/?for=team", "/?for=team&show=mails", "/?for=team&show=messages"]
)
def test_the_overview(client, ada, stretches, address):
    check(client, address)


def test_what_became_of_mails(client, ada, crowd):
    check(client, reverse("mail_health"), sorts=2_000)  # in the order of their states, to count


@pytest.mark.parametrize("name", OTHERS)
def test_lists_of_other_things(client, ada, stretches, name):
    if name == "activity_log_menu":
        check(client, f"{reverse(name, args=['whom'])}?whom=family77", FEW)
        check(client, f"{reverse(name, args=['who'])}?who=mia", FEW)
    elif name.startswith("admin:"):
        check(client, reverse(name), begins=FirstRows.LIMIT)
    else:
        check(client, reverse(name))


@pytest.mark.parametrize("asked", MAILS)
def test_mails_in_the_administration_with_each_filter(client, ada, asked):
    address = f"{reverse('admin:contacts_delivery_changelist')}?{asked}"
    check(client, address, begins=FirstRows.LIMIT)


@pytest.mark.parametrize("asked", ["state=sent", "state=revoked", "q=a@nowhere.example"])
def test_invitations_in_the_administration_with_each_filter(client, ada, asked):
    address = f"{reverse('admin:contacts_invitation_changelist')}?{asked}"
    check(client, address, begins=FirstRows.LIMIT)


def test_the_operations_page_and_its_numbers(client, ada, stretches):
    check(client, reverse("operations"))


def test_an_entry_of_the_log(client, ada, crowd):
    check(client, reverse("activity_event", args=[crowd.events[100].uid]))


def test_an_import_and_what_it_left_out(client, ada, crowd):
    check(client, reverse("import_run", args=[crowd.upload.pk]))


def test_a_bulk_action_and_whom_it_left_out(client, ada, crowd):
    check(client, reverse("bulk_run", args=[crowd.bulk.pk]), sorts=500)


def test_selecting_all_that_match(client, ada):
    for asked in ({"tag": "vip"}, {"q": "family77"}, {"q": "c77@mail", "owner": ""}):
        check(client, reverse("bulk_select"), FEW, action="archive", everyone="1", **asked)


def test_selecting_some(client, ada):
    some = list(Contact.objects.values_list("pk", flat=True)[:50])
    check(client, reverse("bulk_select"), action="tag", contact=some)


def test_exporting_contacts(client, ada):
    asked = {"tag": "vip", "everyone": "1", "format": "csv", "sort": "name"}
    check(client, reverse("contacts_export"), FEW, **asked)


def test_exporting_a_part_of_the_log(client, ada):
    asked = {"kind": "invitation.sent", "actor": str(User.objects.get(name="Person 3").pk)}
    judge(
        "an export of the log",
        lambda: client.post(
            reverse("activity_export"), {"id": str(uuid7()), "format": "csv", **asked}
        ),
        sorts=5_000,  # a batch
    )


def test_a_portal_with_many_messages(client, crowd):
    client.force_login(crowd.account)
    check(client, reverse("portal"))
    check(client, reverse("portal_conversation", args=[crowd.hot.pk]))


def test_looking_for_the_contact_that_a_new_one_repeats(client, ada):
    check(
        client, reverse("contact_new"), id=str(uuid7()), emails="c77@mail.example", family_name="X"
    )


def test_an_import_finds_who_is_here_already(crowd):
    rows = "".join(f"New,c{number}@mail.example\n" for number in range(1, 51))
    file = SimpleUploadedFile("people.csv", f"Name,Email\n{rows}".encode())
    run = ImportRun.receive(file, User.objects.get(name="Mia"), uuid7())
    run.start(["given_name", "emails"], by_worker=False)
    judge("an import", run.run)
    assert run.skipped == 50


@pytest.mark.parametrize(
    ("index", "address"),
    [
        ("contact_by_activity", "/contacts/"),
        ("contact_by_name", "/contacts/?sort=name"),
        ("contact_search", "/contacts/?q=nobody"),
        ("contact_tags", "/contacts/?tag=vip"),
        ("event_by_contact", "/contacts/{hot}/"),
        ("message_received", "/?for=team"),
        ("delivery_by_day", "/activity/mail/"),
        ("event_by_kind", "/activity/?kind=contact.archived"),
    ],
)
@pytest.mark.usefixtures("ada", "stretches")
def test_a_page_without_its_index_is_noticed(client, crowd, index, address):
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {index}")  # comes back with the end of the test
    address = address.format(hot=crowd.hot.pk)
    wrong = r"is read from its beginning|rows of \w+ are read|rows are sorted"
    told = rf"(?s){re.escape(address)}\n.*({wrong}).*SELECT.* rows"  # page, reason, statement, plan
    with pytest.raises(AssertionError, match=told):
        check(client, address, FEW)
