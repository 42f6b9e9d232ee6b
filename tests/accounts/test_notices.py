"""Mails that tell somebody what has changed about the ways into the account."""

import json
import re
from pathlib import Path
from typing import Any

import allauth
import pytest
from celery import current_app
from django.core import mail
from django.test import Client
from kombu.exceptions import OperationalError

from accounts import notices, passkeys
from accounts.models import User
from accounts.tasks import send_notice
from tests.accounts.factors.apps import ADD, App, add_app
from tests.authenticator import Device
from tests.builders import make_user
from tests.lapsed import lapse
from tests.smtp import Behaviour, Server

pytestmark = pytest.mark.django_db
PASSWORD, NEW = "a riverbed in June", "two herons over the weir"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def mia() -> User:
    return make_user(name="Mia", password=PASSWORD, language="en", time_zone="Europe/Berlin")


@pytest.fixture
def client(mia: User) -> Client:
    """Mia's browser, just after the sign-in."""
    client = Client(headers={"User-Agent": FIREFOX})
    client.force_login(mia)
    return client


class Queue:
    """Runs what it is given, at once; or is away, as Redis can be."""

    is_away = False

    def send_task(self, name: str, kwargs: dict[str, Any]) -> None:
        """Run the task with what is left of its arguments in a message."""
        if self.is_away:
            raise OperationalError("nobody answers")
        assert name == send_notice.name
        send_notice.apply(kwargs=json.loads(json.dumps(kwargs)))


@pytest.fixture(autouse=True)
def queue(django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch) -> Queue:
    """Commit what each request did, and work off what it left to the workers."""
    queue, ask = Queue(), Client.request

    def ask_and_commit(client: Client, **request: Any) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return ask(client, **request)

    monkeypatch.setattr(current_app, "send_task", queue.send_task)
    monkeypatch.setattr(Client, "request", ask_and_commit)
    return queue


def told() -> Any:
    """Return the one mail that was sent since the last look."""
    (message,) = mail.outbox
    mail.outbox.clear()
    return message


def change_password(client: Client) -> Any:
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    return client.post("/accounts/password/change/", form)


def test_another_password_is_told_with_what_to_do(client: Client, mia: User, settings: Any) -> None:
    settings.SITE_URL, settings.SUPPORT_EMAIL = "https://annals.test", "help@annals.example"
    change_password(client)
    message = told()
    assert message.to == ["mia@annals.example"]
    assert message.subject == "Annals: Your password was changed"
    assert message.extra_headers == {"Auto-Submitted": "auto-generated"}
    text = message.body
    assert text.startswith("Hello Mia,\n\nYour password was changed.\n\nWhen: ")
    assert re.search(r"^When: .*, \d\d:\d\d CES?T$", text, re.MULTILINE)
    assert "Where: Firefox on Linux" in text
    assert "1. Set a new password, which signs out everybody else:" in text
    assert "https://annals.test/accounts/password/reset/" in text
    assert "https://annals.test/preferences/" in text
    assert "You reach one at help@annals.example." in text
    assert PASSWORD not in text
    assert NEW not in text


def test_a_password_set_by_a_link_is_told(client: Client, mia: User) -> None:
    visitor = Client()
    visitor.post("/accounts/password/reset/", {"email": mia.email})
    link = re.search(r"http://[^/]+(/\S+)", told().body)[1]
    visitor.post(visitor.get(link).url, {"password1": NEW, "password2": NEW})
    assert told().subject == "Annals: A new password was set, with a link from a mail"


def test_an_app_is_told_of_when_it_comes_and_goes_and_so_are_new_codes(client: Client) -> None:
    secret = client.get(ADD).context["form"].secret
    client.post(ADD, {"code": App(secret, []).code()})
    assert told().subject == "Annals: An authenticator app was added to your account"
    client.post("/preferences/recovery-codes/new/")
    assert told().subject == "Annals: New recovery codes were made for your account"
    client.post("/preferences/app/remove/")
    assert told().subject == "Annals: The authenticator app was removed from your account"


def test_a_passkey_is_told_of_when_it_comes_and_goes(
    passkey_site: dict[str, str], mia: User, device: Device
) -> None:
    client = Client(**passkey_site)
    client.force_login(mia)
    page = client.get("/preferences/passkeys/add/").context["options"]
    answer = device.create(json.loads(json.dumps(page)))
    client.post("/preferences/passkeys/add/", {"credential": answer})
    assert told().subject == "Annals: A passkey was added to your account"
    key = passkeys.of(mia).get().pk
    client.post(f"/preferences/passkeys/{key}/rename/", {"name": "Blue key"})
    assert not mail.outbox
    client.post(f"/preferences/passkeys/{key}/remove/")
    assert told().subject == "Annals: A passkey was removed from your account"


def test_what_was_refused_is_not_told(client: Client, mia: User) -> None:
    form = {"oldpassword": "wrong", "password1": NEW, "password2": NEW}
    client.post("/accounts/password/change/", form)
    client.get(ADD)
    client.post(ADD, {"code": "000000"})
    add_app(mia)
    lapse(client)
    client.post("/preferences/app/remove/")
    assert not mail.outbox


def test_mia_reads_that_ada_took_her_factors_away(mia: User) -> None:
    add_app(mia)
    client = Client(headers={"User-Agent": FIREFOX})
    client.force_login(make_user(name="Ada"))
    form = {"action": "take_away_factors", "_selected_action": [mia.pk]}
    client.post("/admin/accounts/user/", form)
    message = told()
    assert message.to == ["mia@annals.example"]
    assert message.subject == "Annals: Your second factors were taken away"
    assert "An administrator has done this. If you do not know why, ask one." in message.body
    assert "Firefox" not in message.body


def test_the_old_address_is_told_that_there_is_another_one(mia: User) -> None:
    client = Client()
    client.force_login(make_user(name="Ada"))
    form = {"name": "Mia", "role": "member", "is_active": "on", "time_zone": "UTC"}
    form |= {"email": "mallory@annals.example", "language": "en"}
    client.post(f"/admin/accounts/user/{mia.pk}/change/", form)
    message = told()
    assert message.to == ["mia@annals.example"]
    assert message.subject == "Annals: Your account has another email address now"
    assert "mallory" not in message.body


def test_nobody_is_told_of_another_name_or_of_an_account_that_closes(
    mia: User, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        mia.name = "Mia Zhao"
        mia.save()
        mia.close()
    assert not mail.outbox


def test_it_is_written_in_the_language_of_who_reads_it(client: Client, mia: User) -> None:
    User.objects.filter(pk=mia.pk).update(language="de")
    change_password(client)
    assert re.search("(Mon|Diens|Donners|Frei|Sams|Sonn)tag|Mittwoch", told().body)


def test_a_mail_server_that_does_not_take_it_now_gets_it_again(
    client: Client, mia: User, smtp: Server
) -> None:
    smtp.behave(Behaviour(text="451 Try again later"), Behaviour(recipient="450 Busy"))
    assert change_password(client).url == "/preferences/"
    [message] = smtp.received
    assert message["To"] == mia.email
    assert message["Subject"] == "Annals: Your password was changed"


def test_without_the_queue_it_leaves_at_once(
    client: Client, mia: User, smtp: Server, queue: Queue
) -> None:
    queue.is_away = True
    assert change_password(client).url == "/preferences/"
    assert len(smtp.received) == 1


def test_without_queue_and_mail_server_the_password_is_changed_all_the_same(
    client: Client, mia: User, smtp: Server, queue: Queue, caplog: pytest.LogCaptureFixture
) -> None:
    queue.is_away = True
    smtp.stop()
    assert change_password(client).url == "/preferences/"
    assert User.objects.get(pk=mia.pk).check_password(NEW)
    assert f"User {mia.pk} could not be told that account/email/password_changed" in caplog.text


def test_every_mail_that_allauth_may_send_has_words_of_ours() -> None:
    folder = Path(allauth.__file__).parent
    text = "".join(file.read_text() for file in sorted(folder.rglob("flows/*.py")))
    text += "".join(file.read_text() for file in folder.rglob("internal/flows.py"))
    text += (folder / "socialaccount" / "models.py").read_text()
    sent = set(re.findall(r'send_notification_mail\(\s*"([\w/]+)"', text))
    unused = {
        f"account/email/{name}" for name in ("password_set", "email_changed", "email_deleted")
    }
    assert sent - unused == set(notices.OWN)
