"""Nothing personal reaches the log, wherever in a request it stood, and however that failed."""

import logging
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from config.log_lines import Formatter, JsonFormatter
from contacts.models import Contact, Link
from tests.builders import make_contact, make_user
from tests.config.observing.lines import written

pytestmark = pytest.mark.django_db
# What is personal or secret, none of which any other text holds.
NAME, EMAIL, PHONE = "Quillfeather", "quill.feather@private.example", "+49 30 555 01 77"
PASSWORD, TOKEN = "correct-horse-zebra", "tok3nTOK3Ntok3n"
SECRETS = (NAME, EMAIL, "quill.feather", "private.example", PHONE, "555 01 77", PASSWORD, TOKEN)
FORMS = pytest.mark.parametrize("form", [Formatter, JsonFormatter])


def requests(client: Client, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Ask for pages with all of these in every place; return the statuses."""
    everywhere = {
        "User-Agent": NAME,
        "Referer": f"https://annals.example/{NAME}/?q={EMAIL}",
        "Cookie": f"name={NAME}",
        "X-Request-ID": EMAIL,
        "X-Forwarded-For": NAME,
        "Accept-Language": NAME,
        "Authorization": f"Bearer {TOKEN}",
    }
    query = {"q": EMAIL, "part": NAME, "before": PASSWORD, "next": f"/i/{TOKEN}/", "phone": PHONE}
    typed = query | {"login": EMAIL, "password": PASSWORD, "given_name": NAME, "body": NAME}
    strict = Client(enforce_csrf_checks=True)
    amara = make_contact(given_name=NAME, emails=[EMAIL])
    ours = Client()
    ours.force_login(make_user(name="Mia"))
    ours.raise_request_exception = client.raise_request_exception = False
    paths = [
        "/contacts/", f"/contacts/{NAME}/", f"/i/{TOKEN}/", f"/s/{TOKEN}/", f"/u/{TOKEN}/",
        f"/accounts/password/reset/key/1-{TOKEN}/", "/accounts/login/", amara.get_absolute_url(),
        f"/{EMAIL}/", "/search/", f"/contacts/{amara.pk}/{PHONE}", "/contacts/new",
    ]  # fmt: skip
    answers = []
    for path in paths:
        for each in (client, ours):
            answers.append(each.get(path, query, headers=everywhere))
            answers.append(each.post(path, typed, headers=everywhere))
        answers.append(strict.post(path, typed, headers=everywhere | {"Origin": f"https://{NAME}"}))
    answers.append(client.get("/", headers={"Host": f"{NAME}.example"}))

    def fail(*args: Any, **kwargs: Any) -> None:
        try:
            int(EMAIL)
        except ValueError as error:
            raise KeyError(f"{NAME} {PHONE}") from error

    monkeypatch.setattr(Contact, "archive", fail)
    monkeypatch.setattr(Link, "find", fail)
    answers.append(ours.post(reverse("contact_archive", args=[amara.pk]), typed))
    answers.append(client.get(f"/i/{TOKEN}/", query, headers=everywhere))
    return [answer.status_code for answer in answers]


@FORMS
def test_no_line_tells_what_stood_in_a_request(
    client: Client, monkeypatch: pytest.MonkeyPatch, form: type[logging.Formatter]
) -> None:
    with written(form) as lines:
        statuses = requests(client, monkeypatch)
    assert {200, 302, 400, 403, 404, 405, 500} <= set(statuses)
    text = lines.getvalue()
    assert text.count("\n") > len(statuses)
    assert [secret for secret in SECRETS if secret.lower() in text.lower()] == []


@FORMS
def test_no_line_tells_which_row_the_database_refused(form: type[logging.Formatter]) -> None:
    first, second = (make_user(name=name) for name in ("Mia", "Ben"))
    with written(form) as lines, transaction.atomic():
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE accounts_user SET email = %s WHERE id = %s", [first.email, second.pk]
                )
        except IntegrityError:
            logging.getLogger("contacts").exception("It was refused")
    text = lines.getvalue()
    assert "UniqueViolation" in text
    assert "accounts_user_email" in text  # the rule
    assert first.email not in text


def test_lines_of_ours_are_masked_too() -> None:
    with written() as lines:
        logging.getLogger("contacts").warning(
            "%s, %s, %s, %s", EMAIL, PHONE, f"/s/{TOKEN}/", ValueError(f"'{NAME}'")
        )
    assert lines.read_json()[0]["message"] == "…, …, /s/…/, …"


def test_what_a_task_was_given_stays_out_of_the_line_that_it_failed() -> None:
    error = ValueError(f"'{NAME} {EMAIL}' {PHONE}")
    with written() as lines:
        logging.getLogger("celery.app.trace").error("Task %(name)s: %(exc)s", {
            "name": "contacts.tasks.deliver", "exc": repr(error),
        })  # fmt: skip
    assert lines.read_json()[0]["message"] == "Task contacts.tasks.deliver: ValueError(…)"


@pytest.mark.parametrize(
    "text",
    [
        "Delivery 0190a000-0000-7000-8000-000000000000 has left",
        "Findings: 12; the first one: event 1234567: payload",
        "2026-11-23 took 12.25 s",
    ],
)
def test_ids_and_numbers_stay(text: str) -> None:
    with written() as lines:
        logging.getLogger("contacts").warning(text)
    assert lines.read_json()[0]["message"] == text
