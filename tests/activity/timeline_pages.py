"""The Activity tab as its reader gets it."""

import re

from django.test import Client
from django.utils.html import strip_tags


def html(client: Client, path: str, **query: object) -> str:
    answer = client.get(path, query)
    assert answer.status_code == 200
    return answer.content.decode()


def text(page: str) -> str:
    return " ".join(strip_tags(page).split())


def shown(page: str) -> list[int]:
    """Return the ids of the events a page shows, apart from "where it began" at its end."""
    rest = page.partition("where it began")[0]
    return [int(pk) for pk in re.findall(r'id="e-(\d+)"', rest)]
