"""What a browser needs to install Annals as an app."""

import json
import re
import struct

import pytest
from django.conf import settings
from django.test import Client

from tests.builders import make_user

PNG = b"\x89PNG\r\n\x1a\n"


def manifest(client: Client) -> dict:
    """Return what the sign-in page names as its manifest."""
    page = client.get("/accounts/login/").content.decode()
    [address] = re.findall(r'<link rel="manifest" href="([^"]+)">', page)
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/manifest+json"
    return json.loads(answer.content)


@pytest.mark.django_db
def test_the_app_opens_on_the_first_page_under_the_name_of_the_installation(
    client: Client, settings: object
) -> None:
    settings.SITE_NAME = "Calder’s people"
    told = manifest(client)
    assert told["name"] == told["short_name"] == "Calder’s people"
    assert (told["start_url"], told["scope"], told["display"]) == ("/", "/", "standalone")


@pytest.mark.django_db
def test_each_icon_has_the_size_that_is_told(client: Client) -> None:
    icons = manifest(client)["icons"]
    assert {(icon["sizes"], icon["purpose"]) for icon in icons} == {
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    }
    for icon in icons:
        answer = client.get(icon["src"])
        picture = b"".join(answer.streaming_content)
        width, height = struct.unpack(">II", picture[16:24])
        assert picture.startswith(PNG)
        assert icon["sizes"] == f"{width}x{height}"


def test_no_icon_is_left_over() -> None:
    names = {path.name for path in (settings.BASE_DIR / "static/icons").iterdir()}
    assert names == {
        *("app-192.png", "app-512.png", "app-maskable-512.png"),
        "apple-touch-icon.png",
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("theme", "colours"),
    [("", ["#ffffff", "#181715"]), ("light", ["#ffffff"]), ("dark", ["#181715"])],
)
def test_the_bar_around_the_app_has_the_colour_of_the_chosen_theme(
    client: Client, theme: str, colours: list[str]
) -> None:
    client.force_login(make_user(name="Mia", **({"theme": theme} if theme else {})))
    page = client.get("/preferences/").content.decode()
    assert re.findall(r'<meta name="theme-color" content="([^"]+)"', page) == colours
