"""Views of the list under a name: own ones, and those of the team."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from contacts.models import Contact, SavedView, Tag
from contacts.models.saved_view import VIEWS_MAX
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def mia(client: Client) -> User:
    mia = make_user(name="Mia")
    client.force_login(mia)
    return mia


@pytest.fixture
def max_() -> User:
    return make_user(name="Max")


def save(client: Client, name: str = "VIPs", status: int = 303, **typed: str) -> str:
    answer = client.post(reverse("view_new"), {"name": name, **typed})
    assert answer.status_code == status
    return answer.content.decode()


def views_menu(client: Client, query: str = "") -> str:
    page = client.get(f"/contacts/?{query}").content.decode()
    start = page.index('popovertarget="views-menu"')
    return page[start : page.index("</div>", start)]


def offered(client: Client) -> dict[str, str]:
    """Return the addresses of the views that the list offers, by name."""
    links = re.findall(r'href="\?([^"]*)".*?<bdi class="clip">([^<]*)', views_menu(client))
    return {name: query.replace("&amp;", "&") for query, name in links}


def test_what_the_list_shows_can_be_saved_and_opened_again(client: Client, mia: User) -> None:
    vip = make_contact(given_name="Vera", tags=["VIP"])
    make_contact(given_name="Bo")
    dialog = client.get("/contacts/views/new?tag=VIP&sort=name", headers=HTMX).content.decode()
    kept = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', dialog))
    answer = client.post(reverse("view_new"), kept | {"name": " My  VIPs "})
    assert answer.url == "/contacts/?tag=VIP&sort=name"
    assert offered(client) == {"My VIPs": "tag=VIP&sort=name"}
    page = client.get(answer.url)
    assert [row.pk for row in page.context["page"].rows] == [vip.pk]


def test_the_view_that_is_open_is_named_and_not_offered_to_be_saved_again(
    client: Client, mia: User
) -> None:
    save(client, tag="VIP")
    assert "Save this view…" in views_menu(client, "tag=Other")
    menu = views_menu(client, "tag=VIP")
    assert menu.count("VIPs") == 2
    assert "Save this view…" not in menu
    assert 'aria-current="true"' in menu


def test_the_whole_list_is_nothing_to_save(client: Client, mia: User) -> None:
    assert "Save this view…" not in views_menu(client)


def test_own_views_are_ones_own(client: Client, mia: User, max_: User) -> None:
    SavedView.objects.create(owner=max_, name="Secret", query="q=secret")
    SavedView.objects.create(owner=max_, name="For all", query="q=all", shared=True)
    assert offered(client) == {"For all": "q=all"}


def test_a_manager_shares_a_view(client: Client, mia: User, max_: User) -> None:
    client.force_login(max_)
    save(client, q="lagos", shared="on")
    client.force_login(mia)
    assert offered(client) == {"VIPs": "q=lagos"}


def test_a_member_cannot_share_a_view(client: Client, mia: User) -> None:
    assert "Share with the team" not in client.get(reverse("view_new")).content.decode()
    save(client, shared="on")
    assert not SavedView.objects.get().shared


@pytest.mark.parametrize(
    ("name", "said"),
    [("", "required"), (" \u200b ", "Give the view a name."), ("x" * 61, "at most 60")],
)
def test_a_name_that_is_none_is_refused_and_nothing_is_lost(
    client: Client, mia: User, name: str, said: str
) -> None:
    page = save(client, name, 422, q="lagos")
    assert said in page
    assert 'name="q" value="lagos"' in page
    assert not SavedView.objects.exists()


def test_two_views_of_one_person_have_two_names(client: Client, mia: User, max_: User) -> None:
    SavedView.objects.create(owner=max_, name="VIPs", query="")
    save(client)
    page = save(client, "vips", 422)
    assert "You have a view of that name." in page
    assert SavedView.objects.filter(owner=mia).count() == 1


def test_there_is_an_end_to_views(client: Client, mia: User) -> None:
    SavedView.objects.bulk_create(
        SavedView(owner=mia, name=f"V{number}") for number in range(VIEWS_MAX)
    )
    assert f"You have {VIEWS_MAX} views." in save(client, "One more", 422)


def test_a_view_is_renamed_and_deleted(client: Client, mia: User) -> None:
    save(client, q="lagos")
    view = SavedView.objects.get()
    assert 'value="VIPs"' in client.get(reverse("views")).content.decode()
    answer = client.post(reverse("view_change", args=[view.pk]), {"name": "Lagos"})
    assert answer.url == reverse("views")
    assert offered(client) == {"Lagos": "q=lagos"}
    for _twice in range(2):
        assert client.post(reverse("view_delete", args=[view.pk])).status_code == 303
    assert not SavedView.objects.exists()
    assert "No saved views yet" in client.get(reverse("views")).content.decode()


def test_a_rename_to_a_taken_name_is_refused_in_its_place(client: Client, mia: User) -> None:
    save(client, "One")
    save(client, "Two", q="x")
    two = SavedView.objects.get(name="Two")
    answer = client.post(reverse("view_change", args=[two.pk]), {"name": "one"})
    assert answer.status_code == 422
    assert answer.content.decode().count("You have a view of that name.") == 1


def test_only_who_may_share_changes_what_others_share(
    client: Client, mia: User, max_: User
) -> None:
    shared = SavedView.objects.create(owner=max_, name="Team", query="q=a", shared=True)
    own = SavedView.objects.create(owner=max_, name="Own", query="q=b")
    for view in (shared, own):
        change = client.post(reverse("view_change", args=[view.pk]), {"name": "Mine"})
        assert change.status_code == 404
        client.post(reverse("view_delete", args=[view.pk]))
    assert SavedView.objects.count() == 2
    client.force_login(make_user(name="Ada"))
    assert "Saved by Max" in client.get(reverse("views")).content.decode()
    typed = {"name": "For the team", "shared": "on"}
    assert client.post(reverse("view_change", args=[shared.pk]), typed).status_code == 303
    assert client.post(reverse("view_change", args=[own.pk]), typed).status_code == 404
    shared.refresh_from_db()
    assert (shared.name, shared.owner) == ("For the team", max_)


@pytest.mark.parametrize(
    "query",
    [
        "q=Amara+Okonkwo",
        "q=okonkwo+amara+lagos",
        "q=AMARA%40calderwren.example",
        "q=%28020%29+7946+0917",
        "q=okonkwo",
        "tag=Okonkwo+family&sort=name",
    ],
)
def test_what_a_view_tells_of_a_contact_goes_with_it(mia: User, query: str) -> None:
    stays = SavedView.objects.create(owner=mia, name="Lagos", query="q=amara&tag=VIP")
    make_contact(given_name="Amara", family_name="Bello", tags=["VIP"])
    amara = make_contact(
        given_name="Amara", family_name="Okonkwo", emails=["amara@calderwren.example"],
        phones=["+442079460917"], tags=["VIP", "Okonkwo family"],
    )  # fmt: skip
    Tag.remember(["VIP", "Okonkwo family"])
    SavedView.objects.create(owner=mia, name="Her", query=query)
    Contact.objects.get(pk=amara.pk).delete()
    assert list(SavedView.objects.all()) == [stays]


def test_a_view_of_a_name_that_others_have_stays(mia: User) -> None:
    SavedView.objects.create(owner=mia, name="The family", query="q=okonkwo")
    make_contact(given_name="Bo", family_name="Okonkwo")
    make_contact().delete()
    assert SavedView.objects.exists()


def test_contacts_erased_together_leave_no_view_either(mia: User) -> None:
    amara = make_contact()
    SavedView.objects.create(owner=mia, name="Amara Okonkwo", query="status=all")
    Contact.erase([Contact.objects.get(pk=amara.pk)])
    assert not SavedView.objects.exists()


def test_of_a_closed_account_nothing_is_kept(mia: User, max_: User) -> None:
    SavedView.objects.create(owner=mia, name="Mine")
    SavedView.objects.create(owner=max_, name="His")
    mia.close()
    assert SavedView.objects.get().owner == max_


def test_many_views_take_no_more_queries_than_a_few(client: Client, max_: User) -> None:
    client.force_login(max_)
    ben = make_user(name="Ben")
    counts = []
    for round_ in range(2):
        for number in range(3):
            SavedView.objects.create(owner=max_, name=f"Mine {round_}.{number}")
            SavedView.objects.create(owner=ben, name=f"His {round_}.{number}", shared=True)
        with CaptureQueriesContext(connection) as asked:
            page = client.get(reverse("views")).content.decode()
        assert page.count("Saved by Ben") == 3 * (round_ + 1)
        counts.append(len(asked))
    assert counts[0] == counts[1]
