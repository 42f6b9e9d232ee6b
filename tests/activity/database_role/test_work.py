"""The role that web and worker run as can do all the work."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils.module_loading import import_string
from uuid_utils.compat import uuid7

from accounts.models import User
from activity.models import ActivityEvent, Leaf, Pending
from config.celery import app
from contacts import mail
from contacts.models import Contact, ImportRun, Message, Share
from tests.builders import make_contact, make_user
from tests.contacts.invitations import PASSWORD, copied_path, make_invitation


@pytest.fixture
def max_(as_role: str) -> User:
    return make_user(name="Max", password=PASSWORD)


def test_all_the_work_of_annals_is_done_as_that_role(
    max_: User, client: Client, settings: Any
) -> None:
    signed_in = client.post(
        reverse("account_login"), {"login": "max@annals.example", "password": PASSWORD}
    )
    assert signed_in.status_code == 302

    def post(name: str, *args: Any, **typed: Any) -> Any:
        answer = client.post(reverse(name, args=args), typed)
        assert answer.status_code in {200, 302, 303}, (name, answer.status_code)
        return answer

    def get(name: str, *args: Any) -> str:
        answer = client.get(reverse(name, args=args))
        assert answer.status_code == 200, name
        return answer.content.decode()

    post("contact_new", given_name="Amara", family_name="Okonkwo", email="amara@calder.example")
    amara = Contact.objects.get()
    post("contact_edit", amara.pk, version=amara.version, given_name="Amara",
         family_name="Okonkwo", city="Lagos", email="amara@calder.example")  # fmt: skip
    post("contact_comments", amara.pk, body="Call back on Monday", id=uuid7())
    post("contact_archive", amara.pk, reason="Paused")
    post("contact_restore", amara.pk)
    message = Message.send(
        Contact.objects.get(), author=max_, address="amara@calder.example", body="Hello",
        files=[SimpleUploadedFile("plan.txt", b"plan")], grace=timedelta(0),
    )  # fmt: skip
    mail.deliver(message.delivery.pk)
    invitation = make_invitation(Contact.objects.get(), inviter=max_)
    portal = Client()
    path = copied_path(invitation)
    assert portal.get(path).status_code == 200
    share = Share.draft(Contact.objects.get(), sender=max_, recipients=["ben@b.example"],
                        fields=["name"], note="", link_days=7)  # fmt: skip
    share.send()
    imported = ImportRun.receive(ContentFile(b"Name,Email\nBo,bo@b.example\nX,no", "x.csv"), max_)
    imported.start(imported.targets, by_worker=False)
    imported.run()
    assert (imported.state, imported.created) == ("finished", 1)
    assert "Hello" in get("contact", amara.pk)
    for page in ("contacts", "activity_log", "ledger_status", "activity_exports", "bulk_runs"):
        get(page)
    get("contact_history", amara.pk)
    post("contact_handover", amara.pk, id=uuid7())
    post("activity_export", id=uuid7(), format="csv")
    post("contact_delete", amara.pk, confirm="Amara Okonkwo", reason="Asked")
    assert client.get(amara.get_absolute_url()).status_code == 410
    assert ActivityEvent.objects.filter(contact_id=amara.pk, payload__isnull=True).count() > 5
    ada = make_user(name="Ada")
    ada.assign_role("manager")
    client.force_login(make_user("administrator", name="Eve"))
    get("admin:activity_activityevent_changelist")
    post("account_logout")


def test_all_that_is_scheduled_and_all_commands_run_as_that_role(
    max_: User, tmp_path: Path
) -> None:
    amara = make_contact()
    event = ActivityEvent.objects.get(verb="contact.created", object_id=amara.pk)
    for entry in app.conf.beat_schedule.values():
        import_string(entry["task"]).apply(throw=True)
    assert Leaf.objects.filter(event_id=event.pk).exists()
    said = {"stdout": io.StringIO(), "stderr": io.StringIO()}
    call_command("rotate_ledger_key", **said)
    call_command("seal_ledger", **said)
    assert not Pending.objects.exists()
    call_command("export_proof", str(event.uid), output=tmp_path / "proof.zip", **said)
    log = io.TextIOWrapper(io.BytesIO())
    call_command("export_activity", stdout=log, stderr=io.StringIO())
    assert str(event.uid) in log.buffer.getvalue().decode()
    call_command("replay_erasures", **said)
    call_command("verify_ledger", **said)  # raises where anything does not hold
