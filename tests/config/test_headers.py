"""What every answer carries, whoever makes it: a page, an error, a file, a stream."""

import asyncio
import re
import time
import timeit
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.templatetags.static import static
from django.test import Client, override_settings
from environ import Env

from config.headers import HeadersMiddleware, with_headers
from config.security import FEATURES, security_settings
from tests.builders import make_user

pytestmark = pytest.mark.django_db
EVERYWHERE = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def test_every_kind_of_answer_carries_the_headers(client: Client, monkeypatch: Any) -> None:
    client.raise_request_exception = False
    answers = {
        "page": client.get("/accounts/login/"),
        "redirect": client.get("/contacts/"),
        "nothing": client.get("/nowhere"),
        "static": client.get(static("css/app.css")),
        "no static": client.get("/static/none.css"),
        "health": client.get("/healthz"),
        "manifest": client.get("/manifest.webmanifest"),
        "bad host": client.get("/", headers={"host": "a@b"}),
        "bad method": client.post("/healthz"),
        "report": client.post("/csp-report", "{}", content_type="application/json"),
    }
    client.force_login(make_user())
    answers["desk"] = client.get("/contacts/")
    answers["refused"] = client.get("/admin/contacts/nothing/")
    monkeypatch.setattr("activity.views.overview.render", None)
    answers["crash"] = client.get("/")
    assert answers["crash"].status_code == 500
    assert answers["bad host"].status_code == 400
    assert answers["static"].status_code == 200
    for kind, answer in answers.items():
        assert EVERYWHERE.items() <= dict(answer.headers).items(), kind
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"].split("; "), kind
        assert "camera=()" in answer.headers["Permissions-Policy"], kind
        assert "Access-Control-Allow-Origin" not in answer.headers, kind
        about = answer.headers.get("Content-Type", "").replace('"', "")
        assert not about.startswith("text/") or "charset=utf-8" in about, kind


def test_no_page_says_back_what_it_was_asked(client: Client) -> None:
    client.force_login(make_user())
    for path in ("/", "/contacts/", "/accounts/login/", "/healthz", "/nowhere", "/csp-report"):
        answer = client.trace(path, headers={"x-said": "s3cret"})
        assert answer.status_code != 200, path
        assert "s3cret" not in answer.content.decode(), path


def test_pages_may_use_passkeys_and_the_clipboard_and_nothing_else(client: Client) -> None:
    policy = client.get("/accounts/login/").headers["Permissions-Policy"]
    allowed = set(re.findall(r"([\w-]+)=\(self\)", policy))
    assert allowed == {
        "clipboard-write",
        "publickey-credentials-create",
        "publickey-credentials-get",
    }
    assert re.findall(r"([\w-]+)=\(\)", policy) == list(FEATURES)


def test_the_policy_of_pages_names_where_a_violation_is_reported(client: Client) -> None:
    headers = client.get("/accounts/login/").headers
    policy = headers["Content-Security-Policy"].split("; ")
    assert {"report-uri /csp-report", "report-to csp"} <= set(policy)
    assert headers["Reporting-Endpoints"] == 'csp="/csp-report"'
    assert "unsafe" not in headers["Content-Security-Policy"]


def test_what_depends_on_who_asks_is_kept_in_no_cache(client: Client) -> None:
    client.force_login(make_user())
    for path in ("/contacts/", "/preferences/", "/admin/", "/nowhere"):
        assert "no-store" in client.get(path).headers["Cache-Control"], path
    assert "no-store" not in client.get(static("css/app.css")).headers["Cache-Control"]


def test_signing_out_takes_along_what_the_browser_holds(client: Client) -> None:
    client.force_login(make_user())
    assert "Clear-Site-Data" not in client.get("/accounts/logout/").headers
    assert client.post("/accounts/logout/").headers["Clear-Site-Data"] == '"storage"'
    # a session that has ended is not somebody who left: what they typed waits for them
    client.force_login(make_user(name="Ben"))
    client.session.flush()
    answer = client.get("/contacts/")
    assert answer.status_code == 302
    assert "Clear-Site-Data" not in answer.headers


def test_headers_cost_less_than_a_fifth_of_a_millisecond(rf: Any) -> None:
    middleware = HeadersMiddleware(lambda request: HttpResponse())
    request = rf.get("/")
    taken = timeit.repeat(
        lambda: middleware(request), number=100, repeat=5, timer=time.process_time
    )
    assert min(taken) / 100 < 0.0002  # whatever other threads do meanwhile


def run_apart(sending: Any) -> None:
    """Run it in a thread of its own: Playwright keeps an event loop in the one of the tests."""
    with ThreadPoolExecutor(1) as executor:
        executor.submit(asyncio.run, sending).result()


def test_a_stream_carries_them_as_well() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    answer = with_headers(send)
    mine = (b"x-frame-options", b"SAMEORIGIN")
    run_apart(answer({"type": "http.response.start", "status": 200, "headers": [mine]}))
    run_apart(answer({"type": "http.response.body", "body": b"x"}))
    headers = dict(sent[0]["headers"])
    assert headers[b"content-security-policy"] == b"default-src 'none'; frame-ancestors 'none'"
    assert headers[b"cross-origin-resource-policy"] == b"same-origin"
    assert headers[b"x-frame-options"] == b"SAMEORIGIN"
    assert sent[1] == {"type": "http.response.body", "body": b"x"}


def over_https() -> dict[str, Any]:
    """Return the settings of a deployment at https://testserver behind a proxy on this machine."""
    strict = security_settings(Env(), "https://testserver")
    return strict | {"SITE_URL": "https://testserver", "TRUSTED_PROXIES": ["127.0.0.1"]}


@pytest.fixture
def https() -> Any:
    """Serve https://testserver; returns a client of it."""
    with override_settings(**over_https()):
        yield Client(headers={"x-forwarded-proto": "https"})


def test_over_https_browsers_are_told_to_stay_there(https: Client) -> None:
    told = https.get("/accounts/login/").headers["Strict-Transport-Security"]
    assert told == "max-age=31536000; includeSubDomains; preload"
    answer = Client().get("/accounts/login/")
    assert (answer.status_code, answer.url) == (301, "https://testserver/accounts/login/")
    assert Client().get("/healthz").status_code == 200


def test_over_https_every_cookie_belongs_to_this_host_alone(https: Client) -> None:
    ada = make_user(name="Ada", password="gentle-otter-4821")
    page = https.get("/accounts/login/")
    assert set(page.cookies) == {"__Host-csrftoken"}
    typed = {"login": ada.email, "password": "gentle-otter-4821"}
    answer = https.post("/accounts/login/", typed)
    assert answer.status_code == 302
    https.get(answer.url)
    assert {"__Host-sessionid", "__Host-whose"} <= set(https.cookies)
    for name, cookie in https.cookies.items():
        assert name.startswith("__Host-")
        assert (cookie["secure"], cookie["httponly"]) == (True, True)
        assert (cookie["path"], cookie["domain"]) == ("/", "")
        assert cookie["samesite"] in {"Lax", "Strict"}
    assert https.get("/contacts/").status_code == 200


def test_over_https_a_cookie_without_such_a_name_counts_for_nothing(https: Client) -> None:
    https.force_login(make_user())
    session = https.cookies.pop(settings.SESSION_COOKIE_NAME).value
    https.cookies["sessionid"] = session
    assert https.get("/contacts/").status_code == 302
    https.cookies["__Host-sessionid"] = session
    assert https.get("/contacts/").status_code == 200
