"""Mail without a mail server: kept in a folder, and read by administrators in the application."""

import os
import stat
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from config.mail import folder
from config.prepare import notes
from contacts.smtp import NotNow
from tests.builders import make_user

pytestmark = pytest.mark.django_db
HTML = "<!doctype html><html><head><title>T</title></head><body><p>Fáncy</p></body></html>"


@pytest.fixture(autouse=True)
def kept(settings: Any, tmp_path: Path) -> Path:
    """Keep all mail of the test in a folder that does not exist yet."""
    settings.EMAIL_BACKEND = "config.mail.folder.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    return settings.EMAIL_FILE_PATH


@pytest.fixture
def ada(client: Client) -> Client:
    """Return a browser in which an administrator is signed in."""
    client.force_login(make_user(name="Ada"))
    return client


def send(subject: str = "Grüße", html: str = HTML, **options: Any) -> str:
    """Send a mail with everything; return the name it is kept under."""
    options = {"to": ["Ana <ana@calder.example>"], "body": "Plain & simple\n", **options}
    mail = EmailMultiAlternatives(subject, from_email="us@annals.example", **options)
    if html:
        mail.attach_alternative(html, "text/html")
    mail.attach("../list é.csv", "a,b\r\n", "text/csv")
    mail.send()
    return folder.names()[0]


def test_each_mail_is_a_file_with_the_bytes_a_server_would_get(kept: Path) -> None:
    mail = EmailMultiAlternatives("One", "Text", "us@annals.example", ["ana@calder.example"])
    mail.extra_headers = {
        "Message-ID": "<1@annals.example>",
        "Date": "Sun, 22 Nov 2026 10:00:00 -0000",
    }
    assert mail.send() == 1
    [file] = kept.iterdir()
    assert file.suffix == ".eml"
    assert file.read_bytes() == mail.message().as_bytes(linesep="\r\n")
    assert message_from_bytes(file.read_bytes(), policy=policy.default)["subject"] == "One"


def test_the_names_of_files_sort_by_time_and_nobody_else_may_read_them(kept: Path) -> None:
    sent = [send(str(number)) for number in range(5)]
    assert sent == sorted(set(sent))
    assert folder.names() == sent[::-1]
    assert {stat.S_IMODE(file.stat().st_mode) for file in kept.iterdir()} == {0o600}
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700
    age = timezone.now() - folder.find(sent[0]).sent_at
    assert timedelta(0) <= age < timedelta(minutes=1)


def test_a_folder_that_takes_nothing_is_told_and_keeps_no_half_mail(kept: Path) -> None:
    kept.write_text("no folder")
    with pytest.raises(NotNow, match="File exists"):
        send()
    mail = EmailMultiAlternatives("One", "Text", "us@annals.example", ["ana@calder.example"])
    assert mail.send(fail_silently=True) == 0


def test_a_full_disk_leaves_no_half_mail(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NotNow, match="No space left on device"):
        send()
    assert list(kept.iterdir()) == []


def test_the_mailbox_lists_the_newest_first(ada: Client) -> None:
    assert "No mail yet" in ada.get("/mail/").content.decode()
    send("Older")
    send("Newer <b>")
    page = ada.get("/mail/").content.decode()
    assert page.index("Newer &lt;b&gt;") < page.index("Older")
    assert "Ana &lt;ana@calder.example&gt;" in page
    assert "2 mails" in page


def test_the_mailbox_goes_on_to_older_pages(ada: Client) -> None:
    for number in range(51):
        send(f"Number {number}.")
    assert "Number 0." not in ada.get("/mail/").content.decode()
    page = ada.get("/mail/?page=2").content.decode()
    assert "Number 0." in page
    assert "Number 1." not in page
    assert ada.get("/mail/?page=none").status_code == 200


def test_other_files_of_the_folder_are_no_mail(ada: Client, kept: Path) -> None:
    send()
    (kept / "20261122-120000-1.log").write_text("old")
    (kept / "20261122T120000-000000-00000000.part").write_text("half")
    (kept / "note.eml").write_text("Subject: mine")
    assert "1 mail<" in ada.get("/mail/").content.decode()
    assert ada.get("/mail/note/").status_code == 404


def test_a_mail_is_shown_with_its_parts_and_headers(ada: Client) -> None:
    name = send("An <i>offer</i>")
    page = ada.get(f"/mail/{name}/").content.decode()
    for part in (
        "An &lt;i&gt;offer&lt;/i&gt;",
        "us@annals.example",
        "Plain &amp; simple",
        "<dt>Message-ID</dt>",
        "list é.csv",
        f'src="/mail/{name}/html"',
    ):
        assert part in page


def test_a_link_in_plain_text_can_be_followed(ada: Client) -> None:
    name = send(html="", body="Here: http://127.0.0.1:8000/i/abc/ \n<script>")
    page = ada.get(f"/mail/{name}/").content.decode()
    assert '<a href="http://127.0.0.1:8000/i/abc/"' in page
    assert "&lt;script&gt;" in page
    assert "<iframe" not in page
    assert ada.get(f"/mail/{name}/html").status_code == 404


@pytest.mark.parametrize("html", [HTML, "<p>Fáncy</p>"])
def test_the_html_of_a_mail_is_answered_in_a_sandbox(ada: Client, html: str) -> None:
    answer = ada.get(f"/mail/{send(html=html)}/html")
    shown = answer.content.decode()
    assert shown.replace('<base target="_top">', "").strip() == html
    policies = dict(
        part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; ")
    )
    assert policies["default-src"] == "'none'"
    assert "script-src" not in policies
    assert "allow-scripts" not in policies["sandbox"]
    assert "allow-same-origin" not in policies["sandbox"]
    assert policies["frame-ancestors"] == "'self'"
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_only_the_page_of_a_mail_may_hold_a_frame(ada: Client) -> None:
    name = send()
    assert "frame-src 'self'" in ada.get(f"/mail/{name}/").headers["Content-Security-Policy"]
    assert "frame-src" not in ada.get("/mail/").headers["Content-Security-Policy"]
    for address in ("/mail/", f"/mail/{name}/"):
        assert "unsafe-inline" not in ada.get(address).headers["Content-Security-Policy"]


def test_an_attached_file_is_saved_and_never_shown(ada: Client) -> None:
    name = send()
    answer = ada.get(f"/mail/{name}/attachments/1")
    assert answer.content == b"a,b\r\n"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for number in (0, 2):
        assert ada.get(f"/mail/{name}/attachments/{number}").status_code == 404


@pytest.mark.parametrize(
    "name", ["nothing", "..", "%2e%2e%2fsecret", "../secret", "20261122T120000-000000-0000000g"]
)
def test_no_name_leads_out_of_the_folder(ada: Client, kept: Path, name: str) -> None:
    send()
    (kept.parent / "secret.eml").write_text("Subject: secret\n\n")
    for address in (f"/mail/{name}/", f"/mail/{name}/html", f"/mail/{name}/attachments/1"):
        assert ada.get(address).status_code == 404


@pytest.mark.parametrize("role", ["viewer", "member", "manager"])
def test_nobody_else_reads_the_mailbox(client: Client, role: str) -> None:
    name = send()
    client.force_login(make_user(role, name="Eve"))
    for address in ("", f"{name}/", f"{name}/html", f"{name}/attachments/1"):
        assert client.get(f"/mail/{address}").status_code == 403
    assert 'href="/mail/"' not in client.get("/contacts/").content.decode()


def test_there_is_no_mailbox_where_mail_is_sent(ada: Client, settings: Any) -> None:
    name = send()
    assert 'href="/mail/"' in ada.get("/contacts/").content.decode()
    assert "http://127.0.0.1:8000/mail/" in notes()
    settings.EMAIL_BACKEND = "contacts.smtp.EmailBackend"
    for address in ("", f"{name}/", f"{name}/html", f"{name}/attachments/1"):
        assert ada.get(f"/mail/{address}").status_code == 404
    assert 'href="/mail/"' not in ada.get("/contacts/").content.decode()
    assert "/mail/" not in notes()


@pytest.mark.django_db(transaction=True)
def test_a_link_of_a_mail_opens_outside_its_frame(
    page: Page, live_server: Any, sign_in: Any
) -> None:
    sign_in(page, make_user(name="Ada"))
    link = f'<a href="{live_server.url}/accounts/password/reset/">Set a password</a>'
    send("Reset", HTML.replace("<p>", f"<p>{link} "))
    page.goto("/contacts/")
    page.get_by_role("link", name="Sent mail").click()
    page.get_by_role("link", name="Reset").click()
    frame = page.frame_locator("iframe")
    expect(frame.get_by_text("Fáncy")).to_be_visible()
    frame.get_by_role("link", name="Set a password").click()
    expect(page).to_have_url(f"{live_server.url}/accounts/password/reset/")
    expect(page.get_by_role("button").first).to_be_enabled()
