"""How files are served: in parts, and never as a page that could run something."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from contacts.images import image_type
from contacts.models import Attachment, Message
from contacts.models.stored_file import LARGEST_PREVIEW
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db
IMAGES = {
    "image/png": b"\x89PNG\r\n\x1a\n....",
    "image/jpeg": b"\xff\xd8\xff\xe0....",
    "image/gif": b"GIF89a....",
    "image/webp": b"RIFF\x24\x00\x00\x00WEBPVP8 ",
}


@pytest.fixture(autouse=True)
def vic(client: Client) -> None:
    client.force_login(make_user(name="Vic"))


def keep(name: str, content: bytes, kind: str = "text/html") -> Attachment:
    message = Message.receive(make_contact(), body="Hello", via="portal")
    return Attachment.keep(message, SimpleUploadedFile(name, content, kind))


@pytest.mark.parametrize(("kind", "content"), IMAGES.items(), ids=IMAGES)
def test_an_image_is_shown_as_what_its_content_is(client: Client, kind, content) -> None:
    kept = keep('a "b".html', content)  # whatever its sender called it
    answer = client.get(kept.image_url)
    assert answer.headers["Content-Type"] == kind
    assert answer.headers["Content-Disposition"].startswith("inline; filename=")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert b"".join(answer.streaming_content) == content


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<html><script>alert(1)</script>",
        b"RIFF\x24\x00\x00\x00WAVEfmt ",
        b"%PDF-1.7",
        b"\x89PN",
        b"x",
    ],
    ids=["svg", "html", "wav", "pdf", "half a signature", "a letter"],
)
def test_nothing_else_is_shown_whatever_it_is_called(client: Client, content: bytes) -> None:
    kept = keep("photo.png", content, "image/png")
    assert kept.image_url == ""
    assert client.get(reverse("attachment_image", args=[kept.pk])).status_code == 404
    saved = client.get(kept.get_absolute_url())
    assert saved.headers["Content-Disposition"] == 'attachment; filename="photo.png"'


def test_an_image_too_large_to_be_shown_in_passing_is_a_file_like_any_other(client) -> None:
    kept = keep("scan.png", IMAGES["image/png"])
    kept.size = LARGEST_PREVIEW + 1
    assert kept.image_url == ""


@pytest.mark.parametrize(
    ("asked", "status", "told", "content"),
    [
        ("bytes=0-1", 206, "bytes 0-1/10", b"01"),
        ("bytes=4-", 206, "bytes 4-9/10", b"456789"),
        ("bytes=-3", 206, "bytes 7-9/10", b"789"),
        ("bytes=8-400", 206, "bytes 8-9/10", b"89"),
        ("bytes=-400", 200, None, b"0123456789"),
        ("bytes=0-", 200, None, b"0123456789"),
        ("bytes=3-2", 200, None, b"0123456789"),
        ("bytes=0-1,4-5", 200, None, b"0123456789"),
        ("pages=1", 200, None, b"0123456789"),
        ("bytes=-", 200, None, b"0123456789"),
        ("bytes=10-", 416, "bytes */10", b""),
        ("bytes=-0", 416, "bytes */10", b""),
    ],
)
def test_a_download_can_be_continued(client: Client, asked, status, told, content) -> None:
    kept = keep("list.txt", b"0123456789")
    answer = client.get(kept.get_absolute_url(), headers={"Range": asked})
    assert (answer.status_code, answer.headers.get("Content-Range")) == (status, told)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert body == content
    assert answer.headers["Accept-Ranges"] == "bytes"
    if status != 416:
        assert answer.headers["Content-Length"] == str(len(content))


def test_a_part_of_another_file_is_not_glued_to_what_came_before(client: Client) -> None:
    kept = keep("list.txt", b"0123456789")
    path = kept.get_absolute_url()
    tag = client.get(path).headers["ETag"]
    same = client.get(path, headers={"Range": "bytes=4-", "If-Range": tag})
    other = client.get(path, headers={"Range": "bytes=4-", "If-Range": '"other"'})
    assert (same.status_code, other.status_code) == (206, 200)


def test_asking_for_the_headers_alone_sends_no_content(client: Client) -> None:
    answer = client.head(keep("list.txt", b"0123456789").get_absolute_url())
    assert (answer.status_code, answer.headers["Content-Length"]) == (200, "10")


def test_no_bytes_are_no_image() -> None:
    assert image_type(b"") == ""
