"""Signing in and out, and back in after forgetting the password."""

import re

import pytest
from django.core import mail
from django.test import Client

from accounts.models import User
from config.cache import RedisOrMemoryCache
from tests.builders import make_user

pytestmark = pytest.mark.django_db
PASSWORD = "a riverbed in June"


@pytest.fixture
def mia() -> User:
    return make_user(name="Mia", password=PASSWORD)


def sign_in(client: Client, email: str, password: str = PASSWORD, **more: str):
    return client.post("/accounts/login/", {"login": email, "password": password, **more})


def is_signed_in(client: Client) -> bool:
    return client.get("/preferences/").status_code == 200


def test_mia_signs_in_and_gets_where_she_wanted_to_go(client: Client, mia: User) -> None:
    page = client.get("/preferences/")
    assert page.url == "/accounts/login/?next=/preferences/"
    form = client.get(page.url).content.decode()
    assert '<input type="hidden" name="next" value="/preferences/">' in form
    answer = sign_in(client, mia.email, next="/preferences/")
    assert (answer.status_code, answer.url) == (302, "/preferences/")
    assert is_signed_in(client)


@pytest.mark.parametrize("typed", ["MIA@Annals.Example", "  mia@annals.example  "])
def test_the_case_of_an_address_does_not_matter(client: Client, mia: User, typed: str) -> None:
    assert sign_in(client, typed).status_code == 302
    assert is_signed_in(client)


def test_a_wrong_password_is_refused_and_the_address_kept(client: Client, mia: User) -> None:
    answer = sign_in(client, mia.email, "wrong")
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "That email and password don’t match." in text
    assert f'value="{mia.email}"' in text
    assert not is_signed_in(client)


def test_an_unknown_address_reads_like_a_wrong_password(client: Client, mia: User) -> None:
    answer = sign_in(client, "nobody@annals.example")
    assert answer.status_code == 422
    assert "That email and password don’t match." in answer.content.decode()


def test_nobody_is_sent_to_another_site_after_signing_in(client: Client, mia: User) -> None:
    assert sign_in(client, mia.email, next="https://evil.example/").url == "/"


def test_after_five_tries_even_the_right_password_waits(client: Client, mia: User) -> None:
    for _try in range(5):
        sign_in(client, mia.email, "wrong")
    answer = sign_in(client, mia.email)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "300"
    assert "Too many tries." in answer.content.decode()
    assert not is_signed_in(client)


def test_who_tries_very_often_reads_how_long_to_wait(client: Client) -> None:
    answers = [sign_in(client, f"{number}@annals.example", "") for number in range(61)]
    assert answers[-1].status_code == 429
    assert answers[-1].headers["Retry-After"] == "60"
    assert "Go on in 1 minute." in answers[-1].content.decode()


def test_signing_in_works_while_redis_is_away(
    client: Client, mia: User, settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RedisOrMemoryCache, "away_until", 0.0)
    settings.CACHES = settings.CACHES | {
        "default": settings.CACHES["default"] | {"LOCATION": "unix:///nowhere/redis.sock"}
    }
    assert sign_in(client, mia.email, "wrong").status_code == 422
    assert sign_in(client, mia.email).status_code == 302
    assert is_signed_in(client)


def test_a_user_who_is_switched_off_learns_whom_to_ask(client: Client, mia: User, settings) -> None:
    settings.SUPPORT_EMAIL = "help@annals.example"
    User.objects.filter(pk=mia.pk).update(is_active=False)
    page = client.get(sign_in(client, mia.email).url).content.decode()
    assert "This account is switched off" in page
    assert "mailto:help@annals.example" in page
    assert not is_signed_in(client)


def test_switching_a_user_off_ends_the_open_session(client: Client, mia: User) -> None:
    sign_in(client, mia.email)
    User.objects.filter(pk=mia.pk).update(is_active=False)
    assert not is_signed_in(client)


def test_only_a_post_signs_out(client: Client, mia: User) -> None:
    client.force_login(mia)
    question = client.get("/accounts/logout/")
    assert "Sign out" in question.content.decode()
    assert is_signed_in(client)
    assert client.post("/accounts/logout/").url == "/"
    assert not is_signed_in(client)


def test_a_session_ends_with_the_browser_unless_mia_stays_signed_in(
    client: Client, mia: User
) -> None:
    sign_in(client, mia.email)
    assert client.session.get_expire_at_browser_close()
    client.logout()
    sign_in(client, mia.email, remember="on")
    assert not client.session.get_expire_at_browser_close()


def test_nobody_can_sign_up(client: Client) -> None:
    assert "joined by invitation" in client.get("/accounts/signup/").content.decode()
    form = {"email": "new@annals.example", "password1": PASSWORD, "password2": PASSWORD}
    assert "joined by invitation" in client.post("/accounts/signup/", form).content.decode()
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "path", ["/accounts/", "/accounts/email/", "/accounts/reauthenticate/", "/accounts/2fa/"]
)
def test_pages_of_allauth_that_annals_does_not_offer_do_not_exist(client: Client, path: str):
    assert client.get(path).status_code == 404


def test_a_forgotten_password_is_replaced_through_a_mail(
    client: Client, mia: User, settings
) -> None:
    settings.SITE_URL = "https://annals.test"
    mia.name = "Mia O'Brien"
    mia.save()
    for _try in range(6):
        sign_in(client, mia.email, "wrong")
    answer = client.post("/accounts/password/reset/", {"email": "MIA@annals.example"})
    assert answer.url == "/accounts/password/reset/done/"
    assert "Look into your inbox" in client.get(answer.url).content.decode()

    (message,) = mail.outbox
    assert message.to == ["mia@annals.example"]
    assert message.subject == "Set a new password for Annals"
    assert "Hello Mia O'Brien," in message.body
    assert "The link works once, for 3 days." in message.body
    assert not message.alternatives
    link = re.search(r"https://annals\.test(/\S+)", message.body)[1]

    form_path = client.get(link).url
    assert form_path.endswith("-set-password/")
    too_short = client.post(form_path, {"password1": "short", "password2": "short"})
    assert too_short.status_code == 422
    new = "two herons over the weir"
    answer = client.post(form_path, {"password1": new, "password2": new})
    assert "Your new password is set" in client.get(answer.url).content.decode()
    assert sign_in(client, mia.email).status_code == 422
    assert sign_in(client, mia.email, new).status_code == 302
    assert is_signed_in(client)
    assert "This link has ended" in client.get(link).content.decode()


def test_opening_the_link_of_a_mail_changes_nothing(client: Client, mia: User) -> None:
    client.post("/accounts/password/reset/", {"email": mia.email})
    link = re.search(r"http://[^/]+(/\S+)", mail.outbox[0].body)[1]
    for _scanner in range(3):
        assert Client().get(link, follow=True).status_code == 200
    assert "Set a new password" in client.get(link, follow=True).content.decode()


@pytest.mark.parametrize("switched_off", [True, False])
def test_an_address_that_cannot_sign_in_is_told_so_by_mail_only(
    client: Client, mia: User, settings, switched_off: bool
) -> None:
    settings.SUPPORT_EMAIL = "help@annals.example"
    User.objects.filter(pk=mia.pk).update(is_active=False)
    email = mia.email if switched_off else "nobody@annals.example"
    answer = client.post("/accounts/password/reset/", {"email": email})
    assert answer.url == "/accounts/password/reset/done/"
    (message,) = mail.outbox
    assert message.to == [email]
    assert message.subject == "No account for you at Annals"
    assert "You reach one at help@annals.example." in message.body
    assert "/accounts/" not in message.body


def test_a_mail_that_cannot_be_sent_is_no_mystery(client: Client, mia: User, settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    answer = client.post("/accounts/password/reset/", {"email": mia.email})
    assert answer.status_code == 503
    assert "try again in a few minutes" in answer.content.decode()


def test_mia_changes_her_password_and_stays_signed_in(client: Client, mia: User) -> None:
    sign_in(client, mia.email)
    new = "two herons over the weir"
    form = {"oldpassword": "wrong", "password1": new, "password2": new}
    refused = client.post("/accounts/password/change/", form)
    assert refused.status_code == 422
    assert "That is not your current password." in refused.content.decode()
    answer = client.post(
        "/accounts/password/change/", form | {"oldpassword": PASSWORD}, follow=True
    )
    assert answer.redirect_chain == [("/preferences/", 302)]
    assert "Password changed" in answer.content.decode()
    assert is_signed_in(client)
    assert sign_in(Client(), mia.email, new).status_code == 302


def test_an_address_that_was_replaced_signs_in_no_longer(client: Client, mia: User) -> None:
    client.post("/accounts/password/reset/", {"email": mia.email})  # allauth notes the address
    old = mia.email
    mia.email = "Mia.Zhao@annals.example"
    mia.save()
    assert sign_in(client, old).status_code == 422
    assert sign_in(client, "mia.zhao@annals.example").status_code == 302


def test_a_form_from_before_the_last_sign_in_says_why_it_was_refused(mia: User) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = sign_in(client, mia.email)
    assert answer.status_code == 403
    assert "That page was out of date" in answer.content.decode()
    htmx = client.post("/preferences/", {}, headers={"HX-Request": "true"})
    assert htmx.status_code == 403
    assert htmx["HX-Reswap"] == "none"
    assert "out of date" in htmx["HX-Trigger"]
