"""In a language that marks every translated letter, no page shows a plain English word."""

import re
from collections.abc import Iterator
from typing import Any
from zoneinfo import available_timezones

import pytest
from django.test import Client

from contacts.models import Contact, ImportRun
from tests.builders import make_comment, make_contact, make_user
from tests.pseudo import CODE, english, spoken
from tests.test_house_rules import ACTIONS, ADDRESSES

pytestmark = pytest.mark.django_db

# Names, and what is written the same in every language.
KNOWN = frozenset(
    {
        *("Annals", "vCard", "Card", "Markdown", "Redis", "Celery", "Django", "Python"),
        *("celery", "mail", "sweeps", "Ada", "Esc"),
    }
)
# What Django says of settings is English, whoever reads it.
OF_DJANGO = {"operations_findings"}
ZONES = frozenset(word for zone in available_timezones() for word in re.split(r"[/_-]", zone))


@pytest.fixture
def visitor(client: Client, settings: Any) -> Iterator[Client]:
    """Sign in an administrator who speaks it."""
    ada = make_user(name="Άντα", email="ada@annals.example", role="administrator")
    type(ada).objects.filter(pk=ada.pk).update(language=CODE)
    client.force_login(ada)
    with spoken(settings):
        yield client


@pytest.fixture
def zoe(visitor: Client) -> Contact:
    """Make a contact with something of everything, and not a word of English in it."""
    zoe = make_contact(
        given_name="Ζωή",
        family_name="Παππά",
        organisation="Ελιά",
        job_title="Γιατρός",
        emails=["zoe@example.org"],
        phones=["+442079460142"],
        tags=["φίλη"],
        notes="πρωί",
    )
    make_comment(zoe, make_user(name="Μία", email="mia@annals.example"), "καλημέρα")
    zoe.city = "Πάτρα"
    zoe.save()
    return zoe


def test_every_page_speaks_the_language_of_its_reader(visitor: Client, zoe: Contact) -> None:
    run = ImportRun.objects.create(name="1.csv", state="finished", total=3, done=3, created=3)
    paths = [zoe.get_absolute_url() + rest for rest in ("", "edit", "history", "delete", "invite")]
    paths += [run.get_absolute_url(), "/contacts/?q=ζζζ", "/activity/?q=ζζζ"]
    others = ACTIONS | OF_DJANGO
    paths += [path for name, path in ADDRESSES if name not in others and "admin" not in name]
    untranslated = {}
    for path in paths:
        answer = visitor.get(path)
        is_page = "html" in answer.headers.get("Content-Type", "") and not answer.streaming
        if is_page and (found := english(answer.content.decode(), KNOWN | ZONES)):
            untranslated[path] = found
    assert untranslated == {}
