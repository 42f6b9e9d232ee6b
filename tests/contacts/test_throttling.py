"""Limits count what one client address asks for, and forget it in time."""

from django.http import HttpRequest
from django.test import RequestFactory

from contacts.throttling import asks_too_often


def request(address: str = "192.0.2.1") -> HttpRequest:
    return RequestFactory().get("/", REMOTE_ADDR=address)


def test_what_is_above_the_limit_is_too_often() -> None:
    asked = [asks_too_often(request(), "page", times=2, seconds=60) for _time in range(4)]
    assert asked == [False, False, True, True]


def test_each_address_and_each_thing_is_counted_apart() -> None:
    for _time in range(3):
        asks_too_often(request(), "page", times=2, seconds=60)
    assert not asks_too_often(request("192.0.2.2"), "page", times=2, seconds=60)
    assert not asks_too_often(request(), "reply", times=2, seconds=60)


def test_once_the_time_is_over_nothing_is_counted() -> None:
    asked = [asks_too_often(request(), "page", times=1, seconds=0) for _time in range(3)]
    assert asked == [False, False, False]
