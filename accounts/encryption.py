"""Keeps secrets unreadable in the database, under a key made from SECRET_KEY.

A backup of the database alone lets nobody make codes. Without SECRET_KEY nobody can: after it was
lost, apps and recovery codes are set up anew.
"""

from base64 import urlsafe_b64encode
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PURPOSE = b"annals mfa_authenticator 1"  # other uses of SECRET_KEY never get the same key


class Unreadable(Exception):
    """What was encrypted was changed, or SECRET_KEY has been another since."""


def encrypt(text: str) -> str:
    """Return the text as it can be stored."""
    return _keys().encrypt(text.encode()).decode()


def decrypt(stored: str) -> str:
    """Return the text that `encrypt` was given, under SECRET_KEY or one of SECRET_KEY_FALLBACKS.

    Raises Unreadable.
    """
    try:
        return _keys().decrypt(stored).decode()
    except InvalidToken as error:
        raise Unreadable from error


def _keys() -> MultiFernet:
    return MultiFernet([_key(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


@cache
def _key(secret: str) -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=PURPOSE).derive(secret.encode())
    return Fernet(urlsafe_b64encode(derived))
