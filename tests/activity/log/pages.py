"""The page of the log as its reader gets it."""

import re

from django.test import Client
from django.utils.html import strip_tags


def rows(client: Client, query: str = "") -> list[str]:
    """Return the text of each row of the page, in one line."""
    html = client.get(f"/activity/?{query}").content.decode()
    found = re.findall(r'<tr role="row" id="e-\d+">(.*?)</tr>', html, re.S)
    return [" ".join(strip_tags(row.replace("<", " <")).split()) for row in found]


def numbers(client: Client, query: str = "") -> list[int]:
    html = client.get(f"/activity/?{query}").content.decode()
    return [int(number) for number in re.findall(r'id="e-(\d+)"', html)]
