"""The page of a share's link: what was shared, for whoever holds the link, while it is open."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as django_mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import strip_tags

from activity.context import acting
from activity.models import ActivityEvent
from contacts.mail import deliver
from contacts.models import Contact, Link, Share
from contacts.views.shared import count
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db
OTHER = "facilities@wren.example"


@pytest.fixture
def amara() -> Contact:
    return make_contact(
        given_name="Amara",
        family_name="Okonkwo",
        organisation="Calder & Wren",
        emails=["amara@calder.example"],
        phones=["+442079460142"],
        notes="Prefers mornings.",
    )


@pytest.fixture
def shared(amara: Contact) -> Share:
    return make_share(amara)


def make_share(contact: Contact, **fields: Any) -> Share:
    fields = {
        "recipients": [OTHER],
        "fields": ["name", "phones"],
        "note": "For the <b>tender</b>",
        "link_days": 7,
    } | fields
    share = Share.draft(contact, sender=make_user(name="Max"), **fields)
    share.send()
    return share


def path_of(share: Share, recipient: str = OTHER) -> str:
    """Send what waits for that address; return the path of the link that it got."""
    deliver(share.deliveries.get(recipient=recipient, state="queued").pk)
    mail = django_mail.outbox[-1]
    assert mail.to == [recipient]
    [address] = set(re.findall(r"/s/[\w-]{43}/", mail.body))
    assert address in mail.alternatives[0][0]
    return address


def text(answer: Any) -> str:
    return " ".join(strip_tags(answer.content.decode()).split())


def plain(answer: Any) -> str:
    """Return a page without the token against forgery, which differs each time."""
    return re.sub(r"\b\w{64}\b", "", answer.content.decode())


def visits(share: Share) -> int:
    return ActivityEvent.objects.filter(object_id=share.pk, verb="share.link_opened").count()


def test_the_link_shows_what_was_shared_as_it_was_then(
    client: Client, shared: Share, amara: Contact
) -> None:
    path = path_of(shared)
    amara.given_name, amara.phones = "Changed", ["+12022243441"]
    amara.save()
    page = client.get(path)
    assert page.status_code == 200
    shown = text(page)
    for words in ("Amara Okonkwo", "+44 20 7946 0142", "Shared by Max on", "can be opened until"):
        assert words in shown
    for secret in ("Changed", "202-224", "Calder", "mornings", "amara@"):
        assert secret not in page.content.decode()
    assert "For the &lt;b&gt;tender&lt;/b&gt;" in page.content.decode()
    card = client.get(f"{path}card.vcf")
    assert card.headers["Content-Type"] == "text/vcard; charset=utf-8"
    assert "TEL;PREF=1;VALUE=uri:tel:+442079460142" in card.content.decode()
    assert "FN:Amara Okonkwo" in card.content.decode()
    assert "EMAIL" not in card.content.decode()


def test_a_name_that_was_not_shared_is_nowhere(client: Client, amara: Contact) -> None:
    share = make_share(amara, fields=["phones"], note="")
    path = path_of(share)
    for each in (client.get(path), client.get(f"{path}card.vcf")):
        assert "Amara" not in each.content.decode() + str(each.headers)


def test_a_text_alone_has_a_page_and_no_card(client: Client, amara: Contact) -> None:
    path = path_of(make_share(amara, fields=[]))
    assert "tender" in text(client.get(path))
    assert client.get(f"{path}card.vcf").status_code == 404


def test_the_page_is_kept_and_indexed_nowhere(client: Client, shared: Share) -> None:
    path = path_of(shared)
    for address in (path, f"{path}card.vcf", "/s/unknown/"):
        headers = client.get(address).headers
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "no-store" in headers["Cache-Control"]
        assert "noindex" in headers["X-Robots-Tag"]


def test_looking_changes_nothing_and_counts_nothing(client: Client, shared: Share) -> None:
    path = path_of(shared)
    with CaptureQueriesContext(connection) as queries:
        for _ in range(3):
            client.get(path)
            client.head(path)
            client.get(f"{path}card.vcf")
    assert not [q for q in queries if not q["sql"].startswith("SELECT")]
    assert visits(shared) == 0
    assert client.get(f"{path}opened").status_code == 405


def test_a_persons_visit_counts_once_a_day_in_one_browser(
    client: Client, shared: Share, amara: Contact
) -> None:
    path = path_of(shared)
    assert f'hx-post="{path}opened"' in client.get(path).content.decode()
    client.post(f"{path}opened")
    client.post(f"{path}opened")
    assert "hx-post" not in client.get(path).content.decode()
    assert visits(shared) == 1
    Client().post(f"{path}opened")
    shared.refresh_from_db()
    assert (visits(shared), shared.visits) == (2, {OTHER: 2})
    event = ActivityEvent.objects.filter(verb="share.link_opened").first()
    assert (event.contact_id, event.actor_type, event.payload["to"]) == (amara.pk, "system", OTHER)
    cookie = client.cookies["seen"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (path, True, "Lax")


def test_the_team_looking_at_its_own_link_is_no_visit(client: Client, shared: Share) -> None:
    path = path_of(shared)
    client.force_login(make_user(name="Mia"))
    assert "hx-post" not in client.get(path).content.decode()
    client.post(f"{path}opened")
    assert visits(shared) == 0


def test_who_asks_too_often_is_not_counted(client: Client, shared: Share) -> None:
    path = path_of(shared)
    for _ in range(40):
        Client().post(f"{path}opened")
    assert visits(shared) == 30
    cache.clear()


def closed_by_time(share: Share, clock: pytest.MonkeyPatch) -> None:
    later = timezone.now() + timedelta(days=7, seconds=1)
    clock.setattr(timezone, "now", lambda: later)


def closed_by_revoking(share: Share, clock: pytest.MonkeyPatch) -> None:
    share.revoke_link()


def closed_by_archiving(share: Share, clock: pytest.MonkeyPatch) -> None:
    share.contact.archive()


def closed_by_deleting(share: Share, clock: pytest.MonkeyPatch) -> None:
    Contact.objects.get(pk=share.contact_id).delete()


@pytest.mark.parametrize(
    "close", [closed_by_time, closed_by_revoking, closed_by_archiving, closed_by_deleting]
)
def test_whatever_closed_it_the_answer_is_that_of_an_unknown_link(
    client: Client, shared: Share, close: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = path_of(shared)
    close(shared, monkeypatch)
    unknown = client.get("/s/" + "x" * 43 + "/")
    for address in (path, f"{path}card.vcf"):
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(address)
        assert (answer.status_code, plain(answer)) == (404, plain(unknown))
        assert len([q for q in queries if "contacts_link" in q["sql"]]) == len(queries) == 1
    assert client.post(f"{path}opened").status_code == 200
    assert visits(shared) == 0


def test_a_link_that_closes_while_it_is_opened_is_not_counted(shared: Share) -> None:
    shared.revoke_link()
    assert shared.visited(OTHER) is False
    assert visits(shared) == 0


def test_a_contact_deleted_at_that_moment_is_no_error(shared: Share) -> None:
    link = Link.objects.create(digest="0" * 64, share=shared, recipient=OTHER)
    Contact.objects.get(pk=shared.contact_id).delete()
    count(link)
    assert visits(shared) == 0


def test_a_resent_link_replaces_the_one_before(client: Client, shared: Share) -> None:
    first = path_of(shared)
    shared.deliveries.update(state="bounced")
    assert Share.objects.get().resend(OTHER)
    second = path_of(shared)
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200


def test_each_address_has_a_link_of_its_own(client: Client, amara: Contact) -> None:
    share = make_share(amara, recipients=[OTHER, "b@x.example"])
    first, second = path_of(share), path_of(share, "b@x.example")
    assert first != second
    client.post(f"{second}opened")
    share.refresh_from_db()
    assert share.visits == {"b@x.example": 1}


def test_the_token_is_in_no_table(client: Client, shared: Share) -> None:
    path = path_of(shared)
    token = path.split("/")[2]
    client.get(path)
    client.post(f"{path}opened")
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT count(*) FROM "{table}" AS r WHERE r::text LIKE %s',
                           [f"%{token}%"])  # fmt: skip
            assert cursor.fetchone() == (0,), table


def test_the_link_of_an_invitation_opens_no_share(client: Client, amara: Contact) -> None:
    from contacts.models import Invitation

    with acting(actor=make_user(name="Max")):
        invitation = Invitation.send(
            amara, inviter=make_user(name="Ada"), email=amara.email, role="client"
        )
    token = Link.make(invitation=invitation, recipient=amara.email).split("/")[-2]
    assert client.get(f"/s/{token}/").status_code == 404
