"""In a real browser, too, nothing that was written runs on the pages people use most.

The fixture `page` fails where a page reports what its content security policy has stopped.
"""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from contacts.models import Comment, SavedView
from tests.builders import make_contact, make_user
from tests.security.corpus import CORPUS, WHOLE
from tests.security.test_xss import INTERNAL, fill

SEEN = """() => [...document.querySelectorAll("*")]
    .filter((each) => each.localName.startsWith("xss")
        || [...each.attributes].some((one) => /^on/.test(one.name)))
    .map((each) => each.outerHTML.slice(0, 100))"""


@pytest.mark.django_db(transaction=True)
def test_no_text_runs_in_a_browser(
    page: Page, live_server: Any, sign_in: Callable[[Page, Any], None]
) -> None:
    ada = make_user(name="Ada")
    amara = fill(make_contact(given_name="Amara", emails=["amara@calder.example"]))
    for text in (WHOLE, CORPUS[0]):
        Comment(contact=amara, author=ada, body=f"{text}\n{INTERNAL}").save()
    SavedView.objects.create(owner=ada, name=CORPUS[0], query="q=<xss1 onx=1>")
    sign_in(page, ada)
    ran = []
    page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
    page.add_init_script("window.xss = () => { document.title = 'ran' }")
    contact = f"/contacts/{amara.pk}/"
    for path in (contact, f"{contact}history", f"{contact}edit", "/contacts/", "/activity/", "/"):
        page.goto(f"{live_server.url}{path}?q=%3Cxss1%20onx%3D1%3E")
        assert page.evaluate(SEEN) == [], path
        assert page.title() != "ran"
    assert not ran
