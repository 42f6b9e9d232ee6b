"""Signing in through a service of the organisation, by OpenID Connect.

allauth does the protocol (authorization code with PKCE and state). Here is what it leaves open:
whom the service may let in, that its two answers are about the same person, and where requests to
it may go. Nothing it tells is kept but a fingerprint of who it is.
"""

import ipaddress
import socket
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import requests
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

PROVIDER = "oidc"  # in allauth's table
SECONDS = (3, 10)  # to connect, and between two parts of an answer


class Requests(requests.Session):
    """Asks the service, over https and nobody else: no redirect is followed.

    Its own description may name other hosts (Google's does), but none that is inside the network
    of this server. Over http only to this machine, for development.
    """

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:
        """Ask, and return the answer. Raises RequestException where that must not be."""
        if not may_be_asked(url):
            raise requests.exceptions.InvalidURL("The service names an address that is not its.")
        kwargs |= {"allow_redirects": False, "timeout": SECONDS}
        answer = super().request(method, url, *args, **kwargs)
        if answer.is_redirect:
            raise requests.exceptions.TooManyRedirects("The service answers with a redirect.")
        return answer


def may_be_asked(url: str) -> bool:
    """Tell whether a request may go there: to the service as configured, or out to the internet."""
    asked, configured = urlsplit(url), urlsplit(settings.OIDC_SERVER_URL)
    if (asked.scheme, asked.netloc) == (configured.scheme, configured.netloc):
        return True
    if asked.scheme != "https" or not asked.hostname:
        return False
    try:
        found = socket.getaddrinfo(asked.hostname, asked.port or 443, type=socket.SOCK_STREAM)
    except (OSError, ValueError):
        return False
    return all(ipaddress.ip_address(address[0]).is_global for *_, address in found)


class ServiceClient(OpenIDConnectOAuth2Adapter):
    """Speaks to the service, which answers to SITE_URL whatever Host a request names."""

    def get_provider(self) -> "Service":
        """Return the service as it is configured."""
        return Service.configured(self.request)

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        """Return where the service leads back to."""
        return settings.SITE_URL + reverse("openid_connect_callback")

    def complete_login(
        self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any
    ) -> SocialLogin:
        """Return who the service says it is. Raises OAuth2Error where it does not sign that."""
        if not kwargs["response"].get("id_token"):
            raise OAuth2Error("The service sent no id_token.")
        return super().complete_login(request, app, token, **kwargs)


class Service(OpenIDConnectProvider):
    """The one service that the settings name."""

    oauth2_adapter_class = ServiceClient
    pkce_enabled_default = True

    @classmethod
    def configured(cls, request: HttpRequest) -> "Service":
        """Return the service of the settings."""
        app = SocialApp(
            provider=cls.id,
            provider_id=PROVIDER,
            name=settings.OIDC_NAME,
            client_id=settings.OIDC_CLIENT_ID,
            secret=settings.OIDC_CLIENT_SECRET,
            settings={"server_url": settings.OIDC_SERVER_URL},
        )
        return cls(request, app=app)

    def sociallogin_from_response(self, request: HttpRequest, response: Any) -> SocialLogin:
        """Return who it is, once both answers say the same. Raises OAuth2Error."""
        told = [response[part].get("sub") for part in ("userinfo", "id_token")]
        if not told[0] or told[0] != told[1]:
            raise OAuth2Error("The service told of two persons.")
        return super().sociallogin_from_response(request, response)

    def extract_uid(self, data: Any) -> str:
        """Return a fingerprint of who it is, at which service: another one may number alike."""
        token = data["id_token"]
        return sha256(f"{token['iss']}\n{token['sub']}".encode()).hexdigest()

    def extract_extra_data(self, data: Any) -> dict[str, Any]:
        """Keep nothing of what was told."""
        return {}

    def extract_common_fields(self, data: Any) -> dict[str, Any]:
        """Return what tells who it is, as far as it is text."""
        told = super().extract_common_fields(data)
        return {name: text for name, text in told.items() if isinstance(text, str)}

    def extract_email_addresses(self, data: Any) -> list[EmailAddress]:
        """Return the address, verified only where that is said in so many words."""
        told = data["userinfo"]
        if not isinstance(told.get("email"), str):
            return []
        verified = told.get("email_verified") in (True, "true")
        return [EmailAddress(email=told["email"], verified=verified, primary=True)]
