"""A contact that had everything is erased: what is left of it, byte by byte, and where.

Each person's data hold one invented word. The search for it is shown to work by the same search
for somebody who stays.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from allauth.mfa.models import Authenticator
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import User
from activity.context import acting
from activity.ledger import sealing
from contacts import mail
from contacts.models import BulkRun, Contact, DeletedContact, ImportRun, Message, Share
from contacts.tasks import forget_deleted_names
from tests.activity.places import (
    data_directory,
    in_files,
    in_redis,
    in_sessions,
    in_tables,
    run,
    write_over_wal,
)
from tests.builders import make_user
from tests.contacts.invitations import PASSWORD, copied_path, make_invitation

pytestmark = pytest.mark.django_db(transaction=True)

ERASED, STAYS = "quillfeatherx", "brackenthorpx"
PHONES = {ERASED: "+442079460917", STAYS: "+442079460981"}
# Where each of them is before the erasure; what is not listed never held anything.
TABLES = {
    f"public.{table}"
    for table in (
        *("account_emailaddress", "accounts_user"),
        *("activity_event", "activity_export", "activity_origin"),
        *("contacts_attachment", "contacts_bulkrun", "contacts_comment", "contacts_contact"),
        "contacts_commentfile",
        *("contacts_delivery", "contacts_historicalcomment", "contacts_historicalcontact"),
        *("contacts_historicalinvitation", "contacts_historicalmessage"),
        *("contacts_historicalshare", "contacts_importfailure", "contacts_invitation"),
        *("contacts_link", "contacts_message", "contacts_savedview", "contacts_share"),
        "contacts_tag",
        *("django_admin_log", "mfa_authenticator"),
    )
} | {"pg_catalog.pg_stats"}


def live(word: str, max_: User, ada: User) -> Contact:
    """Let a contact have everything that a contact can have; return it."""
    team = Client()
    team.force_login(max_)
    email, name = f"{word}@calder.example", f"Zephyr {word.capitalize()}"

    def post(view: str, *args: Any, **typed: Any) -> None:
        answer = team.post(reverse(view, args=args), typed)
        assert answer.status_code in {200, 302, 303}, (view, answer.status_code)

    typed = {"given_name": "Zephyr", "family_name": word.capitalize()}
    post("contact_new", **typed, email=email, phone=PHONES[word], notes=f"Met {word} at the fair")
    contact = Contact.objects.get(emails__contains=[email])
    with acting(actor=max_, channel="web"):
        contact.job_title, contact.tags = f"{word} maker", [f"{word} family"]
        contact.website, contact.city = f"https://{word}.example", word
        contact.save()
    post("contact_edit", contact.pk, version=contact.version, **typed, email=email,
         phone=PHONES[word], tags=f"{word} family", city="Lagos")  # fmt: skip
    file = SimpleUploadedFile(f"{word}.txt", f"The door code of {word}".encode(), "text/plain")
    post("contact_comments", contact.pk, body=f"Call {word} back", id=uuid7(), attachments=file)
    comment = contact.comments.get()
    post("comment_edit", comment.pk, body=f"Call {word} on Monday", version=comment.version)
    post("contact_archive", contact.pk, reason=f"{word} is on leave")
    post("contact_restore", contact.pk)
    post("contact_seen", contact.pk)
    post("view_new", name=name, q=f"Zephyr {email}")
    post("view_new", name=f"Number {PHONES[word][-2:]}", q=word)
    post("view_new", name=f"Family of {word}", tag=f"{word} family")
    contact.refresh_from_db()
    with acting(actor=max_, channel="web"):
        outreach(word, contact, max_)
    portal(word, contact, max_)
    rows = f"{name},{email};no\nBo {word},bo@{word}.example\n{name},{email}\n"
    imported = ImportRun.receive(ContentFile(b"Name,Email\n" + rows.encode(), "fair.csv"), max_)
    imported.start(imported.targets, by_worker=False)
    imported.run()
    assert (imported.created, imported.skipped, imported.failed) == (1, 1, 1)
    Contact.objects.filter(given_name="Bo", family_name=word).get().delete()
    bulk = BulkRun.select("archive", Contact.objects.filter(pk=contact.pk), max_, f"q={word}")
    bulk.draft({"reason": f"{word} asked for a break"})
    bulk.start(by_worker=False)
    bulk.run()
    Contact.objects.get(pk=contact.pk).restore()
    administration = Client()
    administration.force_login(ada)
    in_administration(word, contact, administration)
    return contact


def outreach(word: str, contact: Contact, max_: User) -> None:
    """Write, receive and share, with files."""
    file = SimpleUploadedFile(f"{word}.txt", f"The plan of {word}".encode(), "text/plain")
    for body in (f"Dear {word}", "This one bounces"):
        message = Message.send(
            contact, author=max_, address=contact.email, subject=f"For {word}", body=body,
            files=[file] if "Dear" in body else [], grace=timedelta(0),
        )  # fmt: skip
        mail.deliver(message.delivery.pk)
    bounced = Message.objects.get(pk=message.pk).delivery
    assert bounced.bounced(f"550 no {word} here")
    Message.receive(contact, body=f"It is me, {word}", via="email", subject=word, files=[file])
    Share.draft(
        contact, sender=max_, recipients=[f"agent@{word}.example"], fields=["name", "emails"],
        note=f"All about {word}", with_card=True, link_days=7,
    ).send()  # fmt: skip
    for delivery in contact.deliveries.filter(state="queued"):
        mail.deliver(delivery.pk)


def portal(word: str, contact: Contact, max_: User) -> None:
    """Invite the contact, who accepts, signs in by a phone of its own, and writes."""
    note = f"Welcome, {word}"
    invitation = make_invitation(contact, inviter=max_, email=contact.email, note=note)
    mail.deliver(invitation.delivery.pk)
    path, visitor = copied_path(invitation), Client(HTTP_USER_AGENT=f"Phone of {word}")
    assert visitor.post(f"{path}opened").status_code == 200
    account = User.objects.create_user(contact.email, PASSWORD, name=f"Zephyr {word}")
    invitation.refresh_from_db()
    invitation.accept(account)
    typed = {"login": account.email, "password": "wrong"}
    assert visitor.post(reverse("account_login"), typed).status_code == 422
    typed["password"] = PASSWORD
    assert visitor.post(reverse("account_login"), typed).status_code == 302
    with transaction.atomic():
        passkey = {"name": f"Phone of {word}", "credential": {}}
        Authenticator.objects.create(user=account, type="webauthn", data=passkey)
    reply = {"id": uuid7(), "body": f"Greetings from {word}"}
    answer = visitor.post(reverse("portal_reply", args=[contact.pk]), reply)
    assert answer.status_code in {200, 303}
    Client().post(reverse("account_reset_password"), {"email": account.email})


def in_administration(word: str, contact: Contact, client: Client) -> None:
    """Change the contact and rename its account in the administration site."""
    path = reverse("admin:contacts_contact_change", args=[contact.pk])
    form = client.get(path).context["adminform"].form
    typed = {bound.name: bound.value() for bound in form if bound.value() is not None}
    typed |= {each: "\n".join(typed[each]) for each in ("emails", "phones", "tags")}
    assert client.post(path, typed | {"notes": f"Seen with {word}"}).status_code == 302


def look_up(word: str, contact: Contact, ada: User) -> None:
    """Search the log for the contact, take it out as a file, and hand its history over."""
    client = Client()
    client.force_login(ada)
    for query in ({"q": word}, {"q": f"{word}@calder.example"}, {"contact": contact.pk}):
        assert client.get(reverse("activity_log"), query).status_code == 200
        asked = {**query, "id": uuid7(), "format": "csv"}
        answer = client.post(reverse("activity_export"), asked)
        assert answer.status_code == 303
    path = reverse("contact_handover", args=[contact.pk])
    assert client.post(f"{path}?q={word}", {"id": uuid7()}).status_code == 303
    assert client.get(reverse("contacts"), {"q": word}).status_code == 200


@pytest.fixture
def mail_folder(settings: Any) -> Path:
    settings.EMAIL_BACKEND = "config.mail.folder.EmailBackend"
    return Path(settings.EMAIL_FILE_PATH)


def hits(words: set[str]) -> set[tuple[str, str]]:
    """Search every place but the server's own files."""
    from config import embedded

    with redis.Redis.from_url(embedded.redis_url()) as client:
        client.save()
    server = data_directory()
    found = {
        (word, f"file {name}")
        for word, name in in_files(words, embedded.VAR)
        if not (embedded.VAR / name).is_relative_to(server)
    }
    return found | in_tables(words) | in_sessions(words) | in_redis(words)


def test_nothing_is_left_of_a_contact_that_had_everything(mail_folder: Path, settings: Any) -> None:
    settings.DELETED_NAME_DAYS = 30
    max_, ada = make_user(name="Max"), make_user(name="Ada")
    contact, stays = (live(word, max_, ada) for word in (ERASED, STAYS))
    look_up(ERASED, contact, ada)
    look_up(STAYS, stays, ada)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user(contact.email)  # the server notes the error in its log
    sealing.seal_pending()
    run("ANALYZE")
    run("CHECKPOINT")
    words = {ERASED, PHONES[ERASED][1:]}
    before = hits(words)
    assert {place for _word, place in before} >= TABLES
    assert {place.split("/")[0] for _word, place in before} >= {
        "file files", "file exports", "file mail",
    }  # fmt: skip
    assert len(in_files(words, data_directory())) > len(TABLES)

    client = Client()
    client.force_login(max_)
    typed = {"confirm": contact.name, "reason": "Asked to be forgotten"}
    assert client.post(reverse("contact_delete", args=[contact.pk]), typed).status_code == 303
    named = {(ERASED, "public.contacts_deletedcontact")}
    run("ANALYZE")
    mails = {hit for hit in before if hit[1].startswith("file mail/")}
    assert hits(words) - mails - named <= {(word, "pg_catalog.pg_stats") for word in words}
    DeletedContact.objects.update(deleted_at=timezone.now() - timedelta(days=30))
    forget_deleted_names.apply(throw=True)

    run("ANALYZE")
    run("VACUUM FULL")
    run("CHECKPOINT")
    assert {name.split("/")[0] for _word, name in in_files(words, data_directory())} <= {"pg_wal"}
    write_over_wal()
    assert in_files(words, data_directory()) == set()
    assert hits(words) == mails
    assert mails

    # The search works: who stays is found in every place, but for exports, which go as a whole.
    kept = {STAYS, PHONES[STAYS][1:]}
    assert {place for _word, place in hits(kept)} >= TABLES - {"public.activity_export"}
    assert in_files(kept, data_directory())
    assert stays.comments.exists()
