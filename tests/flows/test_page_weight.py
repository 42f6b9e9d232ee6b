"""What a first visit to a contact costs, as it travels, and that nothing moves meanwhile."""

from collections import Counter

import pytest
from playwright.sync_api import CDPSession, Page, Route, expect

from activity.context import acting
from contacts.models import Comment
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db(transaction=True)
MAX_BYTES = 150_000
# Whether all sheets and letters have come, so that nothing moves for them any more.
DRESSED = """() => document.fonts.status === "loaded"
  && [...document.querySelectorAll("link[rel=stylesheet]")].every(({ sheet }) => sheet)"""


def watched(session: CDPSession) -> Counter[str]:
    """Return what comes in over the line from now on, in bytes by address."""
    sent: Counter[str] = Counter()
    names: dict[str, str] = {}
    session.on(
        "Network.responseReceived",
        lambda event: names.update({event["requestId"]: event["response"]["url"]}),
    )
    session.on(
        "Network.loadingFinished",
        lambda event: sent.update({names[event["requestId"]]: event["encodedDataLength"]}),
    )
    session.send("Network.enable")
    session.send("Network.clearBrowserCache")
    return sent


def test_a_first_visit_to_a_contact_is_light(page: Page, sign_in) -> None:
    mia = make_user(name="Mia")
    with acting(actor=mia, channel="web"):
        lucja = make_contact(given_name="Łucja", emails=["lucja@calder.example"], owner=mia)
        for number in range(60):
            Comment(contact=lucja, author=mia, body=f"Call {number}: she prefers mornings").save()
    sign_in(page, mia)
    sent = watched(page.context.new_cdp_session(page))
    page.goto(lucja.get_absolute_url())
    expect(page.get_by_text("Last 12 weeks")).to_be_visible()
    expect(page.get_by_text("Call 59: she prefers mornings")).to_be_visible()
    page.wait_for_function("document.fonts.status === 'loaded'")
    shown = "\n".join(f"{size:7,} {name}" for name, size in sent.most_common())
    assert sum(name.endswith(".woff2") for name in sent) == 2, shown  # with the letter Ł
    assert sum(sent.values()) <= MAX_BYTES, shown


def test_nothing_moves_on_a_phone_when_the_scripts_have_come(page: Page, sign_in) -> None:
    mia = make_user(name="Mia")
    amara = make_contact(given_name="Amara", emails=["amara@calder.example"])
    sign_in(page, mia)
    page.set_viewport_size({"width": 390, "height": 800})
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/js/forms.*.js", hold)
    with page.expect_request("**/js/forms.*.js"):
        page.goto(amara.get_absolute_url(), wait_until="commit")
    timeline = page.get_by_role("heading", name="Today")
    expect(timeline).to_be_visible()
    page.wait_for_function(DRESSED)
    before = timeline.bounding_box()
    [script] = held
    script.continue_()
    expect(page.locator("details.facts")).not_to_have_attribute("open", "")
    assert timeline.bounding_box() == before
    page.get_by_text("Contact details").click()
    expect(page.get_by_role("link", name="amara@calder.example")).to_be_visible()
