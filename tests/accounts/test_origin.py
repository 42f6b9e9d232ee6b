"""Whose tries are counted: the address of the person, not of the proxy, and no invented one."""

import time
import timeit

import pytest
from django.test import RequestFactory

from accounts.adapter import AccountAdapter
from accounts.origin import client_address


@pytest.mark.parametrize(
    ("connection", "forwarded", "address"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # not from a proxy: not believed
        ("10.0.0.5", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.5", "198.51.100.1, 10.0.0.9", "198.51.100.1"),
        ("10.0.0.5", "1.2.3.4, 198.51.100.1", "198.51.100.1"),  # the left hop is anybody's claim
        ("10.0.0.5", "nonsense", "10.0.0.5"),
        ("10.0.0.5", "", "10.0.0.5"),
        ("10.0.0.5", "2001:db8::1", "2001:db8::1"),
        ("10.0.0.5", "198.51.100.1:4711", "198.51.100.1"),
        ("10.0.0.5", "[2001:db8::1]:443", "2001:db8::1"),
        ("10.0.0.5", "[2001:db8::1]", "2001:db8::1"),
        ("10.0.0.5", "fe80::1%eth0", "fe80::1"),  # the zone is the proxy's own affair
        ("::ffff:10.0.0.5", "::ffff:198.51.100.1", "198.51.100.1"),
        ("10.0.0.5", "198.51.100.1, unknown", "10.0.0.5"),
        ("10.0.0.5", "198.51.100.1, _hidden, 10.0.0.9", "10.0.0.9"),
        ("10.0.0.5", ",,", "10.0.0.5"),
        ("10.0.0.5", "198.51.100.1'; DROP TABLE x", "10.0.0.5"),
        ("10.0.0.5", "010.1.1.1", "10.0.0.5"),
        ("10.0.0.5", "198.51.100.1:", "10.0.0.5"),
        ("10.0.0.5", "\uff11.2.3.4", "10.0.0.5"),
        ("10.0.0.5", "\x00\n198.51.100.1", "10.0.0.5"),
        ("10.0.0.5", "1.2.3.4," * 10_000 + "198.51.100.1", "198.51.100.1"),
        ("", "198.51.100.1", None),  # a unix socket
    ],
    ids=lambda value: str(value)[:30].encode("ascii", "replace").decode(),
)
def test_the_address_is_the_last_one_that_a_trusted_proxy_saw(
    rf: RequestFactory, settings, connection: str, forwarded: str, address: str | None
) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = rf.get("/", headers=headers, REMOTE_ADDR=connection)
    assert client_address(request) == address
    assert AccountAdapter(request).get_client_ip(request) == (address or "local")


def test_thousands_of_hops_cost_nothing(rf: RequestFactory, settings) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    hops = ",".join(f"10.{n // 256 % 256}.{n % 256}.1" for n in range(10_000))
    request = rf.get("/", headers={"X-Forwarded-For": hops}, REMOTE_ADDR="10.0.0.5")
    assert client_address(request).startswith("10.")
    taken = timeit.repeat(
        lambda: client_address(request), number=1, repeat=5, timer=time.process_time
    )
    assert min(taken) < 0.01  # whatever other threads do meanwhile
