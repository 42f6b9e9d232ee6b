"""Icons, avatars and times, as templates write them."""

import datetime
import re
import zoneinfo

import pytest
from django.template import Context, Template
from django.utils import timezone, translation

from accounts.models import User
from config.ui import avatar, breakable, clock, day_title, hue, icon, initials, moment, when
from contacts.models import Contact

UTC = datetime.UTC
NOON = datetime.datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # a Friday


def words(html: str) -> str:
    """Return what a person reads of some HTML."""
    return re.sub(r"<[^>]+>", "", html).strip()


@pytest.fixture
def at(monkeypatch):
    """Return a function that sets the time it is now."""

    def at(now: datetime.datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: now)

    return at


def test_an_icon_is_hidden_from_screen_readers():
    html = icon("archive", "i-sm")
    assert 'class="i i-sm"' in html
    assert 'aria-hidden="true"' in html
    assert '#archive"' in html


def test_an_arrow_along_the_line_turns_round_where_the_line_does():
    assert "along" in icon("chevron-right")
    assert "along" not in icon("chevron-down")


def test_templates_need_not_load_icons():
    assert "<svg" in Template('{% icon "archive" %}').render(Context())


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Amara Okonkwo", "AO"),
        ("Nguyễn Thị Minh Châu", "NC"),
        ("Oluwaseun Adeyemi-Clarke", "OA"),
        ("Madonna", "M"),
        ("ada@example.org", "A"),
        ("'Big' Jim (Jr)", "BJ"),
        ("e\u0301mile zola", "ÉZ"),
        ("田中 由紀", "田由"),
        ("أحمد علي", "أع"),
        ("🎉 party", "P"),
        ("ß", "S"),
        ("🎉", "?"),
        ("", "?"),
        (None, "?"),
    ],
)
def test_initials_are_the_first_letters_of_the_first_and_last_word(name, letters):
    assert initials(name) == letters


def test_initials_of_a_contact_leave_out_honorific_and_suffix():
    contact = Contact(honorific="Dr.", given_name="Ingrid", family_name="Haugen", suffix="Jr.")
    assert initials(contact) == "IH"


def test_initials_of_a_contact_without_a_name_come_from_the_company():
    assert initials(Contact(organisation="Nordhavn Cold Chain")) == "NC"


def test_a_person_has_the_same_colour_anywhere():
    person = User(name="Priya Raghunathan", email="priya@example.org")
    again = User(pk=person.pk, name="Renamed")
    assert hue(person) == hue(again)
    assert hue(person) in {f"h{number}" for number in range(1, 9)}


def test_all_eight_colours_are_used():
    assert {hue(word) for word in map(str, range(200))} == {f"h{n}" for n in range(1, 9)}


def test_an_avatar_escapes_and_is_hidden_from_screen_readers():
    html = avatar(User(name="<b> <i>", email="x@example.org"), "xl sq")
    assert words(html) == "BI"
    assert 'aria-hidden="true"' in html
    assert "xl sq" in html


def test_the_system_itself_has_an_avatar():
    assert "<svg" in avatar(None, "node")


def test_a_time_is_that_of_the_viewers_clock_and_says_its_zone():
    with timezone.override(zoneinfo.ZoneInfo("Europe/Berlin")):
        html = Template("{{ value|clock }}").render(Context({"value": NOON}))
    assert words(html) == "13:00"
    assert 'datetime="2026-11-20T13:00:00+01:00"' in html
    assert 'title="Friday 20 November 2026, 13:00:00 CET"' in html


@pytest.mark.parametrize(
    ("ago", "text"),
    [
        ({"seconds": 0}, "Now"),
        ({"seconds": 59}, "Now"),
        ({"seconds": -30}, "Now"),
        ({"minutes": 2}, "2 min"),
        ({"minutes": 59}, "59 min"),
        ({"hours": 1}, "1 h"),
        ({"hours": 23, "minutes": 59}, "23 h"),
        ({"hours": 24}, "Yesterday"),
        ({"days": 2}, "Wed"),
        ({"days": 6}, "Sat"),
        ({"days": 7}, "13 Nov"),
        ({"days": 300}, "24 Jan"),
        ({"days": 365}, "20 Nov 2025"),
        ({"days": -3}, "23 Nov"),
    ],
)
def test_lists_say_how_long_ago_something_was(at, ago, text):
    at(NOON)
    with timezone.override(UTC):
        assert words(when(NOON - datetime.timedelta(**ago))) == text


def test_yesterday_is_yesterday_on_the_viewers_calendar(at):
    at(NOON)
    event = datetime.datetime(2026, 11, 19, 9, 30, tzinfo=UTC)  # the 18th in Honolulu, at 23:30
    for zone, text in (("UTC", "Yesterday"), ("Pacific/Honolulu", "Wed")):
        with timezone.override(zoneinfo.ZoneInfo(zone)):
            html = Template("{{ value|when }}").render(Context({"value": event}))
        assert words(html) == text


def test_an_hour_that_the_clocks_skip_or_repeat_is_counted_as_it_passed(at):
    berlin = zoneinfo.ZoneInfo("Europe/Berlin")
    at(datetime.datetime(2026, 10, 25, 2, 30, tzinfo=UTC))  # 03:30 in Berlin
    event = datetime.datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 02:30 the first time
    with timezone.override(berlin):
        html = Template("{{ value|when }} {{ value|clock }}").render(Context({"value": event}))
    assert words(html) == "2 h 02:30"
    assert "CEST" in html


def test_a_moment_names_day_and_time():
    with timezone.override(UTC):
        assert words(moment(NOON)) == "20 November 2026, 12:00"


@pytest.mark.parametrize(
    ("zone", "title"),
    [
        ("UTC", "Yesterday Thursday 19 November"),
        ("Pacific/Kiritimati", "Today Friday 20 November"),  # UTC+14
        ("Pacific/Pago_Pago", "Thursday 19 November"),  # UTC-11, where it is the 19th until 11:00
    ],
)
def test_a_day_is_named_as_in_the_viewers_zone(at, zone, title):
    at(datetime.datetime(2026, 11, 20, 9, 59, tzinfo=UTC))
    event = datetime.datetime(2026, 11, 19, 11, 30, tzinfo=UTC)
    with timezone.override(zoneinfo.ZoneInfo(zone)):
        html = Template("{{ value|day_title }}").render(Context({"value": event}))
    assert title in words(html)


def test_midnight_begins_a_day(at):
    at(datetime.datetime(2026, 11, 20, 0, 0, tzinfo=UTC))
    with timezone.override(UTC):
        assert words(day_title(timezone.now())).startswith("Today")
        before = timezone.now() - datetime.timedelta(microseconds=1)
        assert words(day_title(before)).startswith("Yesterday")


def test_a_day_of_another_year_says_so(at):
    at(NOON)
    assert day_title(datetime.date(2025, 8, 14)) == "Thursday 14 August 2025"
    assert day_title(datetime.date(2026, 8, 14)) == "Friday 14 August"


def test_times_follow_the_viewers_language(at):
    at(NOON)
    with timezone.override(UTC), translation.override("de"):
        assert "August" in day_title(datetime.date(2026, 8, 14))
        assert "Freitag" in day_title(datetime.date(2026, 8, 14))


@pytest.mark.parametrize("write", [clock, when, moment, day_title])
def test_no_time_is_no_text(write):
    assert write(None) == ""


def test_an_address_breaks_after_its_parts_and_nowhere_else() -> None:
    assert breakable("amara@calder.example") == "amara@<wbr>calder.<wbr>example"
    assert breakable("https://a.example/x") == "https://<wbr>a.<wbr>example/<wbr>x"
    assert breakable("<b>@x.") == "&lt;b&gt;@<wbr>x."
