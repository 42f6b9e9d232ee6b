"""Passkeys: where they work, and how one is made, for a user or for somebody who becomes one.

allauth signs people in with passkeys. What it offers for making one ends in its own sign-up, which
is closed here, and asks for a second factor's key elsewhere. So the ceremony is run from here with
functions that allauth keeps internal (`allauth.mfa.webauthn.internal.auth`): they hold the
challenge in the session, verify the answer and know the form in which a key is stored. They may
change with any minor version; pyproject.toml therefore pins it.

An invitation that is accepted with a passkey::

    options = passkeys.begin_account(request, email, name)  # GET, and every page shown again
    user = passkeys.create_account(request, email, name, request.POST["credential"])  # POST

Between the two stands `{% passkey_button "create" label options %}` inside the form, which draws a
button and a hidden field "credential" (accounts/templatetags/passkeys.py).
"""

import ipaddress
import json
import uuid
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa import signals
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from fido2.rpid import verify_rp_id
from fido2.webauthn import AuthenticationResponse, RegistrationResponse

from accounts import notices
from accounts.models import User

PENDING = "passkeys.pending"  # in the session: for whom a passkey is being made


class AddressTaken(Exception):
    """There is an account with this address already: its owner signs in instead."""


def relying_party() -> str:
    """Return the domain for which passkeys are made: the host of SITE_URL."""
    return urlsplit(settings.SITE_URL).hostname or ""


def offered(request: HttpRequest) -> bool:
    """Tell whether a browser can use a passkey on the site under which it asks.

    Browsers can over https, or on localhost, and never where an IP address stands in place of a
    name (https://www.w3.org/TR/webauthn-3/#rp-id).
    """
    try:
        ipaddress.ip_address(relying_party())
    except ValueError:
        return verify_rp_id(relying_party(), f"{request.scheme}://{request.get_host()}")
    return False


def of(user: Any) -> QuerySet[Authenticator]:
    """Return the passkeys of a user, the oldest first."""
    return Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.WEBAUTHN).order_by(
        "created_at", "pk"
    )


def begin(request: HttpRequest, user: User) -> dict[str, Any]:
    """Return the options with which the browser makes a passkey for `user`.

    The passkey carries the user's address, can be found without typing it, and asks for finger,
    face or PIN. Its challenge is kept in the session until it is answered or replaced.
    """
    request.session[PENDING] = {"id": str(user.pk), "email": user.email}
    return {"creation_options": auth.begin_registration(user, passwordless=True)}


def add(request: HttpRequest, user: User, answer: str) -> Authenticator:
    """Give `user` the passkey that the browser made after `begin`, and return it.

    `answer` is the JSON that the browser posted. Raises ValidationError where it is not the answer
    to the challenge of this user.
    """
    if _pending(request).get("id") != str(user.pk):
        raise get_adapter().validation_error("incorrect_code")
    passkey = _store(request, user, _verified(request, answer))
    notices.tell(user, "mfa/email/webauthn_added")
    return passkey


def begin_account(request: HttpRequest, email: str, name: str = "") -> dict[str, Any]:
    """Return the options with which somebody without an account makes a passkey for one.

    Who begins again with the same address gets the same future account, so that the second
    passkey replaces the first one on the device. Raises AddressTaken.
    """
    email = _unused(email)
    pending = _pending(request)
    key = uuid.UUID(pending["id"]) if pending.get("email") == email else User().pk
    return begin(request, User(pk=key, email=email, name=name))


def create_account(request: HttpRequest, email: str, name: str, answer: str) -> User:
    """Return the new user, without role and password, who signs in with the passkey just made.

    `answer` is the JSON that the browser posted after `begin_account` for the same address. It is
    verified before anything is created; then the account and its passkey appear together or not at
    all. Nobody is signed in. Raises ValidationError where the answer is wrong or late: show the
    page again with new options. Raises AddressTaken where the address has an account by now.
    """
    email = _unused(email)
    pending = _pending(request)
    if pending.get("email") != email:
        raise get_adapter().validation_error("incorrect_code")
    credential = _verified(request, answer)
    try:
        with transaction.atomic():
            user = User.objects.create_user(email, name=name, pk=uuid.UUID(pending["id"]))
            _store(request, user, credential)
    except IntegrityError as error:
        raise AddressTaken(email) from error
    return user


def parse(
    kind: type[RegistrationResponse] | type[AuthenticationResponse], credential: Any
) -> RegistrationResponse | AuthenticationResponse:
    """Return a browser's answer as fido2 reads it. Raises ValidationError where it cannot."""
    try:
        parsed = kind.from_dict(credential)
    except Exception as error:  # fido2 names no exception for what is not CBOR, or of no use
        raise get_adapter().validation_error("incorrect_code") from error
    if parsed is None:
        raise get_adapter().validation_error("incorrect_code")
    return parsed


def _pending(request: HttpRequest) -> dict[str, str]:
    return request.session.get(PENDING) or {}


def _unused(email: str) -> str:
    email = email.strip().lower()
    if User.objects.filter(email=email).exists():
        raise AddressTaken(email)
    return email


def _verified(request: HttpRequest, answer: str) -> dict[str, Any]:
    try:
        credential = json.loads(answer)
    except (RecursionError, ValueError) as error:
        raise get_adapter().validation_error("incorrect_code") from error
    key = parse(RegistrationResponse, credential).response.attestation_object.auth_data
    if not key.credential_data:
        raise get_adapter().validation_error("incorrect_code")
    auth.complete_registration(credential)
    del request.session[PENDING]
    return credential


@transaction.atomic
def _store(request: HttpRequest, user: User, credential: dict[str, Any]) -> Authenticator:
    name = get_adapter().generate_authenticator_name(user, Authenticator.Type.WEBAUTHN)
    passkey = auth.WebAuthn.add(user, name, credential).instance
    signals.authenticator_added.send(
        sender=Authenticator, request=request, user=user, authenticator=passkey
    )
    return passkey
