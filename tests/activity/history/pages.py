"""The History tab as its reader gets it."""

import re
from html import unescape

from django.test import Client
from django.urls import reverse

from contacts.models import Contact


def html(client: Client, contact: Contact, **query: object) -> str:
    answer = client.get(reverse("contact_history", args=[contact.pk]), query)
    assert answer.status_code == 200
    return answer.content.decode()


def text(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


def shown(page: str) -> list[int]:
    return [int(pk) for pk in re.findall(r'id="e-(\d+)"', page)]


def entry(page: str, verb: str) -> str:
    """Return the newest entry of that verb as its reader reads it."""
    found = re.search(rf'<li class="ev wide entry"[^>]*data-verb="{verb}".*?</li>\n', page, re.S)
    assert found, f"no entry of {verb}"
    return text(found[0])
