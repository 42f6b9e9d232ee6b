"""Mail that programs write: marked, limited, and our own dropped."""

from datetime import timedelta

import pytest

from contacts.models import Message
from tests.contacts.inbound.receiving import receive
from tests.contacts.providers import inbound, raw

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Auto-Submitted", "auto-replied"),
        ("Auto-Submitted", "auto-generated (vacation)"),
        ("Precedence", "bulk"),
        ("Precedence", "auto_reply"),
        ("X-Autoreply", "yes"),
        ("X-Autorespond", ""),
        ("X-Auto-Response-Suppress", "All"),
        ("List-Id", "<staff.calder.example>"),
        ("From", "MAILER-DAEMON@calder.example"),
        ("Return-Path", "<>"),
    ],
)
def test_a_mail_that_a_program_wrote_is_marked(sent: Message, name: str, value: str) -> None:
    told = raw(sent, f"{name}: {value}\nTo: REPLY\nMessage-ID: <2@x>\n\nI am away until Monday.")
    assert receive(told).is_automatic


@pytest.mark.parametrize(
    ("name", "value"),
    [("Auto-Submitted", "no"), ("X-Auto-Response-Suppress", "None"), ("Precedence", "normal")],
)
def test_a_mail_that_a_person_wrote_is_not_marked(sent: Message, name: str, value: str) -> None:
    assert not receive(inbound(sent, headers={name: value})).is_automatic


def test_two_programs_that_answer_each_other_do_not_fill_a_timeline(sent: Message) -> None:
    for number in range(9):
        away = {"Message-ID": f"<{number}@calder.example>", "Auto-Submitted": "auto-replied"}
        receive(inbound(sent, headers=away))
    assert Message.objects.filter(is_automatic=True).count() == 5
    assert not receive(inbound(sent, "A person", headers={"Message-ID": "<p@x>"})).is_automatic


def test_an_hour_later_automatic_answers_are_kept_again(
    sent: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contacts.inbound.AUTOMATIC_AN_HOUR", 1)
    away = {"Auto-Submitted": "auto-replied"}
    receive(inbound(sent, headers=away | {"Message-ID": "<1@x>"}))
    monkeypatch.setattr("contacts.inbound.HOUR", timedelta(0))
    receive(inbound(sent, headers=away | {"Message-ID": "<2@x>"}))
    assert Message.objects.filter(is_automatic=True).count() == 2


def test_our_own_mail_that_comes_back_is_dropped(
    sent: Message, caplog: pytest.LogCaptureFixture
) -> None:
    delivery = sent.delivery
    assert receive(inbound(sent, headers={"X-Annals-Delivery": str(delivery.pk)})) is None
    assert receive(inbound(sent, headers={"Message-ID": delivery.mail_id})) is None
    assert caplog.messages == ["A mail was dropped: it was sent by Annals"] * 2


def test_every_mail_of_ours_can_be_told_by_its_header(sent: Message) -> None:
    from contacts.mail import letter

    assert letter(sent.delivery).message()["X-Annals-Delivery"] == str(sent.delivery.pk)
