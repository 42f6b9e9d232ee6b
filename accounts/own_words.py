"""Words that everybody would try in a password here: those of the site, its host and its roles."""

import re
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

ALWAYS = frozenset({"admin", "administrator", "annals", "contacts", "manager", "member", "viewer"})
SHORTEST = 4  # letters of a word; shorter ones stand in too many others
REST = 4  # letters that a password has to have besides


class OwnWordsValidator:
    """Refuses a new password that is such words, with figures and signs around them."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError where next to nothing is left without those words."""
        rest = known = password.casefold()
        for word in words():
            rest = rest.replace(word, "")
        if rest != known and len(re.sub(r"[\W\d_]", "", rest)) < REST:
            text = _("This password is too easy to guess: it is made of words of this site.")
            raise ValidationError(text, code="password_of_own_words")

    def get_help_text(self) -> str:
        """Return what to say beforehand."""
        return str(_("Your password cannot be made of words of this site, such as its name."))


def words() -> list[str]:
    """Return the words, longest first, in small letters."""
    named = f"{settings.SITE_NAME} {urlsplit(settings.SITE_URL).hostname}".casefold()
    own = {word for word in re.split(r"[\W\d_]+", named) if len(word) >= SHORTEST}
    return sorted(ALWAYS | own, key=lambda word: (-len(word), word))
