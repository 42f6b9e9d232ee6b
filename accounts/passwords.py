"""How passwords are stored, and how long one may be."""

from typing import Any

from django import forms
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

LONGEST = 1_000  # characters: more would only cost the server
TOO_LONG = _("A password has at most 1,000 characters.")


class Argon2(Argon2PasswordHasher):
    """Argon2id with 32 MiB, three passes and one lane: about 80 ms of one core.

    That is above what OWASP asks for at least (19 MiB, two passes, one lane:
    https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html), and needs a
    third of Django's own memory, so that many who sign in at once do not exhaust the server.
    """

    time_cost = 3
    memory_cost = 32 * 1024  # KiB
    parallelism = 1


class LengthValidator:
    """Refuses a new password that is too long."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError where the password is longer than LONGEST."""
        if len(password) > LONGEST:
            raise ValidationError(TOO_LONG, code="password_too_long")

    def get_help_text(self) -> str:
        """Return what to say beforehand."""
        return str(TOO_LONG)


def bound(field: forms.Field) -> None:
    """Have a field refuse what no password can be, before anything is computed from it.

    Without `maxlength`, by which browsers would cut off what was pasted and not say so.
    """
    field.validators.append(MaxLengthValidator(LONGEST, TOO_LONG))
