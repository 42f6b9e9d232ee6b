"""The catalogue of kinds: each can be written, said in words and drawn, even once erased."""

import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.template.loader import get_template
from django.utils import timezone
from django.utils.html import strip_tags
from uuid_utils.compat import uuid7

from activity import catalogue, rows
from activity.catalogue import CATALOGUE, KINDS, Kind, kind_of
from activity.models import ActivityEvent
from activity.recording import Draft, write

SPRITE = (settings.BASE_DIR / "static" / "icons.svg").read_text()
# What happens by itself: no sentence says who did it.
NOBODYS_DEED = (
    *(".erased", ".failed", ".bounced", ".expired", ".link_opened"),
    *("ledger.sealed", "user.sign_in_failed", "settings.changed"),
)
each_kind = pytest.mark.parametrize("kind", KINDS, ids=[kind.verb for kind in KINDS])


def event_of(kind: Kind, payload: dict[str, Any] | None) -> ActivityEvent:
    event = ActivityEvent(
        id=7, verb=kind.verb, occurred_at=timezone.now(), actor_type="user", actor_id=uuid7(),
        object_type=kind.verb.partition(".")[0], payload=payload,
        erased_by=9 if payload is None else None,
    )  # fmt: skip
    event.living = None
    return event


def text_of(event: ActivityEvent) -> str:
    return " ".join(strip_tags(rows.Pen(AnonymousUser()).draw([event])).split())


@each_kind
def test_every_kind_has_a_name_an_icon_a_group_and_a_template(kind: Kind) -> None:
    noun, _dot, participle = kind.verb.partition(".")
    assert noun.isidentifier()
    assert participle.isidentifier()
    assert str(kind.label)
    assert f'id="{kind.icon}"' in SPRITE
    assert kind.group in {"people", "outreach", "change", "system"}
    assert kind.tone in {"", "ok", "warn", "bad", "info"}
    assert get_template(f"activity/kinds/{kind.verb}.html")


@each_kind
def test_every_kind_is_drawn_from_its_example(kind: Kind) -> None:
    shown = text_of(event_of(kind, {"actor": "Ada Lovelace", **kind.example}))
    if not kind.verb.endswith(NOBODYS_DEED):
        assert "Ada Lovelace " in shown
    for value in ("reason", "file", "error"):
        assert kind.example.get(value, "") in shown


@each_kind
def test_every_kind_is_drawn_when_its_payload_was_erased(kind: Kind) -> None:
    event = event_of(kind, None)
    event.actor_name = "Ada Lovelace"
    shown = text_of(event)
    assert "Content erased" in shown
    assert "None" not in shown


@each_kind
def test_every_kind_is_said_in_a_few_words(kind: Kind) -> None:
    words = event_of(kind, {"actor": "100 % Ada", **kind.example}).words
    assert words
    assert "%(" not in words


@each_kind
def test_every_example_is_a_payload_that_can_be_written(kind: Kind, db: None) -> None:
    [pk] = write([Draft(kind.verb, "contact", uuid7(), None, kind.example)])
    assert ActivityEvent.objects.get(pk=pk).payload == {"actor": None, **kind.example}


def test_an_unknown_kind_cannot_be_written(db: None) -> None:
    with pytest.raises(KeyError):
        write([Draft("contact.teleported", "contact", uuid7(), None, {})])
    assert not ActivityEvent.objects.exists()


def test_an_unknown_kind_is_drawn_and_said_all_the_same() -> None:
    """A kind that was retired, or that a later version wrote."""
    event = event_of(replace(KINDS[0], verb="contact.100%_sure"), {"actor": "Ada", "changes": []})
    assert event.words == "contact.100%_sure"
    assert text_of(event).startswith("Ada contact.100%_sure")


def test_a_kind_listed_twice_is_an_error(tmp_path: Path) -> None:
    text = Path(catalogue.__file__).read_text()
    twice = tmp_path / "twice.py"
    twice.write_text(text.replace("KINDS = (", "KINDS = (Kind('contact.created', '', '', '', ''),"))
    with pytest.raises(ValueError, match=r"contact\.created is listed twice"):
        runpy.run_path(str(twice))


def test_the_groups_of_the_filter_hold_kinds_of_the_catalogue() -> None:
    assert set(catalogue.GROUPS) == {"people", "changes"}
    for verbs in (*catalogue.GROUPS.values(), catalogue.ON_ROW):
        assert verbs <= CATALOGUE.keys()
    assert kind_of("comment.added").verb in catalogue.GROUPS["people"]
    assert catalogue.GROUPS["changes"] == {"contact.updated", "value.restored"}
    assert CATALOGUE.keys() >= catalogue.PRIVATE
    assert not any(CATALOGUE[verb].living for verb in catalogue.PRIVATE)
