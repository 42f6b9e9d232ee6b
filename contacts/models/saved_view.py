"""Views of the list that people have given a name."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from contacts.models.import_failure import TELLING_DIGITS, Identity
from contacts.models.tag import Tag

VIEWS_MAX = 50  # of one person
SHARE = "contacts.share_views"


class SavedViewQuerySet(models.QuerySet):
    """Views by who may see and change them."""

    def for_user(self, user: Any) -> Self:
        """Return the user's own views and those of the team, by name."""
        return self.filter(models.Q(owner=user) | models.Q(shared=True)).order_by(
            Lower("name"), "pk"
        )

    def changeable_by(self, user: Any) -> Self:
        """Return those that the user may rename and delete: the own ones, and shared ones of others
        where the user may share.
        """
        rows = self.for_user(user)
        return rows if user.has_perm(SHARE) else rows.filter(owner=user)

    def forget(self, *identities: Identity) -> None:
        """Delete the views that tell of these people, who are gone.

        They hold an email, phone or whole name; or part of a name by which nobody is found any
        more, or a tag that no contact has.
        """
        views = list(self.only("name", "query"))
        tags = {view.tag for view in views if view.tag}
        used = set(Tag.objects.filter(name__in=tags).values_list("name", flat=True))
        parts = {
            part
            for identity in identities
            for name in identity.names
            for part in " ".join(name).lower().split()
        }
        contacts = self.model._meta.apps.get_model("contacts", "Contact").objects
        told = [
            view.pk
            for view in views
            if (view.tag and view.tag not in used)
            or any(view.tells_of(identity) for identity in identities)
            or (parts & set(view.words.split()) and not contacts.search(view.words).exists())
        ]
        self.filter(pk__in=told).delete()


class SavedView(models.Model):
    """What the list was narrowed to and how it was sorted, under a name.

    `query` is the query string of the list's address, as ContactFilter writes it. Views are
    somebody's own convenience: no event tells of them.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,  # the constraint's index begins with it
    )
    name = models.CharField(_("name"), max_length=60)
    query = models.TextField(blank=True)
    shared = models.BooleanField(_("shared with the team"), default=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        permissions = (("share_views", _("Can share views of the list with the team")),)
        constraints = [
            models.UniqueConstraint("owner", Lower("name"), name="view_name_once_for_each"),
        ]
        indexes = [
            models.Index(Lower("name"), name="view_shared", condition=models.Q(shared=True)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def tag(self) -> str:
        """Return the tag that it asks for, if any."""
        return QueryDict(self.query).get("tag", "")

    @property
    def words(self) -> str:
        """Return the words that it looks for, in lower case."""
        return QueryDict(self.query).get("q", "").lower()

    def tells_of(self, identity: Identity) -> bool:
        """Tell whether an email, a phone number or the whole name stands in what it looks for."""
        text = f"{self.name.lower()} {self.words}"
        words = set(text.split())
        return (
            any(email in text for email in identity.emails)
            or any(_last_digits(phone) in _digits(text) for phone in identity.phones)
            or any(
                all(name) and words.issuperset(" ".join(name).lower().split())
                for name in identity.names
            )
        )


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def _last_digits(phone: str) -> str:
    """Return those by which it is told however it was written; all of it where they are few."""
    digits = _digits(phone)
    return digits[-TELLING_DIGITS:] if len(digits) >= TELLING_DIGITS else phone
