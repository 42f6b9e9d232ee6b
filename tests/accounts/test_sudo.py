"""What cannot be taken back asks, some time after the sign-in, who is there; and loses nothing."""

import re
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from uuid_utils.compat import uuid7

from accounts.models import User
from config.sessions import session_settings
from contacts.models import BulkRun, Contact, ImportRun, Invitation
from tests.builders import make_contact, make_user
from tests.lapsed import lapse

pytestmark = pytest.mark.django_db
PASSWORD = "a riverbed in June"
CONFIRM = "/accounts/confirm/"


@pytest.fixture
def max_(client: Client) -> User:
    """Max, who signed in just now and may delete and export."""
    max_ = make_user(name="Max", password=PASSWORD)
    client.force_login(max_)
    return max_


@pytest.fixture
def amara() -> Contact:
    return make_contact()


def delete(client: Client, contact: Contact, **more: Any) -> Any:
    typed = {"reason": "Asked us to", "confirm": contact.name}
    page = {"Referer": f"http://testserver{contact.get_absolute_url()}"}
    return client.post(f"/contacts/{contact.pk}/delete", typed, headers=page, **more)


def asked(answer: Any) -> str:
    """Return where the page that asks leads on to."""
    address = answer.headers.get("HX-Redirect") or answer.url
    assert address.startswith(f"{CONFIRM}?next=")
    return unquote(address.partition("?next=")[2])


def confirm(client: Client, to: str, password: str = PASSWORD) -> Any:
    return client.post(CONFIRM, {"password": password, "next": to})


def test_who_just_signed_in_is_not_asked(client: Client, max_: User, amara: Contact) -> None:
    assert delete(client, amara).status_code == 303
    assert not Contact.objects.exists()


def test_signing_in_with_the_password_counts_too(client: Client, amara: Contact) -> None:
    max_ = make_user(name="Max", password=PASSWORD)
    client.post("/accounts/login/", {"login": max_.email, "password": PASSWORD})
    delete(client, amara)
    assert not Contact.objects.exists()


def test_later_nothing_is_deleted_until_max_confirms_and_goes_on(
    client: Client, max_: User, amara: Contact
) -> None:
    lapse(client)
    to = asked(delete(client, amara))
    assert Contact.objects.exists()
    assert "15 minutes" in client.get(f"{CONFIRM}?next={to}").content.decode()
    assert confirm(client, to).url == to
    assert Contact.objects.exists()
    page = client.get(to).content.decode()
    assert "Nothing was done yet" in page
    assert ">Delete for good</button>" in page
    fields = dict(re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\n(.*?)</textarea>', page))
    assert fields == {"confirm": amara.name, "reason": "Asked us to"}
    action = re.search(r'<form class="card[^>]*action="([^"]+)"', page)[1]
    client.post(action, fields)
    assert not Contact.objects.exists()


def test_what_an_import_added_is_not_deleted_unconfirmed(client: Client, max_: User) -> None:
    rows = ContentFile(b"Name\nAmara\n", name="fair.csv")
    run = ImportRun.receive(rows, max_)
    run.start(run.targets, by_worker=False)
    run.run()
    lapse(client)
    page = client.get(f"/imports/{run.pk}/revert").content.decode()
    assert "asked to confirm that it is you first" in page
    to = asked(client.post(f"/imports/{run.pk}/revert"))
    run.refresh_from_db()
    assert run.state == "finished"
    confirm(client, to)
    assert ">Delete for good</button>" in client.get(to).content.decode()
    client.post(f"/imports/{run.pk}/revert")
    run.refresh_from_db()
    assert run.state == "reverting"


def test_a_wrong_password_leads_nowhere(client: Client, max_: User, amara: Contact) -> None:
    lapse(client)
    to = asked(delete(client, amara))
    assert confirm(client, to, "wrong").status_code == 422
    asked(delete(client, amara))
    assert Contact.objects.exists()


def test_htmx_is_led_there_by_the_whole_page(client: Client, max_: User, amara: Contact) -> None:
    lapse(client)
    page = f"http://testserver{amara.get_absolute_url()}"
    answer = delete(client, amara, HTTP_HX_REQUEST="true", HTTP_HX_CURRENT_URL=page)
    to = asked(answer)
    confirm(client, to)
    shown = client.get(to).content.decode()
    assert f'href="{amara.get_absolute_url()}"' in shown
    assert "Asked us to" in shown


def test_cancel_leads_back_to_where_it_was_pressed(
    client: Client, max_: User, amara: Contact
) -> None:
    lapse(client)
    to = asked(delete(client, amara))
    page = client.get(f"{CONFIRM}?next={to}").content.decode()
    assert f'href="{amara.get_absolute_url()}">Cancel' in page
    for other in ("/x", "/contacts/", "/unsent/0199f3c2-7a5e-7c1d-9b0e-2f4d8a6c1e55/"):
        page = client.get(f"{CONFIRM}?next={other}").content.decode()
        assert 'href="/preferences/">Cancel' in page


def test_the_question_is_never_asked_for_looking(
    client: Client, max_: User, amara: Contact
) -> None:
    lapse(client)
    page = client.get(f"/contacts/{amara.pk}/delete")
    assert page.status_code == 200
    assert "asked to confirm that it is you first" in page.content.decode()
    confirm(client, "/")
    page = client.get(f"/contacts/{amara.pk}/delete")
    assert "asked to confirm" not in page.content.decode()


def test_who_may_not_do_it_is_refused_and_not_asked(client: Client, amara: Contact) -> None:
    client.force_login(make_user(name="Ben"))
    lapse(client)
    assert delete(client, amara).status_code == 403


def test_a_clock_that_was_set_back_makes_no_confirmation_count_for_ever(
    client: Client, max_: User, amara: Contact
) -> None:
    lapse(client, minutes=-60)
    asked(delete(client, amara))
    assert Contact.objects.exists()


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("/contacts/export", {"format": "csv", "everyone": "1", "sort": "name"}),
        ("/activity/export", {"format": "csv", "id": "0199f3c2-7a5e-7c1d-9b0e-2f4d8a6c1e55"}),
        ("/contacts/{pk}/history/handover", {}),
    ],
    ids=["contacts", "log", "handover"],
)
def test_nothing_leaves_the_house_unconfirmed(
    client: Client, max_: User, amara: Contact, path: str, typed: dict[str, str]
) -> None:
    path = path.format(pk=amara.pk)
    lapse(client)
    to = asked(client.post(path, typed))
    confirm(client, to)
    page = client.get(to).content.decode()
    assert f'action="{path}"' in page
    assert client.post(path, typed).status_code in {200, 303}


def test_a_file_behind_a_link_is_offered_again_as_a_link(
    client: Client, max_: User, amara: Contact
) -> None:
    path = f"/contacts/{amara.pk}/disclosures.csv"
    lapse(client)
    to = asked(client.get(path))
    confirm(client, to)
    assert f'href="{path}">Export now' in client.get(to).content.decode()
    assert client.get(path).headers["Content-Type"].startswith("text/csv")


def test_who_has_no_key_here_signs_out_and_in_again(client: Client, amara: Contact) -> None:
    max_ = make_user(name="Max")
    client.force_login(max_)
    lapse(client)
    to = asked(delete(client, amara))
    anew = client.get(f"{CONFIRM}?next={to}").url
    assert "neither password nor passkey" in client.get(anew).content.decode()
    answer = client.post("/accounts/confirm/anew/", {"next": to})
    assert answer.url == f"/accounts/login/?next={to}"
    assert client.get("/contacts/").status_code == 302
    client.force_login(max_)
    assert "Asked us to" in client.get(to).content.decode()


def test_letting_somebody_into_the_team_asks_and_inviting_a_client_does_not(
    client: Client, amara: Contact
) -> None:
    client.force_login(make_user(name="Ada", password=PASSWORD))
    lapse(client)
    path = f"/contacts/{amara.pk}/invitations/"
    typed = {"email": "amara@calder.example", "role": "team", "id": uuid7()}
    confirm(client, asked(client.post(path, typed)))
    assert not Invitation.objects.exists()
    assert client.post(path, typed).status_code == 303
    lapse(client)
    typed = {"email": "amara@wren.example", "role": "client", "id": uuid7()}
    assert client.post(path, typed).status_code == 303


def test_letting_many_into_the_team_asks_too(client: Client, amara: Contact) -> None:
    amara.emails = ["amara@calder.example"]
    amara.save()
    ada = make_user(name="Ada", password=PASSWORD)
    client.force_login(ada)
    run = BulkRun.select("invite", Contact.objects.all(), ada, "")
    run.draft({"role": "team", "note": ""})
    path = f"/bulk/{run.pk}/review"
    digest = re.search(r'name="digest" value="([^"]+)"', client.get(path).content.decode())[1]
    lapse(client)
    asked(client.post(path, {"digest": digest}))
    run.refresh_from_db()
    assert run.is_draft
    lapse(client, minutes=-16)
    assert client.post(path, {"digest": digest}).status_code == 303


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_signing_in_anew_leads_to_no_other_site(client: Client, to: str) -> None:
    client.force_login(make_user(name="Max"))
    assert client.post("/accounts/confirm/anew/", {"next": to}).url == "/accounts/login/?next=/"


def test_less_than_a_minute_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.core.exceptions import ImproperlyConfigured
    from environ import Env

    monkeypatch.setenv("SUDO_MINUTES", "0")
    with pytest.raises(ImproperlyConfigured, match="SUDO_MINUTES"):
        session_settings(Env())
