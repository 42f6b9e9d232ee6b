"""How contacts are found by their addresses while many are added."""

import json

import pytest
from django.db import connection

from contacts.models import Contact
from contacts.models.import_match import candidates

pytestmark = pytest.mark.django_db


def pages_read(emails: list[str]) -> int:
    """Return how much the database reads to find out that nobody has these emails."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    found = candidates(emails, []).only("pk")
    [plan] = json.loads(found.explain(format="json", analyze=True, buffers=True))
    return plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]


def test_looking_for_an_address_does_not_read_all_that_were_just_added() -> None:
    Contact.objects.bulk_create(
        Contact(given_name="A", emails=[f"{number:060}@x.example"]) for number in range(2_000)
    )
    assert pages_read(["nobody@x.example"]) < 10
