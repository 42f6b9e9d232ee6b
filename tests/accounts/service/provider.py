"""A little OpenID provider: a real server in a thread, which is strict about what it is asked."""

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "annals", "a secret between the two"
MIA = {"sub": "mia-7", "email": "mia@annals.example", "email_verified": True, "name": "Mia Zhao"}
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Provider:
    """Knows one person, `person`; what a test changes about it is what it answers from then on."""

    def __init__(self) -> None:
        self.person: dict[str, Any] = dict(MIA)
        self.told_by_token: dict[str, Any] = {}  # instead of the person, in the id_token
        self.description: dict[str, Any] = {}  # instead of its own, in the discovery document
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}  # in place of its own
        self.asked: list[str] = []
        self.codes: dict[str, dict[str, str]] = {}
        self.tokens: set[str] = set()
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.provider = self
        self.server = server
        self.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Answer nobody any more."""
        self.server.shutdown()
        self.server.server_close()

    def sign_in(self, address: str) -> str:
        """Do what a browser does that was led here; returns the address it is led back to."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert address.startswith(f"{self.url}/authorize?")
        assert (asked["client_id"], asked["response_type"]) == (CLIENT, "code")
        assert asked["code_challenge_method"] == "S256"
        assert set(asked["scope"].split()) == {"openid", "profile", "email"}
        code = secrets.token_urlsafe()
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?code={code}&state={asked['state']}"

    def discovery(self) -> dict[str, Any]:
        """Return what the service says of itself."""
        own = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }
        return own | self.description

    def token(self, form: dict[str, str]) -> dict[str, Any] | None:
        """Return tokens for a code, once; None where anything about the request is wrong."""
        asked = self.codes.pop(form.get("code", ""), None)
        verifier = form.get("code_verifier", "").encode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=")
        if not asked or (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return None
        if asked["code_challenge"] != challenge.decode():
            return None
        if asked["redirect_uri"] != form["redirect_uri"]:
            return None
        access = secrets.token_urlsafe()
        self.tokens.add(access)
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "sub": self.person["sub"]}
        claims |= {"iat": now, "exp": now + 60, **self.told_by_token}
        id_token = jwt.encode(claims, KEY, "RS256", {"kid": "1"})
        return {"access_token": access, "token_type": "Bearer", "id_token": id_token}


class Handler(BaseHTTPRequestHandler):
    """Answers with what the provider knows."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer for the description and the person."""
        provider: Provider = self.server.provider
        path = urlsplit(self.path).path
        provider.asked.append(path)
        if path in provider.answers:
            self.answer(*provider.answers[path])
        elif path == "/authorize":
            back = provider.sign_in(f"{provider.url}{self.path}")
            self.answer(302, {"Location": back}, b"")
        elif path == "/.well-known/openid-configuration":
            self.answer_json(provider.discovery())
        elif path == "/userinfo":
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            self.answer_json(provider.person if token in provider.tokens else None)
        else:
            self.answer(404, {}, b"")

    def do_POST(self) -> None:
        """Answer for tokens."""
        provider: Provider = self.server.provider
        provider.asked.append(self.path)
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path in provider.answers:
            self.answer(*provider.answers[self.path])
            return
        self.answer_json(provider.token({k: v[0] for k, v in parse_qs(body).items()}))

    def answer_json(self, found: Any) -> None:
        """Send what was found, or a refusal."""
        body = json.dumps({"error": "invalid_request"} if found is None else found).encode()
        status = 400 if found is None else 200
        self.answer(status, {"Content-Type": "application/json"}, body)

    def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        """Send an answer."""
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
