"""Mail through a real SMTP server, and what is said when it does not go through."""

import contextlib
import threading
from typing import Any

import pytest
from django.core.mail import get_connection

from contacts.smtp import NotNow, Refused, Uncertain
from tests.contacts.smtp.letters import letter
from tests.smtp import ACCEPT, Behaviour, Server


def test_a_mail_arrives_as_it_was_written(smtp: Server) -> None:
    assert letter().send() == 1
    [mail] = smtp.received
    assert mail["subject"] == "Bonjour Ána"
    assert mail["message-id"] == "<1@annals.example>"
    assert mail.get_body(("plain",)).get_content().splitlines() == ["Text", ".", "more"]
    assert mail.get_body(("html",)).get_content().strip() == "<p>Text</p>"
    assert [each.get_filename() for each in mail.iter_attachments()] == ["list.csv"]
    assert smtp.envelopes == [("us@annals.example", ["ana@calder.example"])]


@pytest.mark.parametrize("step", ["sender", "recipient", "text"])
@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("550 5.1.1 No such user here", Refused),
        ("452 4.2.2 Mailbox full", NotNow),
        ("421 4.3.2 Closing for maintenance", NotNow),
        ("530 5.7.0 Sign in first", NotNow),
    ],
)
def test_what_the_server_says_decides_and_is_told(
    smtp: Server, step: str, answer: str, outcome: type[OSError]
) -> None:
    smtp.behave(**{step: answer})
    with pytest.raises(outcome) as failure:
        letter().send()
    assert answer.partition(" ")[2] in str(failure.value)
    assert smtp.received == []


def test_a_refusal_keeps_the_code_and_the_words_of_the_server(smtp: Server) -> None:
    smtp.behave(recipient="550-5.1.1 No such\r\n550 5.1.1 user\there")
    with pytest.raises(Refused) as failure:
        letter().send()
    assert failure.value.code == 550
    assert failure.value.words == "5.1.1 No such 5.1.1 user here"
    assert str(failure.value) == (
        "The mail server refused the address. It says: 5.1.1 No such 5.1.1 user here (550)"
    )


def test_a_server_may_accept_in_other_words(smtp: Server) -> None:
    smtp.behave(text="252 Will try")
    assert letter().send() == 1


def test_a_mail_goes_to_all_of_its_recipients_or_to_none(smtp: Server) -> None:
    mail = letter()
    mail.cc = ["ben@calder.example"]
    answers = iter(["250 OK", "550 No such user"])

    async def some(_smtp: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        envelope.rcpt_tos.append(address)
        return next(answers)

    smtp.handle_RCPT = some
    with pytest.raises(Refused):
        mail.send()
    assert smtp.received == []


def test_a_connection_that_breaks_once_the_text_is_over_leaves_it_uncertain(smtp: Server) -> None:
    smtp.behave(drop=True)
    with pytest.raises(Uncertain) as failure:
        letter().send()
    assert "before the mail server said whether it has the mail" in str(failure.value)
    assert len(smtp.received) == 1


def test_a_slow_answer_is_waited_for(smtp: Server) -> None:
    said = threading.Event()
    smtp.behave(wait=said)
    sent: list[int] = []
    sender = threading.Thread(target=lambda: sent.append(letter().send()))
    sender.start()
    assert smtp.texts.acquire(timeout=60)
    assert sent == []
    said.set()
    sender.join(10)
    assert sent == [1]


def test_an_answer_that_never_comes_leaves_it_uncertain(smtp: Server, settings: Any) -> None:
    settings.EMAIL_TIMEOUT = 1  # enough for what the server does answer, on a busy machine
    smtp.behave(wait=threading.Event())
    with pytest.raises(Uncertain):
        letter().send()


@pytest.mark.parametrize("answer", ["What?", "354 Go on"])
def test_an_answer_without_sense_leaves_it_uncertain(smtp: Server, answer: str) -> None:
    smtp.behave(text=answer)
    with pytest.raises(Uncertain):
        letter().send()


@pytest.mark.parametrize("goodbye", [None, "421 Too late", "What?"])
def test_a_failing_goodbye_does_not_undo_a_mail(smtp: Server, goodbye: str | None) -> None:
    smtp.behave(goodbye=goodbye)
    assert letter().send() == 1
    assert len(smtp.received) == 1


def test_a_server_that_is_down_takes_the_mail_when_it_is_back(smtp: Server) -> None:
    smtp.stop()
    with pytest.raises(NotNow) as failure:
        letter().send()
    assert str(failure.value) == f"127.0.0.1 takes no mail at port {smtp.port}."
    smtp.start()
    assert letter().send() == 1


def test_a_connection_that_is_kept_is_made_anew_after_a_failure(smtp: Server) -> None:
    smtp.behave(Behaviour(text="550 Spam"), ACCEPT, Behaviour(drop=True), ACCEPT)
    with get_connection() as connection:
        for outcome in (Refused, None, Uncertain, None):
            with pytest.raises(outcome) if outcome else contextlib.nullcontext():
                letter(connection=connection).send()
    assert len(smtp.received) == 3


def test_a_failure_before_the_text_is_not_uncertain_after_a_mail_that_went(smtp: Server) -> None:
    smtp.behave(ACCEPT, Behaviour(sender="What?"))
    with get_connection() as connection:
        letter(connection=connection).send()
        with pytest.raises(NotNow):
            letter(connection=connection).send()


def test_who_asks_for_silence_hears_nothing(smtp: Server) -> None:
    smtp.behave(recipient="550 No")
    assert letter().send(fail_silently=True) == 0
    smtp.stop()
    assert not letter().send(fail_silently=True)


@pytest.mark.parametrize(
    "to", ["ana@" + "x" * 70 + "é.example", "an na@@x", "ana@x.example\nBcc: b@x"]
)
def test_an_address_that_is_none_is_refused_before_it_is_offered(smtp: Server, to: str) -> None:
    with pytest.raises(Refused) as failure:
        letter(to).send()
    assert str(failure.value).startswith("This mail can’t be written: ")
    assert failure.value.code == 0
    assert smtp.received == []


def test_a_server_of_no_such_name_is_told(settings: Any, smtp: Server) -> None:
    settings.EMAIL_HOST = "nowhere.invalid"
    with pytest.raises(NotNow, match=r"The mail server nowhere\.invalid can’t be found"):
        letter().send()
