"""What a provider reports of a mail is noted; who does not know the secret reports nothing."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver
from uuid_utils.compat import uuid7

from contacts.models import Contact, Delivery
from tests.contacts.outbox import ana, message, share, state, verbs
from tests.contacts.providers import mailgun, post, postmark, use

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def provider(settings: Any) -> None:
    use(settings, "postmark")


@pytest.fixture
def mail() -> Delivery:
    return leaves(message())


def leaves(delivery: Delivery, remote_id: str = "") -> Delivery:
    """Have the provider taken it."""
    Delivery.objects.filter(pk=delivery.pk).update(state="sending", attempts=1)
    delivery.refresh_from_db()
    assert delivery.sent(remote_id)
    return delivery


def report(kind: str, mail: Delivery, **more: Any) -> None:
    assert post("tracking", postmark(kind, mail, **more)).status_code == 200


def test_a_mail_that_arrived_is_marked_so(mail: Delivery) -> None:
    report("delivered", mail)
    assert state(mail) == "sent"
    assert mail.delivered_at == datetime(2026, 11, 5, 16, 33, 54, 907025, tzinfo=UTC)


def test_a_mail_that_came_back_says_why(mail: Delivery) -> None:
    report("bounced", mail)
    assert state(mail) == "bounced"
    assert "550 5.1.1 The email account does not exist." in mail.error
    assert verbs(mail.contact) == ["message.queued", "message.bounced"]


def test_a_mail_that_the_provider_will_not_send_says_why(mail: Delivery) -> None:
    report("rejected", mail)
    assert state(mail) == "bounced"
    assert mail.error == "The provider didn’t send it. It says: Invalid email address"


@pytest.mark.parametrize("kind", ["soft", "deferred", "opened"])
def test_what_is_not_final_changes_nothing(mail: Delivery, kind: str) -> None:
    report(kind, mail)
    assert state(mail) == "sent"
    assert not mail.delivered_at
    assert verbs(mail.contact) == ["message.queued"]


def test_reports_may_come_twice_and_in_any_order(mail: Delivery) -> None:
    for kind in ("delivered", "bounced", "bounced", "delivered", "soft"):
        report(kind, mail)
    assert state(mail) == "bounced"
    assert verbs(mail.contact) == ["message.queued", "message.bounced"]


def test_a_report_may_come_before_the_provider_has_answered() -> None:
    mail = message()
    Delivery.objects.filter(pk=mail.pk).update(state="sending", attempts=1)
    mail.refresh_from_db()
    report("delivered", mail)
    assert not mail.sent("883953f4")
    assert state(mail) == "sent"
    assert mail.delivered_at


def test_a_report_finds_its_mail_by_the_id_of_the_provider() -> None:
    mail = leaves(message(), "883953f4-6105-42a2-a16a-77a8eac79483")
    other = leaves(message(mail.contact), "883953f4-6105-42a2-a16a-000000000000")
    report("bounced", mail, Metadata={})
    assert (state(mail), state(other)) == ("bounced", "sent")


@pytest.mark.parametrize(
    "more",
    [
        {"Metadata": {"delivery": str(uuid7())}},
        {"Metadata": {"delivery": "none"}},
        {"Metadata": {}, "MessageID": "another"},
        {"Metadata": {}, "MessageID": None},
        {"RecordType": "SomethingNew"},
    ],
)
def test_a_report_on_a_mail_of_somebody_else_is_taken_quietly(
    mail: Delivery, more: dict[str, Any]
) -> None:
    report("bounced", mail, **more)
    assert state(mail) == "sent"


def test_a_report_on_a_mail_to_a_deleted_contact_is_taken_quietly(mail: Delivery) -> None:
    told = postmark("complained", mail)
    mail.contact.delete()
    assert post("tracking", told).status_code == 200


@pytest.mark.parametrize(
    ("kind", "source"), [("complained", "complaint"), ("unsubscribed", "recipient")]
)
def test_who_complains_is_written_to_no_more(mail: Delivery, kind: str, source: str) -> None:
    report(kind, mail)
    report(kind, mail)
    contact = Contact.objects.get()
    assert contact.do_not_contact_at
    assert contact.do_not_contact_source == source
    assert verbs(contact) == ["message.queued", "contact.opted_out"]


def test_a_stranger_who_complains_about_a_share_does_not_speak_for_the_contact() -> None:
    mail = leaves(share(ana(), recipients=["ben@elsewhere.example"]))
    report("complained", mail)
    assert not Contact.objects.get().do_not_contact_at


def test_the_contact_who_complains_about_a_share_is_written_to_no_more() -> None:
    report("complained", leaves(share()))
    assert Contact.objects.get().do_not_contact_at


@pytest.mark.parametrize("secret", ["", "annals:wrong", "other:0123456789abcdef0123"])
@pytest.mark.parametrize("kind", ["tracking", "inbound"])
def test_who_does_not_know_the_secret_is_refused(mail: Delivery, secret: str, kind: str) -> None:
    assert post(kind, postmark("bounced", mail), secret).status_code == 400
    assert state(mail) == "sent"


def test_what_we_cannot_read_is_for_the_provider_to_report_again(mail: Delivery) -> None:
    assert post("tracking", ["nothing that Postmark sends"]).status_code == 500


def test_webhooks_that_were_mixed_up_are_an_error_that_somebody_sees(mail: Delivery) -> None:
    assert post("inbound", postmark("bounced", mail)).status_code == 500
    assert state(mail) == "sent"


def test_only_the_webhooks_of_the_provider_answer() -> None:
    resolver = get_resolver()
    assert set(resolver.namespace_dict["anymail"][1].reverse_dict) >= {"postmark_inbound_webhook"}
    assert Client().post("/anymail/mailgun/tracking/").status_code == 404
    assert Client().get("/anymail/postmark/tracking/").status_code == 405


class TestMailgun:
    """Another provider, which signs what it reports and names mails by their Message-ID."""

    @pytest.fixture(autouse=True)
    def provider(self, settings: Any) -> None:
        use(settings, "mailgun")

    def told(self, event: str, mail: Delivery, **more: Any) -> int:
        return post("tracking", mailgun(event, mail, **more), provider="mailgun").status_code

    def test_its_reports_are_noted(self) -> None:
        mail = message()
        leaves(mail, mail.mail_id)
        assert self.told("delivered", mail) == 200
        assert state(mail) == "sent"
        assert mail.delivered_at
        assert self.told("failed", mail, severity="temporary") == 200
        assert state(mail) == "sent"
        assert self.told("failed", mail) == 200
        assert state(mail) == "bounced"
        assert "5.1.1 The email account" in mail.error

    def test_a_forged_signature_is_refused(self) -> None:
        mail = leaves(message())
        forged = mailgun("failed", mail, **{"user-variables": {"delivery": str(mail.pk)}})
        forged["signature"]["token"] = "another"
        assert post("tracking", forged, provider="mailgun").status_code == 400
        assert state(mail) == "sent"
