"""No address, referrer or host that somebody else writes leads people, or their mail, elsewhere."""

import re
from typing import Any

import pytest
from django.core import mail as outbox
from django.test import Client
from uuid_utils.compat import uuid7

from contacts.mail import letter
from contacts.models import Delivery, Invitation, Share
from tests.builders import make_contact, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_log")]
PASSWORD = "a riverbed in June"
ELSEWHERE = (
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\x01//evil.example",
    "https://evil.example",
    "https:evil.example",
    "https:/evil.example",
    "HTTPS://evil.example/contacts/",
    "http://testserver@evil.example/",
    "http://testserver.evil.example/",
    "javascript:alert(1)//",
    "data:text/html,<script>",
    "/%2f%2fevil.example/../",
    "%2f%2fevil.example",
    "//evil%E3%80%82example",
    "/..//evil.example",
    "/./\\evil.example",
    "x" * 5_000,
)


def is_elsewhere(address: str) -> bool:
    """Tell whether a browser takes an address for one of another host, or one that runs.

    As https://url.spec.whatwg.org reads it, not as Python does: a backslash is a slash, and tabs
    and ends of lines are nothing.
    """
    read = re.sub(r"[\t\n\r]", "", address.lstrip("".join(map(chr, range(33))))).replace("\\", "/")
    return read.startswith("//") or bool(re.match(r"[a-z][a-z0-9+.-]*:", read, re.I))


def leads(answer: Any) -> str:
    """Return where an answer leads that it should not."""
    for name in ("Location", "HX-Redirect", "HX-Location", "HX-Push-Url", "HX-Replace-Url"):
        address = answer.headers.get(name, "/")
        if is_elsewhere(address) or "\n" in address:
            return f"{name}: {address}"
    return ""


def test_signing_in_leads_to_no_other_site() -> None:
    user = make_user(name="Mia", password=PASSWORD)
    wrong = []
    for there in ELSEWHERE:
        signed_in, browser = Client(), Client()
        signed_in.force_login(user)
        typed = {"login": user.email, "password": PASSWORD, "next": there}
        asked = {
            "sign-in": browser.post("/accounts/login/", typed),
            "sign-in, signed in": signed_in.get("/accounts/login/", {"next": there}),
            "sign-out": signed_in.post("/accounts/logout/", {"next": there}),
        }
        signed_in.force_login(user)
        confirm = {"password": PASSWORD, "next": there}
        asked |= {
            "confirm": signed_in.post("/accounts/confirm/", confirm),
            "anew": signed_in.post("/accounts/confirm/anew/", {"next": there}),
            "reset": browser.post("/accounts/password/reset/", {"email": "x@y.z", "next": there}),
        }
        for place, answer in asked.items():
            if where := leads(answer):
                wrong.append(f"{place} with next={there!r}: {where}")
            if answer.status_code >= 500:
                wrong.append(f"{place} with next={there!r}: {answer.status_code}")
            links = re.findall(r'(?:href|action)="([^"]*)"', answer.content.decode())
            wrong += [f"{place}, {there!r}: {each}" for each in links if is_elsewhere(each)]
    assert not wrong, "\n".join(wrong)


def test_a_page_that_is_said_to_be_before_leads_to_no_other_site() -> None:
    user, amara = make_user(name="Mia", password=PASSWORD), make_contact()
    known = Client()
    known.force_login(user)
    known.get("/contacts/")
    wrong = []
    for there in ELSEWHERE:
        if "\n" in there:
            continue  # no server lets such a header in
        out = Client()
        out.cookies["whose"] = known.cookies["whose"].value
        path = f"/contacts/{amara.pk}/comments/"
        htmx = {"HX-Request": "true", "HX-Current-URL": there}
        for name, browser, headers in (
            ("signed out", out, {"Referer": there}),
            ("signed out, htmx", out, htmx),
            ("signed in", known, {"Referer": there}),
            ("signed in, htmx", known, htmx),
        ):
            typed = {"id": str(uuid7()), "body": "Call back"}
            answer = browser.post(path, typed, headers=headers)
            if where := leads(answer):
                wrong.append(f"{name}, from {there!r}: {where}")
        kept = out.post(path, {"id": str(uuid7()), "body": "Call"}, headers={"Referer": there})
        page = known.get(re.search(r"next=(/unsent/[^&]+)", kept.url)[1]).content.decode()
        links = re.findall(r'(?:href|action|formaction)="([^"]*)"', page)
        wrong += [f"unsent, from {there!r}: {each}" for each in links if is_elsewhere(each)]
    assert not wrong, "\n".join(wrong)


FORGED = (
    {"host": "evil.example"},
    {"host": "testserver:80@evil.example"},
    {"host": "testserver\x00.evil.example"},
    {"host": "testserver", "x-forwarded-host": "evil.example"},
    {"host": "testserver", "x-forwarded-host": "evil.example", "x-forwarded-proto": "https"},
    {"host": "testserver", "forwarded": "host=evil.example;proto=https"},
    {"host": "testserver", "x-host": "evil.example", "x-original-url": "//evil.example"},
    {"host": "testserver", "x-forwarded-server": "evil.example", "x-http-host-override": "evil.x"},
)


def test_no_mail_leads_to_a_host_that_the_request_named(settings: Any) -> None:
    max_, wrong = make_user(name="Max", password=PASSWORD), []
    amara = make_contact(given_name="Amara", emails=["amara@calder.example"])
    for number, headers in enumerate(FORGED):
        client = Client(raise_request_exception=False)
        client.force_login(max_)
        answers = [
            Client().post("/accounts/password/reset/", {"email": max_.email}, headers=headers),
            client.post(
                f"/contacts/{amara.pk}/invitations/",
                {"id": str(uuid7()), "email": f"a{number}@b.example", "role": "client"},
                headers=headers,
            ),
            client.post(
                f"/contacts/{amara.pk}/shares/",
                {"id": str(uuid7()), "to": "a@b.example", "fields": "emails", "link_days": "7"},
                headers=headers,
            ),
            client.get("/contacts/", headers=headers),
        ]
        forged = headers["host"] != "testserver"
        for answer in answers:
            if (answer.status_code == 400) is not forged:
                wrong.append(f"{headers}: {answer.status_code}")
            if b"evil" in answer.content or leads(answer):
                wrong.append(f"{headers}: shown, or {leads(answer)}")
    mails = [str(each.message()) for each in outbox.outbox]
    mails += [str(letter(each).message()) for each in Delivery.objects.all()]
    assert len(mails) > 10
    assert Invitation.objects.exists()
    assert Share.objects.exists()
    wrong += [f"a mail: {each[:200]}" for each in mails if "evil" in each]
    assert not wrong, "\n".join(wrong)
