"""How bars are drawn: on the ground, up to the scale, in the direction people read."""

import datetime

import pytest
from django.utils import timezone, translation

from activity.pictures.bars import LEAST, TICKS, TOP, Bars, Series, Stretch

PEOPLE, SYSTEM = Series("People", "people"), Series("System", "system")
FIRST = datetime.date(2026, 5, 4)


def bars(*counts: tuple[int, int], **how: object) -> Bars:
    days = [FIRST + datetime.timedelta(number) for number in range(len(counts))]
    stretches = [
        Stretch(day, day, each, f"from={day}") for day, each in zip(days, counts, strict=True)
    ]
    return Bars([PEOPLE, SYSTEM], stretches, **how)


def test_parts_stand_on_each_other_and_reach_up_to_the_scale() -> None:
    drawing = bars((20, 20), (0, 0))
    assert drawing.scale == 40
    [(_tone, lower_top, lower_high), (_other, upper_top, upper_high)] = drawing.columns[0].boxes
    assert float(lower_top) + float(lower_high) == drawing.base
    assert float(upper_top) + float(upper_high) == float(lower_top) - 1
    assert float(upper_top) == TOP - 1
    assert not drawing.columns[1].boxes


def test_a_single_one_can_be_seen_beside_thousands() -> None:
    assert bars((1, 0), (9_000, 0)).columns[0].boxes[0][2] == str(LEAST)


@pytest.mark.parametrize(("most", "scale"), [(0, 2), (3, 4), (10, 10), (11, 20), (9_001, 10_000)])
def test_the_scale_is_a_number_that_people_can_halve(most: int, scale: int) -> None:
    assert bars((most, 0)).scale == scale
    assert [mark for _y, mark in bars((most, 0)).lines] == [scale, scale // 2, 0]


def test_a_small_one_fills_its_height_and_has_no_dates() -> None:
    drawing = bars((7, 0), bare=True)
    assert drawing.scale == 7
    assert drawing.height == drawing.base


def test_time_runs_as_the_language_is_read() -> None:
    drawing = bars((1, 0), (2, 0))
    assert [column.left for column in drawing.columns] == ["0.00%", "50.00%"]
    with translation.override("ar"):
        mirrored = bars((1, 0), (2, 0))
        assert [column.left for column in mirrored.columns] == ["50.00%", "0.00%"]


@pytest.mark.parametrize("days", [1, 5, 12, 30, 92])
def test_few_dates_are_written_below_and_always_the_last(days: int) -> None:
    drawing = bars(*[(1, 0)] * days)
    assert len(drawing.ticks) <= TICKS + 1
    assert drawing.ticks[-1] is drawing.columns[-1]


def test_days_are_named_as_people_name_them() -> None:
    today = timezone.localdate()
    assert Stretch(today, today, (1,)).label == "Today"
    assert Stretch(today, today, (1,)).is_now
    week = Stretch(FIRST, FIRST + datetime.timedelta(6), (1,))
    assert (week.name, week.label) == ("4 May to 10 May", "4 May")
    assert not week.is_now


def test_each_bar_is_a_link_to_its_day_that_tells_what_it_has() -> None:
    links = bars((2, 0), (1_200, 3), address="/activity/").links
    assert '<a href="/activity/?from=2026-05-05" tabindex="-1">' in links
    assert "<title>Tue 5 May 2026\nPeople 1,200\nSystem 3</title>" in links
    assert "<title>Mon 4 May 2026\nPeople 2</title>" in links
