"""Contacts as a file: who may have it, what is in it, and what the log says of it."""

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from activity.models import ActivityEvent
from contacts import exporting, vcard
from contacts.models import Contact, ImportRun
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def max_(client: Client) -> User:
    max_ = make_user(name="Max")
    client.force_login(max_)
    return max_


def ask(client: Client, **asked: Any) -> HttpResponse:
    return client.post(reverse("contacts_export"), asked)


def content(answer: HttpResponse) -> str:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode()


def rows(client: Client, **asked: Any) -> list[dict[str, str]]:
    text = content(ask(client, format="csv", **asked)).removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def named(client: Client, **asked: Any) -> list[str]:
    return [row["Given name"] for row in rows(client, **asked)]


def test_max_exports_all_active_contacts_as_a_spreadsheet(client: Client, max_: User) -> None:
    amara = make_contact(
        given_name="Amara", family_name="Okafor", phones=["+12025550143"], owner=max_,
        emails=["amara@okafor.example", "a.okafor@work.example"], tags=["Press", "VIP"],
        external_ids=["Salesforce:0031"],
    )  # fmt: skip
    make_contact(given_name="Ben", emails=[], archived_at=timezone.now())
    answer = ask(client, format="csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert f'filename="contacts-{timezone.localdate()}.csv"' in answer["Content-Disposition"]
    [row] = rows(client)
    assert row["Given name"] == "Amara"
    assert row["Email"] == "amara@okafor.example; a.okafor@work.example"
    assert row["Tags"] == "Press; VIP"
    assert row["Owner"] == "Max"
    assert row["External ids"] == "Salesforce:0031"
    assert row["Archived"] == row["Do not contact"] == ""
    assert row["Id"] == str(amara.pk)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"status": "archived"}, ["Cleo"]),
        ({"status": "all", "sort": "-name"}, ["Cleo", "Ben", "Amara"]),
        ({"tag": "Press", "sort": "name"}, ["Amara"]),
        ({"q": "ben"}, ["Ben"]),
        ({"owner": "none", "sort": "name"}, ["Amara", "Ben"]),
        ({"q": "nobody"}, []),
    ],
    ids=["archived", "all", "tag", "words", "owner", "nobody"],
)
def test_an_export_follows_the_filters_and_order_of_the_list(
    client: Client, max_: User, asked: dict[str, str], expected: list[str]
) -> None:
    make_contact(given_name="Amara", family_name="Abel", tags=["Press"])
    make_contact(given_name="Ben", family_name="Bird")
    make_contact(given_name="Cleo", family_name="Crow", archived_at=timezone.now())
    assert named(client, **asked) == expected


def test_only_the_ticked_contacts_are_exported(client: Client, max_: User) -> None:
    amara, _ben = make_contact(given_name="Amara"), make_contact(given_name="Ben")
    assert named(client, contact=[amara.pk]) == ["Amara"]
    assert sorted(named(client, contact=[amara.pk], everyone="1")) == ["Amara", "Ben"]


def test_a_merged_contact_is_not_exported_beside_its_survivor(client: Client, max_: User) -> None:
    amara, twin = make_contact(given_name="Amara"), make_contact(given_name="Twin")
    amara.absorb(twin, {})
    assert named(client) == named(client, contact=[amara.pk, twin.pk]) == ["Amara"]


def test_the_selection_asks_for_a_format_and_keeps_what_was_ticked(
    client: Client, max_: User
) -> None:
    amara = make_contact(given_name="Amara")
    page = ask(client, contact=[amara.pk], tag="Press").content.decode()
    assert "Export 1 contact" in page
    assert f'name="contact" value="{amara.pk}"' in page
    assert 'name="tag" value="Press"' in page
    assert not ActivityEvent.objects.filter(verb="contacts.exported").exists()


def test_cells_that_a_spreadsheet_would_run_are_made_harmless(client: Client, max_: User) -> None:
    make_contact(given_name="=HYPERLINK(A1)", phones=["+12025550143"])
    [row] = rows(client)
    assert (row["Given name"], row["Phone"]) == ("'=HYPERLINK(A1)", "'+12025550143")


def test_an_exported_spreadsheet_can_be_imported_again(client: Client, max_: User) -> None:
    before = make_contact(
        honorific="Dr", given_name="Zoë", middle_name="Q", family_name="O'Hara", suffix="Jr",
        organisation="Hara, Ltd", job_title='"Chief"', phones=["+12025550143", "+493012345678"],
        emails=["zoe@hara.example", "z@hara.example"], website="https://hara.example/",
        street="1 Main St", postal_code="01234", city="Köln", region="NRW", country="Germany",
        tags=["Press", "VIP"], notes="First line\nsecond; line",
    )  # fmt: skip
    kept = {name: getattr(before, name) for name in exporting.WRITTEN}
    file = content(ask(client, format="csv")).encode()
    before.delete()
    run = ImportRun.receive(SimpleUploadedFile("contacts.csv", file), by=max_)
    run.start(run.targets)
    run.run()
    after = Contact.objects.get()
    assert {name: getattr(after, name) for name in exporting.WRITTEN} == kept


def test_exported_cards_hold_what_each_contact_s_own_card_holds(client: Client, max_: User) -> None:
    make_contact(given_name="Amara", family_name="Okafor", phones=["+12025550143"], tags=["Press"])
    make_contact(given_name="Ben", emails=["ben@bird.example"], notes="Likes tea,\nnot coffee")
    answer = ask(client, format="vcard", sort="name")
    assert answer.headers["Content-Type"] == "text/vcard; charset=utf-8"
    assert content(answer) == "".join(
        vcard.write(contact) for contact in Contact.objects.order_by("sort_name", "id")
    )


@pytest.mark.parametrize("language", ["en", "de"])  # in which it is recorded makes no difference
def test_the_log_says_who_exported_what_before_the_file_leaves(
    client: Client, max_: User, language: str
) -> None:
    User.objects.filter(pk=max_.pk).update(language=language)
    make_contact(given_name="Amara", tags=["Press"])
    answer = ask(client, format="vcard", tag="Press", q="amara")
    event = ActivityEvent.objects.get(verb="contacts.exported")  # nothing was read of the file yet
    assert event.actor_id == max_.pk
    assert event.payload == {
        "actor": "Max",
        "format": "vCard",
        "total": 1,
        "filters": "with certain words; tag: Press",
    }
    assert "Amara" in content(answer)


def test_who_is_deleted_while_the_file_is_sent_is_not_in_it(
    client: Client, max_: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "BATCH", 1)
    make_contact(given_name="Amara", family_name="Abel")
    ben = make_contact(given_name="Ben", family_name="Bird")
    answer = ask(client, format="vcard", sort="name")
    stream = iter(answer.streaming_content)
    assert b"Amara" in next(stream)
    ben.delete()
    assert b"Ben" not in b"".join(stream)


def test_the_number_of_queries_does_not_grow_with_the_contacts(
    client: Client, max_: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        make_contact(given_name=f"Amara {number}", owner=max_)
    with django_assert_max_num_queries(10):
        assert len(rows(client)) == 30


@pytest.mark.parametrize("asked", [{"format": "pdf"}, {"format": "csv", "contact": "x"}])
def test_what_cannot_be_exported_is_refused_in_plain_words(
    client: Client, max_: User, asked: dict[str, str]
) -> None:
    answer = ask(client, **asked)
    assert answer.status_code == 422
    assert "That could not be done" in answer.content.decode()


def test_ben_cannot_export_contacts_and_sees_no_button_for_it(client: Client) -> None:
    make_contact()
    client.force_login(make_user(role="member", name="Ben"))
    assert ask(client, format="csv").status_code == 403
    assert reverse("contacts_export") not in client.get(reverse("contacts")).content.decode()


def test_nothing_is_exported_by_following_a_link(client: Client, max_: User) -> None:
    assert client.get(reverse("contacts_export"), {"format": "csv"}).status_code == 405
