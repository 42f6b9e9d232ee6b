"""Whatever somebody writes into an address or a form, nothing breaks and nothing of others shows.

    SECURITY_ROUNDS=60 .venv/bin/python -m pytest tests/security/test_tampering.py

asks more often; each round gives every name that is read another value.
"""

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from contacts.models import Attachment, Contact, Message, SavedView
from tests.security.declared import Entry, entries
from tests.security.garbage import mixed, reading
from tests.security.world import World, keeping_mail

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_log")]
ROUNDS = int(os.environ.get("SECURITY_ROUNDS", "2"))
FORM = "application/x-www-form-urlencoded"
SECRET = "Zebrafish"  # stands in what belongs to Sven, and nowhere else


def asked(browser: Client, entry: Entry, method: str, path: str, query: str) -> HttpResponse:
    if method == "GET":
        return browser.get(f"{path}?{query}")
    return browser.post(path, query, content_type=FORM)


def rounds(world: World, entry: Entry, method: str, role: str) -> Iterator[tuple[str, Any]]:
    """Ask once plainly, then with garbage for each name that was read; yield query and answer."""
    path = world.path(entry.address, role, case=entry.case)
    names = set(entry.data)
    for number in range(ROUNDS + 1):
        query = mixed(names, number) if number else urlencode(entry.data)
        with world.undone(role) as browser, reading() as read:
            answer = asked(browser, entry, method, path, query)
        names |= read
        yield query, answer
        if not names - {"csrfmiddlewaretoken"}:
            return


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_garbage_breaks_a_page(method: str) -> None:
    broken, count = [], 0
    with keeping_mail():
        world = World()
        for entry in entries():
            if method not in entry.methods:
                continue
            role = "portal" if entry.who == "portal" else "administrator"
            for query, answer in rounds(world, entry, method, role):
                count += 1
                if answer.status_code == 429 or answer.status_code >= 500:
                    error = repr(getattr(answer, "exc_info", ["", ""])[1])[:200]
                    broken.append(f"{method} {entry.address.route}?{query[:300]}: {error}")
    assert not broken, f"{len(broken)} of {count}:\n" + "\n".join(broken)


@pytest.fixture
def world() -> World:
    """Everything there is, and something of Sven's that nobody else may see."""
    made = World()
    sven = Contact.objects.get(pk=made.others["portal"])
    sven.city = SECRET
    sven.save()
    return made


def of_sven(world: World) -> dict[str, Any]:
    """Make what Sven has, all with the secret; return the ids."""
    sven = Contact.objects.get(pk=world.others["portal"])
    message = Message.send(
        sven, author=world.max, address="sven@strange.example", subject=SECRET, body=SECRET
    )
    file = SimpleUploadedFile(f"{SECRET}.txt", SECRET.encode(), "text/plain")
    view = SavedView.objects.create(owner=world.colleague, name=SECRET, query=f"q={SECRET}")
    event = sven.history.model.objects.filter(id=sven.pk).latest("version").version
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM activity_event WHERE contact_id = %s", [sven.pk])
        number = cursor.fetchone()[0]
    return {
        "contact": sven.pk,
        "message": message.pk,
        "attachment": Attachment.keep(message, file).pk,
        "view": view.pk,
        "version": event,
        "event": number,
    }


def test_nothing_of_another_contact_shows_under_this_ones_address(world: World) -> None:
    theirs = of_sven(world)
    amara, twin = world.contact.pk, world.others["twin"]
    contact, portal = f"/contacts/{amara}/", f"/portal/{amara}/"
    number, message = theirs["event"], theirs["message"]
    tried = [
        ("manager", "GET", f"{contact}compose?compose=message&edit={message}"),
        ("manager", "GET", f"{contact}compose?compose=message&reply={message}"),
        ("manager", "GET", f"{contact}?compose=message&reply={message}"),
        ("manager", "GET", f"{contact}?at={number}"),
        ("manager", "GET", f"{contact}?before={number + 1}"),
        ("manager", "GET", f"{contact}newer?after={number - 1}"),
        ("manager", "GET", f"{contact}timeline/older?before={number + 1}"),
        ("manager", "GET", f"{contact}history?before={number + 1}"),
        ("manager", "POST", f"{contact}pins/{number}"),
        ("manager", "POST", f"{contact}pins/{number}/remove"),
        ("manager", "POST", f"{contact}shares/preview?files={theirs['attachment']}"),
        ("manager", "GET", f"/contacts/{twin}/history/handover/{world.others['handover']}"),
        ("manager", "GET", f"/contacts/{twin}/history/handover/{world.others['handover']}.csv"),
        ("manager", "POST", f"/contacts/views/{theirs['view']}/change?name=Mine"),
        ("viewer", "GET", "/contacts/views/"),
        ("portal", "GET", "/portal/"),
        ("portal", "GET", f"/portal/{theirs['contact']}/"),
        ("portal", "GET", f"/portal/{theirs['contact']}/details"),
        ("portal", "GET", f"{portal}earlier?before={message}"),
        ("portal", "GET", f"{portal}latest?from={message}"),
        ("portal", "GET", f"{portal}files/{theirs['attachment']}"),
        ("portal", "GET", f"{portal}files/{theirs['attachment']}/image"),
        ("portal", "GET", f"/portal/{theirs['contact']}/files/{theirs['attachment']}"),
        ("portal", "POST", f"{portal}reply?reply={message}&body=x"),
        ("portal", "GET", f"/attachments/{theirs['attachment']}/"),
        ("portal", "GET", f"/contacts/{theirs['contact']}/card.vcf"),
    ]
    shown = []
    for role, method, address in tried:
        path, _mark, query = address.partition("?")
        for headers in ({}, {"HX-Request": "true"}):
            with world.undone(role) as browser:
                if method == "GET":
                    answer = browser.get(address, headers=headers)
                else:
                    answer = browser.post(path, query, content_type=FORM, headers=headers)
                body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            if SECRET.encode() in body or answer.status_code >= 500:
                shown.append(f"{role} {method} {address}: {answer.status_code}")
    assert not shown, "\n".join(shown)
    assert (
        SECRET.encode() in world.browsers["manager"].get(f"/contacts/{theirs['contact']}/").content
    )
