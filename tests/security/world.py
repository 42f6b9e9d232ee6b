"""A small Annals in which everything is there once as somebody's own and once as another's.

So a 404 is a refusal and not an absent row. What stands at a parameter of an address is told by
what stands before it, in PLACES (places.py): a new address below a known one needs nothing here.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import redis
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import QueryDict
from django.test import Client, RequestFactory, override_settings
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts import unsent
from accounts.models import User
from accounts.sessions import Session
from accounts.sudo import CONFIRMED_AT
from activity.context import acting
from activity.history.handover import Handover
from activity.models import ActivityEvent, ActivityExport, Checkpoint, Notification
from config import health
from config.mail import folder
from contacts.models import (
    Attachment,
    BulkRun,
    Comment,
    CommentFile,
    Contact,
    Delivery,
    DuplicatePair,
    ImportRun,
    Invitation,
    Link,
    Message,
    SavedView,
    Share,
    Tag,
)
from contacts.unsubscribing import unsubscribe_address
from tests.addresses import Address
from tests.builders import make_comment, make_contact, make_user
from tests.contacts.portal_people import give_portal
from tests.security.places import OF_ADMIN, PLACES
from tests.security.things import MAIL, PNG, credential, first

TEAM = ("viewer", "member", "manager", "administrator")
ROLES = ("anonymous", "deactivated", "portal", "none", *TEAM)
LATER = "administrator, an hour later"
PASSWORD = "a riverbed in June"


@contextmanager
def keeping_mail() -> Iterator[None]:
    """Have mail kept in a folder meanwhile: /mail/ is there where no server is configured."""
    with (
        tempfile.TemporaryDirectory(prefix="annals-mail-") as kept,
        override_settings(EMAIL_BACKEND="config.mail.folder.EmailBackend", EMAIL_FILE_PATH=kept),
    ):
        yield


class World:
    """People of each role with a browser each, and what there is: `own` things and `others`."""

    def __init__(self) -> None:
        self.people = {
            "deactivated": make_user("manager", name="Dora"),
            "portal": User.objects.create_user("amara@calder.example", PASSWORD, name="Amara"),
            "none": User.objects.create_user("nora@annals.example", PASSWORD, name="Nora"),
            **{role: make_user(role, name=f"{role}-person", password=PASSWORD) for role in TEAM},
        }
        self.colleague = make_user("administrator", name="Zoe")
        self.max = make_user("manager", name="Max")
        self.stranger = User.objects.create_user("sven@strange.example", name="Sven Strange")
        self.browsers = {role: self._browser(role) for role in ROLES}
        self.browsers[LATER] = self._browser("administrator", at=0)
        with acting(actor=self.colleague, channel="web"):
            self._fill()
        Checkpoint.objects.create(epoch=1, size=1, root=bytes(32), note="annals")
        # As a worker does, but for as long as a test takes.
        with redis.Redis.from_url(settings.REDIS_URL) as client:
            client.set(health.WORKER_SEEN, 1)

    def _browser(self, role: str, at: float | None = None) -> Client:
        """Return a browser; who signed in there did so with a password, now or `at` a time."""
        browser = Client(raise_request_exception=False)
        if role in self.people:
            browser.force_login(self.people[role])
            session = browser.session
            session["account_authentication_methods_user"] = str(self.people[role].pk)
            at = time.time() if at is None else at
            session[CONFIRMED_AT] = at
            session["account_authentication_methods"] = [
                {"method": "password", "at": at, "reauthenticated": True}
            ]
            session.save()
        if role == "deactivated":
            User.objects.filter(pk=self.people[role].pk).update(is_active=False)
        return browser

    def _fill(self) -> None:
        amara = make_contact(
            given_name="Amara", family_name="Okonkwo", organisation="Calder & Wren",
            emails=["amara@calder.example"], tags=["Key account"], owner=self.max,
        )  # fmt: skip
        twin = make_contact(given_name="Amara", family_name="Okonkwo", emails=["a@twin.example"])
        sven = make_contact(given_name="Sven", emails=["sven@strange.example"])
        amara.city = "Lagos"
        amara.save()
        give_portal(amara, self.people["portal"])
        give_portal(sven, self.stranger)
        message = Message.send(
            amara, author=self.max, address="amara@calder.example", subject="Plan", body="The plan."
        )
        Delivery.objects.filter(message=message).update(state="sent", attempts=1)
        image = SimpleUploadedFile("plan.png", PNG, "image/png")
        attachment = Attachment.keep(message, image)
        comment = make_comment(amara, self.max, "Call back")
        invitation = Invitation.send(amara, inviter=self.max, email="b@c.example", role="client")
        to_team = Invitation.send(amara, inviter=self.colleague, email="t@c.example", role="team")
        share = Share.draft(
            amara, sender=self.max, recipients=["f@wren.example"], fields=["emails"], link_days=7,
        )  # fmt: skip
        share.send()
        first, second = sorted([amara.pk, twin.pk])
        event = ActivityEvent.objects.of(amara.pk).filter(verb="comment.added").latest("pk")
        csv = ContentFile(b"Name,Email\nBo,bo@b.example\n", name="fair.csv")
        key = user_pk_to_url_str(self.max)
        Tag.objects.get_or_create(name="Key account")
        self.contact, self.event = amara, event
        self.others: dict[str, Any] = {
            "app": "contacts",
            "attachment": attachment.pk,
            "comment_file": CommentFile.keep(comment, image).pk,
            "contact": amara.pk,
            "content_type": ContentType.objects.get_for_model(Contact).pk,
            "delivery": message.delivery.pk,
            "event": event.uid,
            "event_id": event.pk,
            "guide": "comment",
            "handover": Handover.make(amara, self.max, QueryDict(), uuid7()).uid,
            "import": ImportRun.receive(csv, self.max).pk,
            "invitation": invitation.pk,
            "invitation_token": self._token(invitation=invitation),
            "key": default_token_generator.make_token(self.max),
            "mail": folder.keep(MAIL),
            "menu": "who",
            "message": message.pk,
            "number": 1,
            "pair": DuplicatePair.objects.create(
                first_id=first, second_id=second, reasons=["name"], score=10
            ).pk,
            "share": share.pk,
            "share_token": self._token(share=share),
            "twin": twin.pk,
            "uidb36": key,
            "unsubscribe_token": unsubscribe_address(amara).rstrip("/").rpartition("/")[2],
            "version": 1,
            **self._belongings(self.max),
            "comment": comment.pk,
            "portal": sven.pk,
        }
        self.own = {role: self._belongings(user) for role, user in self.people.items()}
        self.own["portal"]["portal"] = amara.pk
        # What stands there in a further case of an address, by the name of that case.
        self.cases: dict[str, dict[str, Any]] = {"to the team": {"invitation": to_team.pk}}

    def _belongings(self, user: User) -> dict[str, Any]:
        """Make what belongs to one person, and return the ids."""
        TOTP.activate(user, generate_totp_secret())
        RecoveryCodes.activate(user)
        comment = Comment(contact=self.contact, author=user, body="My own")
        comment.save()
        return {
            "bulk": BulkRun.select("archive", Contact.objects.all(), user).pk,
            "comment": comment.pk,
            "export": ActivityExport.objects.create(made_by=user, format="csv").pk,
            "notification": Notification.objects.create(
                user=user, contact=self.contact, event=self.event, reason="mention",
                at=timezone.now(),
            ).pk,
            "passkey": Authenticator.objects.create(
                user=user, type="webauthn", data={"name": "Key", "credential": credential()}
            ).pk,
            "session": self._session(user),
            "unsent": self._unsent(user),
            "view": SavedView.objects.create(owner=user, name="Mine", query="q=amara").pk,
        }  # fmt: skip

    def _session(self, user: User) -> str:
        """Sign somebody in on another device."""
        device = Client()
        device.force_login(user)
        return Session.objects.get(pk=device.session.session_key).handle

    @staticmethod
    def _unsent(user: User) -> str:
        request = RequestFactory().post("/contacts/new", {"given_name": "Bo"})
        request.user = user
        return unsent.keep(request, "/contacts/").split("/")[2]

    @staticmethod
    def _token(**opens: Any) -> str:
        return Link.make(**opens).rstrip("/").rpartition("/")[2]

    def path(self, address: Address, role: str, *, own: bool = True, case: str = "") -> str:
        """Return the path of an address, with things of that role's person or of another."""
        mine = self.own.get(role.partition(",")[0], {}) if own else {}
        things = self.others | mine | self.cases.get(case, {})

        def thing(before: str, kind: str, name: str) -> Any:
            if before not in PLACES and (model := OF_ADMIN.fullmatch(before)):
                return first(*model.groups())
            if before not in PLACES:
                raise LookupError(
                    f"{address.route}: say in tests/security/places.py what stands after {before}, "
                    "and make it in World._fill, or, where it is one person's, _belongings."
                )
            return things[PLACES[before]]

        return address.filled(thing)

    @contextmanager
    def undone(self, role: str) -> Iterator[Client]:
        """Yield the browser of a role; all that it does is undone afterwards."""
        browser = self.browsers[role]
        cookies = browser.cookies.output()
        mark = transaction.savepoint()
        try:
            yield browser
        finally:
            transaction.savepoint_rollback(mark)
            if browser.cookies.output() != cookies:
                browser.cookies.clear()
                browser.cookies.load(cookies.replace("Set-Cookie: ", ""))
