"""Personal links: what a recipient holds to open an invitation or a shared contact."""

import hashlib
import secrets
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# Stands in a mail as it is kept, in place of the token that only its recipient gets.
PLACEHOLDER = "personal-link"
TOKEN_BYTES = 32  # 256 bits


def digest(token: str) -> str:
    """Return what is kept of a token: its SHA-256, in hexadecimal."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


class Link(models.Model):
    """The fingerprint of a token that opens an invitation or a share; the token is kept nowhere.

    `recipient` is the address that it was mailed to, empty where somebody of the team copied it.
    A link that was taken back is deleted: nothing is left that its token could match.
    """

    digest = models.CharField(primary_key=True, max_length=64)
    invitation = models.ForeignKey(
        "contacts.Invitation", on_delete=models.CASCADE, null=True, related_name="links"
    )
    share = models.ForeignKey(
        "contacts.Share", on_delete=models.CASCADE, null=True, related_name="links"
    )
    recipient = models.EmailField(max_length=254, blank=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("personal link")
        verbose_name_plural = _("personal links")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="link_opens_one_thing",
                condition=Q(invitation__isnull=False, share__isnull=True)
                | Q(invitation__isnull=True, share__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.digest[:12]

    @classmethod
    def make(cls, **opens: Any) -> str:
        """Make a link to an `invitation` or a `share` and return its address, with the token.

        `recipient` says whom it is mailed to: the link mailed there before stops working.
        """
        same = {"invitation": None, "share": None, "recipient": "", **opens}
        cls.objects.filter(**same).delete()
        token = secrets.token_urlsafe(TOKEN_BYTES)
        cls.objects.create(digest=digest(token), **opens)
        return address("i" if opens.get("invitation") else "s", token)

    @classmethod
    def find(cls, token: str) -> Self | None:
        """Return the link of that token, or None; both take one look at the index."""
        return cls.of(digest(token))

    @classmethod
    def of(cls, fingerprint: str) -> Self | None:
        """Return the link of that digest, with all that it opens, or None."""
        return (
            cls.objects.filter(digest=fingerprint)
            .select_related("invitation__contact", "invitation__inviter", "share__contact")
            .first()
        )


def address(kind: str, token: str = PLACEHOLDER) -> str:
    """Return the full address of a link: `kind` "i" opens an invitation, "s" a share."""
    return f"{settings.SITE_URL}{path(kind, token)}"


def path(kind: str, token: str = PLACEHOLDER) -> str:
    """Return the part of that address which follows SITE_URL."""
    return f"/{kind}/{token}/"
