"""Handing a history over: a sheet and a file that can be matched, and noted once."""

import csv
import hashlib
import io
import re
from html import unescape

import pytest
from django.contrib.auth.models import Permission
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import User
from activity.context import acting
from activity.history import record
from activity.models import ActivityEvent, Checkpoint
from contacts.models import Contact, Delivery, Message
from tests.activity.happenings import happen
from tests.builders import make_comment, make_contact, make_user

pytestmark = pytest.mark.django_db
NOTE = "annals.example.com/ledger/1\n42\nAAAA=\n\n— annals.example.com/ledger/1 xyz\n"


@pytest.fixture
def max_(client: Client) -> User:
    max_ = make_user(name="Max")
    client.force_login(max_)
    return max_


@pytest.fixture
def amara() -> Contact:
    contact = make_contact(given_name="Amara", job_title="Director", emails=["a@calder.example"])
    with acting(actor=make_user(name="Mia"), channel="web"):
        contact.job_title, contact.city = "Chair", "Lagos"
        contact.save()
        contact.archive("Paused until the Q4 budget round.")
    return contact


def make(client: Client, contact: Contact, query: str = "", pk: object = "") -> str:
    """Press the button; return the address of the sheet."""
    address = reverse("contact_handover", args=[contact.pk])
    answer = client.post(f"{address}?{query}", {"id": pk or uuid7()})
    assert answer.status_code == 303
    return answer.headers["Location"]


def sheet(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def text(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


def download(client: Client, page: str) -> HttpResponse:
    link = re.search(r'href="([^"]+\.csv)"', page)
    assert link
    return client.get(link[1])


def content(client: Client, page: str) -> bytes:
    return b"".join(download(client, page).streaming_content)


def rows(client: Client, page: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content(client, page).decode("utf-8-sig"))))


def exports(contact: Contact) -> list[ActivityEvent]:
    return list(ActivityEvent.objects.of(contact.pk).filter(verb="export.created"))


def test_the_sheet_holds_name_facts_and_every_entry_oldest_first(
    client: Client, max_: User, amara: Contact
) -> None:
    make_comment(amara, body="A comment in full")
    page = sheet(client, make(client, amara))
    told = text(page)
    assert "History of Amara" in told
    assert "Job title Chair Email a@calder.example City Lagos Archived" in told
    verbs = re.findall(r'data-verb="([\w.]+)"', page)
    assert verbs == ["contact.created", "contact.updated", "contact.archived", "comment.added"]
    assert "A comment in full" in told
    assert "Paused until the Q4 budget round." in told


def test_the_sheet_has_no_tools_but_a_head_for_each_page(
    client: Client, max_: User, amara: Contact
) -> None:
    page = sheet(client, make(client, amara))
    assert "<nav" not in page
    assert "<form" not in page
    assert "<button" not in page
    assert "<script" not in page
    head = re.search(r"<thead>.*?</thead>", page, re.S)
    assert head
    assert "Amara · printed by Max" in text(head[0])
    assert str(timezone.localdate().year) in head[0]


def test_file_and_sheet_are_matched_by_their_fingerprint(
    client: Client, max_: User, amara: Contact
) -> None:
    Checkpoint.objects.create(epoch=1, size=42, root=b"x", note=NOTE, sealed_at=timezone.now())
    page = sheet(client, make(client, amara))
    fingerprint = hashlib.sha256(content(client, page)).hexdigest()
    assert fingerprint in page
    assert fingerprint[:12] in download(client, page).headers["Content-Disposition"]
    assert "annals.example.com/ledger/1" in page
    [event] = exports(amara)
    assert event.payload["sha256"] == fingerprint
    assert event.payload["checkpoint"] == NOTE
    assert str(event.uid) in page


def test_before_the_first_seal_the_sheet_says_so(
    client: Client, max_: User, amara: Contact
) -> None:
    assert "The log was not sealed yet." in sheet(client, make(client, amara))


def test_the_file_has_a_row_for_each_changed_field(
    client: Client, max_: User, amara: Contact
) -> None:
    found = rows(client, sheet(client, make(client, amara)))
    changed = [row for row in found if row["verb"] == "contact.updated"]
    assert [(row["field"], row["before"], row["after"]) for row in changed] == [
        ("job_title", "Director", "Chair"),
        ("city", "", "Lagos"),
    ]
    assert {(row["actor"], row["version"], row["source"]) for row in changed} == {
        ("Mia", "2", "web")
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", changed[0]["occurred_at"])
    assert found[-1]["details"] == "Reason: Paused until the Q4 budget round."


def test_the_file_is_the_same_for_everybody_at_any_time(
    client: Client, max_: User, amara: Contact
) -> None:
    mia = User.objects.get(name="Mia")
    message = Message.send(make_contact(emails=["b@x.example"]), author=mia, address="b@x.example",
                           body="Hello")  # fmt: skip
    amara.restore()
    mail = Message.send(amara, author=mia, address="a@calder.example", body="Hello")
    page = sheet(client, make(client, amara))
    before = content(client, page)
    # the world goes on: a mail fails and is sent again, people rename themselves, more happens
    Delivery.objects.exclude(message=message).update(state="failed", error="No such mailbox")
    assert Message.objects.get(pk=mail.pk).retry()
    mia.name = "Mia Lund"
    mia.save()
    happen(amara, times=3)
    client.force_login(make_user(name="Ada", time_zone="Asia/Tokyo", language="de"))
    assert content(client, page) == before
    told = sheet(client, page_address(page))  # written in Ada's language, the fingerprint is not
    assert hashlib.sha256(before).hexdigest() in told
    assert "notice warn" not in told
    assert b"a@calder.example <" in before


def test_filters_of_the_page_are_those_of_sheet_and_file(
    client: Client, max_: User, amara: Contact
) -> None:
    page = sheet(client, make(client, amara, "kind=contact.archived&q=budget&from=&before=3"))
    assert re.findall(r'data-verb="([\w.]+)"', page) == ["contact.archived"]
    assert {row["verb"] for row in rows(client, page)} == {"contact.archived"}
    [event] = exports(amara)
    assert event.payload["query"] == "kind=contact.archived&q=budget"
    assert event.payload["events"] == 1


def test_a_day_is_that_of_who_asked_for_it(client: Client, amara: Contact) -> None:
    [event] = happen(amara)  # on 6 May at noon in Greenwich
    client.force_login(make_user(name="Max", time_zone="Pacific/Kiritimati"))
    page = sheet(client, make(client, amara, "from=2026-05-07&to=2026-05-07"))
    assert f'id="e-{event}"' in page
    client.force_login(make_user(name="Ada", time_zone="Pacific/Pago_Pago"))
    assert f'id="e-{event}"' in sheet(client, page_address(page))


def page_address(page: str) -> str:
    """Return the address of the sheet whose page this is."""
    link = re.search(r'href="([^"]+)\.csv"', page)
    assert link
    return link[1]


def test_cells_that_a_spreadsheet_would_run_are_neutralised(
    client: Client, max_: User, amara: Contact
) -> None:
    amara.restore()
    for formula in ("=HYPERLINK(1)", "+1", "-1", "@SUM(A1)"):
        amara.city = formula
        amara.save()
    found = rows(client, sheet(client, make(client, amara)))
    cells = [value for row in found for value in row.values()]
    assert "'=HYPERLINK(1)" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_making_one_is_an_event_of_the_contact_and_sent_twice_it_is_one(
    client: Client, max_: User, amara: Contact
) -> None:
    sent = uuid7()
    assert make(client, amara, pk=sent) == make(client, amara, pk=sent)
    [event] = exports(amara)
    assert event.actor_id == max_.pk
    history = client.get(reverse("contact_history", args=[amara.pk])).content.decode()
    assert "Max made a handover sheet (3 events)" in text(history)
    assert reverse("contact_handover_sheet", args=[amara.pk, event.uid]) in history
    assert make(client, amara) != make(client, amara)
    assert len(exports(amara)) == 3


def test_opening_the_sheet_and_the_file_again_writes_nothing(
    client: Client, max_: User, amara: Contact
) -> None:
    address = make(client, amara)
    count = ActivityEvent.objects.count()
    content(client, sheet(client, address))
    assert ActivityEvent.objects.count() == count


def test_a_sheet_that_reads_otherwise_now_says_so(
    client: Client, max_: User, amara: Contact
) -> None:
    comment = make_comment(amara, body="The margin is forty percent")
    page = sheet(client, make(client, amara))
    assert "Make a new sheet" not in page
    comment.remove(by=comment.author)
    assert "forty percent" in sheet(client, page_address(page))  # Max moderates
    keeper = make_user(name="Ben")  # may export, but not read what was deleted
    keeper.user_permissions.add(*permissions("export_contacts", "view_contact"))
    client.force_login(User.objects.get(pk=keeper.pk))
    told = sheet(client, page_address(page))
    assert "forty percent" not in told
    assert b"forty percent" not in content(client, told)
    assert "Make a new sheet" in told


def permissions(*codenames: str) -> list[Permission]:
    """Return permissions by name."""
    return list(Permission.objects.filter(codename__in=codenames))


@pytest.mark.parametrize("name", ["Vic", "Ben"])
def test_only_who_may_export_makes_one_or_sees_one(
    client: Client, max_: User, amara: Contact, name: str
) -> None:
    address = make(client, amara)
    client.force_login(make_user(name=name))
    assert client.post(reverse("contact_handover", args=[amara.pk])).status_code == 403
    assert client.get(address).status_code == 403
    assert client.get(f"{address}.csv").status_code == 403
    assert address not in client.get(reverse("contact_history", args=[amara.pk])).content.decode()


def test_a_handover_of_another_contact_is_not_found(
    client: Client, max_: User, amara: Contact
) -> None:
    uid = make(client, amara).rpartition("/")[2]
    other = make_contact(given_name="Henrik")
    created = ActivityEvent.objects.of(amara.pk).get(verb="contact.created")
    [number] = happen(amara, "export.created", format="csv")
    export = ActivityEvent.objects.get(pk=number)
    for contact, event in ((other, uid), (amara, created.uid), (amara, export.uid)):
        address = reverse("contact_handover_sheet", args=[contact.pk, event])
        assert client.get(address).status_code == 404
        assert client.get(f"{address}.csv").status_code == 404


def test_of_a_deleted_contact_only_the_receipt_is_left(
    client: Client, max_: User, amara: Contact
) -> None:
    address = make(client, amara)
    amara.delete()
    assert client.get(address).status_code == 410
    assert client.get(f"{address}.csv").status_code == 410
    assert client.post(reverse("contact_handover", args=[amara.pk])).status_code == 410


def test_a_long_history_is_read_in_batches_and_complete(
    client: Client, max_: User, amara: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "BATCH", 3)
    happen(amara, times=10)
    page = sheet(client, make(client, amara))
    ids = [int(pk) for pk in re.findall(r'id="e-(\d+)"', page)]
    events = ActivityEvent.objects.of(amara.pk).exclude(verb="export.created")
    assert ids == sorted(event.id for event in events)
    assert [int(row["entry"]) for row in rows(client, page)][-10:] == ids[-10:]
