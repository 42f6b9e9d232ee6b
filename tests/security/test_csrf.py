"""No POST does anything without the token that only our own pages hold."""

import pytest
from django.test import Client

from tests.security.asking import writing
from tests.security.declared import entries
from tests.security.world import World, keeping_mail

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_log")]

WITHOUT_TOKEN = {
    "csp_report": "browsers send it by themselves; it writes a line into the log file, no more",
    "unsubscribe": "mail programs send it by themselves (RFC 8058); its address is signed",
}


def stranger(world: World, role: str) -> Client:
    """Return a browser in which another site makes somebody of that role send a form."""
    browser = Client(enforce_csrf_checks=True, raise_request_exception=False)
    browser.cookies = world.browsers[role].cookies
    return browser


def test_no_form_of_another_site_does_anything() -> None:
    done = []
    with keeping_mail():
        world = World()
        browsers = {role: stranger(world, role) for role in ("administrator", "portal")}
        for entry in entries():
            if "POST" not in entry.methods or entry.address.name in WITHOUT_TOKEN:
                continue
            role = "portal" if entry.who == "portal" else "administrator"
            path = world.path(entry.address, role, case=entry.case)
            with writing() as wrote:
                answer = browsers[role].post(path, entry.data)
            if answer.status_code != 403 or wrote:
                done.append(f"POST {path}: {answer.status_code}, wrote {sorted(wrote)}")
    assert not done, "\n".join(done)


def test_a_token_of_somebody_else_is_none(client: Client) -> None:
    world = World()
    browser = stranger(world, "manager")
    browser.get("/contacts/new")
    path = f"/contacts/{world.contact.pk}/archive"
    for token in ("", "x" * 64, "x" * 32, "é" * 64, "\x00", "0" * 100_000):
        answer = browser.post(path, {"csrfmiddlewaretoken": token})
        assert answer.status_code == 403
    assert not type(world.contact).objects.get(pk=world.contact.pk).archived_at
