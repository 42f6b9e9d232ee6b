"""What a bulk action asks, and what it says before it starts."""

import re

import pytest

from contacts.models import Tag
from tests.builders import make_contact, make_user
from tests.contacts.bulk.selecting import drafted, people, text

pytestmark = pytest.mark.django_db


class TestAsking:
    def test_archiving_asks_once_and_starts(self, client, max_):
        run = drafted(client, "archive", *people(2))
        page = client.get(f"/bulk/{run.pk}/")
        assert "Archive 2 contacts" in text(page)
        answer = client.post(f"/bulk/{run.pk}/", {"reason": "Fair is over"})
        assert (answer.status_code, answer.url) == (303, f"/bulk/{run.pk}/")
        run.refresh_from_db()
        assert (run.state, run.parameters) == ("queued", {"reason": "Fair is over"})
        again = client.post(f"/bulk/{run.pk}/", {"reason": "other"})
        assert again.status_code == 200
        run.refresh_from_db()
        assert run.parameters == {"reason": "Fair is over"}

    def test_tags_are_read_as_everywhere_and_those_of_the_selection_can_go(self, client, max_):
        Tag.remember(["VIP"])
        contacts = people(1, tags=["Old", "Other"])
        people(1, tags=["Elsewhere"])
        run = drafted(client, "tag", *contacts)
        page = text(client.get(f"/bulk/{run.pk}/"))
        assert "Old" in page
        assert "Elsewhere" not in page
        nothing = client.post(f"/bulk/{run.pk}/", {"add": " , "})
        assert nothing.status_code == 422
        assert "Add a tag, or choose one to remove." in text(nothing)
        assert client.post(f"/bulk/{run.pk}/", {"remove": "Elsewhere"}).status_code == 422
        assert client.post(f"/bulk/{run.pk}/", {"add": "x" * 51}).status_code == 422
        client.post(f"/bulk/{run.pk}/", {"add": "vip, New", "remove": "Old"})
        run.refresh_from_db()
        assert run.parameters == {"add": ["VIP", "New"], "remove": ["Old"]}

    def test_an_owner_is_one_of_the_team_or_nobody(self, client, max_):
        mia, gone = make_user(name="Mia"), make_user(name="Gone", is_active=False)
        client_of_ours = make_user(name="Portal")
        client_of_ours.groups.clear()
        run = drafted(client, "owner", *people(1))
        for nobody in (gone.pk, client_of_ours.pk, "x"):
            assert client.post(f"/bulk/{run.pk}/", {"owner": nobody}).status_code == 422
        client.post(f"/bulk/{run.pk}/", {"owner": mia.pk})
        run.refresh_from_db()
        assert run.new_owner == mia

    def test_who_will_be_left_out_is_said_before(self, client, max_):
        archived, silent, addressless, good = people(4)
        archived.archive()
        silent.opt_out(source="team")
        addressless.emails = []
        addressless.save()
        run = drafted(client, "message", archived, silent, addressless, good)
        page = text(client.get(f"/bulk/{run.pk}/"))
        assert "1 of 4 will get this message." in page
        for reason in ("Archived", "Asked not to be contacted", "No email address"):
            assert f"1 · {reason}" in page

    def test_where_nobody_is_left_nothing_can_be_sent(self, client, max_):
        run = drafted(client, "invite", make_contact())
        page = client.get(f"/bulk/{run.pk}/")
        assert "0 of 1 will be invited." in text(page)
        assert re.search(
            r"<button class=\"btn primary\" disabled>\s*Continue", page.content.decode()
        )
