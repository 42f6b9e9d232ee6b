"""A visitor of Annals as it runs by itself, who signs in with the form as a browser would."""

import re
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

SECONDS = 60


class Visitor:
    """A browser's cookies, and what it asks for."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.cookies = CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.cookies))

    def open(self, path: str, data: bytes | None = None) -> Any:
        """Return the answer, to be read."""
        return self.opener.open(f"{self.address}{path}", data, timeout=SECONDS)

    def get(self, path: str) -> str:
        """Return a page."""
        return self.open(path).read().decode()

    def sign_in(self, email: str, password: str) -> None:
        """Sign in with the form."""
        page = self.get("/accounts/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
        form = {"csrfmiddlewaretoken": token, "login": email, "password": password}
        self.open("/accounts/login/", urlencode(form).encode())
