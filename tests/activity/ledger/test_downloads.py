"""Whoever may see an entry may take its proof away, and anybody the checkpoint."""

import io
import zipfile
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from uuid_utils.compat import uuid7

from activity.ledger import verify
from activity.ledger.bundle import bundle
from activity.ledger.sealing import seal_pending
from activity.models import ActivityEvent, Checkpoint
from activity.recording import Draft, write
from tests.activity.happenings import happen
from tests.activity.ledger.backups import tamper
from tests.activity.ledger.sealed import sealed_event, unpack
from tests.builders import make_comment, make_contact, make_user

pytestmark = pytest.mark.django_db


def address(event: ActivityEvent) -> str:
    return reverse("event_proof", args=[event.uid])


def private_event() -> ActivityEvent:
    [pk] = write([Draft("user.signed_in", "user", uuid7(), None, {"browser": "Firefox"})])
    seal_pending()
    return ActivityEvent.objects.get(pk=pk)


@pytest.mark.parametrize("name", ["Vic", "Mia", "Max", "Ada"])
def test_every_role_may_take_the_proof_of_what_it_sees(
    client: Client, tmp_path: Path, name: str
) -> None:
    client.force_login(make_user(name=name))
    event = sealed_event(after=2)
    answer = client.get(address(event))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/zip"
    assert f'filename="annals-proof-{event.uid}.zip"' in answer.headers["Content-Disposition"]
    assert answer.content == bundle(event)
    assert verify.main([str(unpack(answer.content, tmp_path))]) == 0


def test_what_only_administrators_see_only_they_may_prove(client: Client) -> None:
    event = private_event()
    for name, status in {"Vic": 403, "Max": 403, "Ada": 200}.items():
        client.force_login(make_user(name=name))
        assert client.get(address(event)).status_code == status


def test_the_address_of_a_client_is_not_in_a_proof(client: Client) -> None:
    client.force_login(make_user(name="Ada"))
    client.post("/contacts/new", {"given_name": "Zoe"}, REMOTE_ADDR="203.0.113.77")
    seal_pending()
    event = ActivityEvent.objects.get(verb="contact.created")
    assert b"203.0.113.77" not in b"".join(unzipped(client.get(address(event)).content))


def unzipped(content: bytes) -> list[bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [archive.read(name) for name in archive.namelist()]


def test_what_a_deleted_comment_said_is_left_out_for_all_but_moderators(
    client: Client, tmp_path: Path
) -> None:
    author = make_user(name="Mia")
    comment = make_comment(make_contact(), author, body="Hush")
    comment.remove(by=author)
    seal_pending()
    event = ActivityEvent.objects.get(verb="comment.added")
    for name, said in {"Vic": False, "Max": True}.items():
        client.force_login(make_user(name=name))
        folder = unpack(client.get(address(event)).content, tmp_path / name)
        assert (folder / "payload.json").exists() is (folder / "salt.txt").exists() is said
        assert verify.main([str(folder)]) == 0


def test_a_proof_can_start_from_a_size_the_log_had(client: Client, tmp_path: Path) -> None:
    client.force_login(make_user(name="Vic"))
    event = sealed_event(before=4, after=4)
    folder = unpack(client.get(address(event), {"since": "5"}).content, tmp_path)
    assert '"size":5' in (folder / "consistency.json").read_text()
    assert verify.main([str(folder)]) == 0


@pytest.mark.parametrize("size", ["", "0", "-1", "99999", "nine", "1e3", "9" * 50])
def test_a_size_the_log_never_had_is_explained(client: Client, size: str) -> None:
    client.force_login(make_user(name="Vic"))
    answer = client.get(address(sealed_event()), {"since": size})
    assert answer.status_code == 422
    assert "second line of the checkpoint" in answer.content.decode()


def test_an_entry_that_is_not_sealed_yet_says_so(client: Client) -> None:
    client.force_login(make_user(name="Vic"))
    happen(make_contact())
    answer = client.get(address(ActivityEvent.objects.first()))
    assert answer.status_code == 409
    assert "not sealed yet" in answer.content.decode()


def test_an_entry_that_was_changed_is_not_proved(client: Client) -> None:
    client.force_login(make_user(name="Vic"))
    event = sealed_event()
    tamper("UPDATE activity_event SET verb = 'contact.x' WHERE id = %(id)s", id=event.pk)
    answer = client.get(address(event))
    assert answer.status_code == 409
    assert "not what was sealed" in answer.content.decode()


def test_there_is_no_proof_of_nothing(client: Client) -> None:
    client.force_login(make_user(name="Vic"))
    assert client.get(reverse("event_proof", args=[uuid7()])).status_code == 404


def test_anybody_may_have_the_newest_checkpoint(client: Client) -> None:
    assert client.get("/.well-known/ledger-checkpoint").status_code == 404
    sealed_event()
    sealed_event()
    answer = client.get("/.well-known/ledger-checkpoint")
    assert answer.content.decode() == Checkpoint.objects.order_by("-size").first().note
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert client.head("/.well-known/ledger-checkpoint").status_code == 200
    assert client.post("/.well-known/ledger-checkpoint").status_code == 405
