"""Mail through a real SMTP server, and what is said when it does not go through."""

import contextlib
import datetime
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.mail import EmailMultiAlternatives, get_connection
from django.test import Client

from config.run import free_port
from contacts.smtp import NotNow, Refused, Uncertain
from tests.builders import make_user
from tests.smtp import ACCEPT, Behaviour, Server


def letter(to: str = "ana@calder.example", **options: Any) -> EmailMultiAlternatives:
    """Return a mail with everything a mail has."""
    options = {"headers": {"Message-ID": "<1@annals.example>"}, **options}
    mail = EmailMultiAlternatives(
        "Bonjour Ána", "Text\n.\nmore", "us@annals.example", [to], **options
    )
    mail.attach_alternative("<p>Text</p>", "text/html")
    mail.attach("list.csv", "a,b\n", "text/csv")
    return mail


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
    assert smtp.has_text.wait(10)
    assert sent == []
    said.set()
    sender.join(10)
    assert sent == [1]


def test_an_answer_that_never_comes_leaves_it_uncertain(smtp: Server, settings: Any) -> None:
    settings.EMAIL_TIMEOUT = 0.2
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


@contextlib.contextmanager
def listening(greeting: bytes) -> Iterator[int]:
    """Take connections on a port, with some first words, and say no more."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        held: list[socket.socket] = []

        def take() -> None:
            with contextlib.suppress(OSError):
                while True:
                    held.append(listener.accept()[0])
                    held[-1].sendall(greeting)

        taker = threading.Thread(target=take, daemon=True)
        taker.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        taker.join(10)
        for each in held:
            each.close()


@pytest.mark.parametrize(
    ("greeting", "words"),
    [
        (b"", "did not answer within 0.2 seconds"),
        (b"220 mail.example\r\n", "did not answer within 0.2 seconds"),
        (b"554 No service for you\r\n", "No service for you (554)"),
        (b"421 Too busy\r\n", "Too busy (421)"),
        (b"HTTP/1.1 400 Bad Request\r\n", "broke off"),
        (b"220 " + b"x" * 10_000, "broke off"),
    ],
)
def test_a_server_that_does_not_greet_is_tried_later(
    settings: Any, smtp: Server, greeting: bytes, words: str
) -> None:
    settings.EMAIL_TIMEOUT = 0.2
    with listening(greeting) as settings.EMAIL_PORT, pytest.raises(NotNow) as failure:
        letter().send()
    assert words in str(failure.value)


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Make a certificate for localhost that this machine trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name.from_rfc4514_string("CN=localhost")
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "both.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@contextlib.contextmanager
def running(settings: Any, **options: Any) -> Iterator[Server]:
    """Run a server with options of aiosmtpd, and send all mail there."""
    server = Server(**options)
    server.start()
    settings.EMAIL_PORT = server.port
    yield server
    server.stop()


@pytest.mark.parametrize(
    ("kind", "setting"), [("tls_context", "EMAIL_USE_TLS"), ("ssl_context", "EMAIL_USE_SSL")]
)
def test_a_connection_is_encrypted_where_email_url_says_so(
    settings: Any, smtp: Server, certificate: ssl.SSLContext, kind: str, setting: str
) -> None:
    setattr(settings, setting, True)
    with running(settings, **{kind: certificate}) as server:
        with pytest.raises(NotNow, match=r"No safe connection to 127\.0\.0\.1 is possible"):
            letter().send()  # the certificate is another's
        settings.EMAIL_HOST = "localhost"
        server.behave(drop=True)
        with pytest.raises(Uncertain):
            letter().send()
        assert letter().send() == 1
    assert len(server.received) == 2


def test_a_server_without_encryption_or_sign_in_is_told(settings: Any, smtp: Server) -> None:
    settings.EMAIL_USE_TLS = True
    with pytest.raises(NotNow, match="can’t be used as EMAIL_URL says: STARTTLS extension"):
        letter().send()
    settings.EMAIL_USE_TLS = False
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "us", "secret"
    with pytest.raises(NotNow, match="can’t be used as EMAIL_URL says: SMTP AUTH extension"):
        letter().send()


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_a_refused_sign_in_is_a_matter_of_the_settings(settings: Any, smtp: Server) -> None:
    def is_right(*args: Any) -> AuthResult:
        return AuthResult(success=args[-1].password == b"right", handled=False)

    settings.EMAIL_HOST_USER = "us"
    with running(
        settings, authenticator=is_right, auth_required=True, auth_require_tls=False
    ) as server:
        for password in ("wrong", "wröng"):
            settings.EMAIL_HOST_PASSWORD = password
            with pytest.raises(NotNow, match="EMAIL_URL"):
                letter().send()
        settings.EMAIL_HOST_PASSWORD = "right"
        assert letter().send() == 1
    assert len(server.received) == 1


def test_a_port_nobody_listens_on_is_named(settings: Any, smtp: Server) -> None:
    settings.EMAIL_PORT = free_port()
    with pytest.raises(NotNow, match=f"takes no mail at port {settings.EMAIL_PORT}"):
        letter().send()


@pytest.mark.django_db
def test_a_link_for_a_new_password_goes_the_same_way(client: Client, smtp: Server) -> None:
    ada = make_user(name="Ada")
    assert client.post("/accounts/password/reset/", {"email": ada.email}).status_code == 302
    assert [mail["to"] for mail in smtp.received] == [ada.email]
    smtp.stop()
    answer = client.post("/accounts/password/reset/", {"email": ada.email})
    assert answer.status_code == 503
