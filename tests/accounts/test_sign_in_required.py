"""What happens to those who are not signed in: they sign in and find themselves where they were."""

import pytest
from django.test import Client

from tests.builders import make_user

SIGN_IN = "/accounts/login/?next="


def test_a_page_is_shown_after_signing_in(client: Client) -> None:
    assert client.get("/contacts/?q=a+b&tag=vip").url == (
        f"{SIGN_IN}/contacts/%3Fq%3Da%2Bb%26tag%3Dvip"
    )


def test_a_form_leads_back_to_the_page_it_was_on(client: Client) -> None:
    answer = client.post("/preferences/", headers={"Referer": "http://testserver/contacts/new?a=1"})
    assert answer.url == f"{SIGN_IN}/contacts/new%3Fa%3D1"


@pytest.mark.parametrize(
    "referrer",
    [
        "",
        "https://evil.example/contacts/",
        "http://testserver.evil.example/contacts/",
        "http://testserver//evil.example/",
        "javascript:alert(1)",
    ],
)
def test_a_form_from_elsewhere_leads_to_the_first_page(client: Client, referrer: str) -> None:
    assert client.post("/preferences/", headers={"Referer": referrer}).url == f"{SIGN_IN}/"


@pytest.mark.parametrize("method", ["get", "post"])
def test_htmx_never_swaps_a_sign_in_page_into_a_row(client: Client, method: str) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/contacts/?q=amara"}
    answer = getattr(client, method)("/preferences/", headers=headers)
    assert answer.status_code == 200
    assert answer["HX-Redirect"] == f"{SIGN_IN}/contacts/%3Fq%3Damara"
    assert not answer.content


@pytest.mark.parametrize("page", ["", "https://evil.example/", "http://testserver//evil.example"])
def test_htmx_leads_to_pages_of_ours_only(client: Client, page: str) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": page}
    assert client.post("/preferences/", headers=headers)["HX-Redirect"] == f"{SIGN_IN}/"


@pytest.mark.django_db
def test_django_admin_has_no_sign_in_of_its_own(client: Client) -> None:
    assert client.get("/admin/contacts/contact/").url == f"{SIGN_IN}/admin/contacts/contact/"
    client.force_login(make_user(name="Ada"))
    assert client.get("/admin/login/").url == "/admin/"
    assert client.post("/admin/logout/").url == "/accounts/logout/"
    assert client.get("/admin/password_change/").url == "/accounts/password/change/"
