"""What stands in an exported file: complete lines for programs, readable ones for people."""

import csv
import hashlib
import io
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.utils import timezone

from activity.erasure import erase_contacts
from activity.export.formats import FORMATS
from activity.export.records import batches, count
from activity.leaf import leaf_hash
from activity.ledger.sealing import seal_pending
from activity.log import LogFilters
from activity.models import ActivityEvent, Checkpoint, Leaf
from tests.activity.happenings import NOON, change, happen
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db


EVERYTHING = LogFilters(sees_private=True)


def exported(name: str, *, with_client: bool = False, after: int = 0) -> bytes:
    upto = ActivityEvent.objects.latest("id").id
    writer = FORMATS[name](with_client)
    pieces = [
        writer.lines(records)
        for records in batches(EVERYTHING, after=after, upto=upto, with_client=with_client)
    ]
    return b"".join([writer.head(), *pieces, writer.tail("a checkpoint", 7)])


def lines(**options: Any) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in exported("ndjson", **options).splitlines()]


def rows(**options: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(exported("csv", **options).decode("utf-8-sig"))))


def test_a_line_holds_the_whole_event() -> None:
    mia, amara = make_user(name="Mia"), make_contact()
    [pk] = happen(amara, actor=mia, changes=[change("City", "Lagos", "Abuja")])
    event = ActivityEvent.objects.get(pk=pk)
    line = next(line for line in lines() if line.get("number") == pk)
    assert line == {
        "number": pk,
        "uid": str(event.uid),
        "verb": "contact.updated",
        "label": "Fields changed",
        "v": 1,
        "occurred": "2026-05-06T12:00:00.000000Z",
        "recorded": f"{event.recorded_at:%Y-%m-%dT%H:%M:%S.%fZ}",
        "actor": {"type": "user", "id": str(mia.pk)},
        "object": {"type": "contact", "id": str(amara.pk)},
        "contact": str(amara.pk),
        "origin": str(event.origin_id),
        "source": "web",
        "payload": event.payload,
        "erased_by": None,
        "commitment": bytes(event.commitment).hex(),
        "leaf": None,
    }


def test_the_hash_of_the_sealed_leaf_can_be_computed_from_its_line() -> None:
    happen(make_contact(), times=3)
    seal_pending()
    names = ("v", "uid", "verb", "occurred", "recorded", "actor", "object", "contact", "origin")
    *events, _last = lines()
    for line in events:
        told = {name: line[name] for name in (*names, "commitment")}
        data = orjson.dumps(told, option=orjson.OPT_SORT_KEYS)
        leaf = Leaf.objects.get(epoch=line["leaf"]["epoch"], index=line["leaf"]["index"])
        assert hashlib.sha256(b"\0" + data).digest() == bytes(leaf.hash)
        assert leaf_hash(ActivityEvent.objects.get(pk=line["number"])) == bytes(leaf.hash)


def test_the_last_line_is_the_checkpoint_and_says_how_many_events_there_are() -> None:
    happen(make_contact())
    assert lines()[-1] == {"checkpoint": "a checkpoint", "events": 7}
    assert not Checkpoint.objects.exists()
    assert orjson.loads(FORMATS["ndjson"](False).tail("", 0)) == {"checkpoint": None, "events": 0}


def test_an_erased_event_says_by_what_and_holds_nothing_else() -> None:
    amara = make_contact()
    [pk] = happen(amara, actor=make_user(name="Mia"), reason="Allergic to lilies")
    erase_contacts([amara.pk])
    line = next(line for line in lines() if line.get("number") == pk)
    assert line["payload"] is None
    assert line["erased_by"] == ActivityEvent.objects.get(pk=pk).erased_by
    assert line["commitment"]
    row = next(row for row in rows() if row["Entry"] == str(pk))
    assert (row["Details"], row["Who"]) == ("Personal data erased", "")
    assert "lilies" not in exported("ndjson").decode() + exported("csv").decode()


def test_address_and_browser_are_there_only_for_who_may_see_them(client: Any) -> None:
    client.force_login(make_user(name="Mia"))
    fields = {"given_name": "Amara", "id": "01900000-0000-7000-8000-000000000001"}
    client.post("/contacts/new", fields, headers={"User-Agent": "=HYPERLINK()"})
    [line] = [line for line in lines(with_client=True) if line.get("verb") == "contact.created"]
    assert line["client"] == {"address": "127.0.0.1", "browser": "=HYPERLINK()"}
    [row] = [row for row in rows(with_client=True) if row["Verb"] == "contact.created"]
    assert (row["Address"], row["Browser"]) == ("127.0.0.1", "'=HYPERLINK()")
    assert all("client" not in line for line in lines())
    assert "127.0.0.1" not in exported("csv").decode()
    assert "HYPERLINK" not in exported("ndjson").decode()


def test_a_row_says_what_happened_in_words() -> None:
    mia, amara = make_user(name="Mia"), make_contact()
    changes = [change("City", "", "Abuja"), change("Tags", ["VIP"], ["VIP", "Press"])]
    [pk] = happen(amara, actor=mia, changes=changes, reason="Moved", files=[{"name": "a.pdf"}])
    seal_pending()
    event, leaf = ActivityEvent.objects.get(pk=pk), Leaf.objects.get(event_id=pk)
    with timezone.override("Africa/Lagos"):
        row = next(row for row in rows() if row["Entry"] == str(pk))
    assert row == {
        "Entry": str(pk),
        "When": "2026-05-06T13:00:00+01:00",
        "Who": "Mia",
        "What": "Fields changed",
        "Contact": "Amara Okonkwo",
        "Changes": "City: – → Abuja; Tags: VIP → VIP, Press",
        "Details": 'files: {"name":"a.pdf"}; reason: Moved',
        "Source": "Web",
        "Verb": "contact.updated",
        "Contact’s id": str(amara.pk),
        "About": "contact",
        "Id of what it is about": str(amara.pk),
        "Id": str(event.uid),
        "Sealed as": f"1/{leaf.index}",
        "Fingerprint": bytes(event.commitment).hex(),
    }


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(start: str) -> None:
    evil = f"{start}cmd|' /C calc'!A0"
    amara = make_contact(given_name=evil.strip(), organisation="Calder")
    evil_user = make_user(name=evil)
    change_ = change(evil, evil, evil)
    happen(amara, actor=evil_user, changes=[change_])
    if evil.isprintable():
        happen(amara, **{evil: evil})
    cells = [cell for row in rows() for cell in row.values()]
    assert any(cell.startswith(f"'{start}") for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_quotes_commas_and_lines_stay_in_their_cell() -> None:
    text = 'He said: "no",\nthen left'
    happen(make_contact(), reason=text)
    assert any(row["Details"] == f"reason: {text}" for row in rows())


def test_pages_follow_each_other_without_gaps_and_repeats() -> None:
    contact = make_contact()
    happen(contact, times=5_200, at=NOON)
    upto = ActivityEvent.objects.latest("id").id
    happen(contact)
    events = ActivityEvent.objects.filter(contact_id=contact.pk)
    hers = LogFilters(contact=contact.pk)
    found = list(batches(hers, upto=upto, with_client=False))
    assert [len(batch) for batch in found] == [5_000, 201]
    numbers = [record.number for batch in found for record in batch]
    assert numbers == list(events.filter(id__lte=upto).order_by("id").values_list("id", flat=True))
    [rest] = batches(hers, after=numbers[-2], upto=upto, with_client=False)
    assert [record.number for record in rest] == numbers[-1:]


def test_days_are_found_among_what_is_sealed_and_what_waits() -> None:
    amara = make_contact()
    wanted = happen(amara, times=3)
    happen(amara, at=NOON + timedelta(days=3), times=3)
    seal_pending()
    wanted += happen(amara, at=NOON + timedelta(hours=3))
    happen(amara, at=NOON - timedelta(days=3))
    upto = ActivityEvent.objects.latest("id").id
    day = LogFilters(since=NOON.date(), until=NOON.date())
    found = [r.number for batch in batches(day, upto=upto, with_client=False) for r in batch]
    assert found == wanted
    assert count(day, upto) == 4
