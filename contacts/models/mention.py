"""Whom a comment names: `@Max` in its text, kept as the person who was meant when it was saved."""

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce, NullIf
from django.dispatch import Signal
from django.utils.functional import cached_property

from contacts.markdown import MARK, named_in, render, small

if TYPE_CHECKING:
    from contacts.models.comment import Comment

# Sent with `comment` and `user_ids`, whom it names and did not name before, when it is saved.
mentioned = Signal()

READS = "contacts.view_contact"
MOST = 50  # people whom one comment may name
# What a person is called today.
NAME = Coalesce(NullIf("user__name", Value("")), "user__email", output_field=models.TextField())


def people() -> Any:
    """Return the users who may be mentioned: the active ones who see contacts."""
    return ModelBackend().with_perm(READS).order_by("name", "email")


def labels(users: Iterable[Any]) -> dict[str, Any]:
    """Return {what one may be called by: user}, in small letters, without what two are called by.

    By address, whole name or first name; who is called Max and nothing else is meant by it before
    those of whom it is a part.
    """
    users = list(users)
    wholes = Counter(small(user.name) for user in users)
    firsts = Counter(_first(user) for user in users)
    found = {_first(user): user for user in users if firsts[_first(user)] == 1}
    found = {first: user for first, user in found.items() if first not in wholes}
    found |= {small(user.name): user for user in users if wholes[small(user.name)] == 1}
    found |= {small(user.email): user for user in users}
    found.pop("", None)
    return found


def label_of(user: Any, names: Counter[str]) -> str:
    """Return what to write to mention a user, where `names` are those of all, in small letters."""
    return user.name if names[small(user.name)] == 1 and user.name.strip() else user.email


def _first(user: Any) -> str:
    return next(iter(small(user.name).split()), "")


class MentionManager(models.Manager):
    """Finds out whom comments name."""

    def keep(self, comment: "Comment", before: str = "") -> None:
        """Note whom the text names now, where `before` is what it said, and tell who is new.

        Whoever was meant by a name stays meant by it, whatever others are called since.
        """
        if MARK not in comment.body and MARK not in before:
            return
        known = {each.label: each.user_id for each in self.filter(comment=comment)}
        found = self._found(comment, known)
        self.filter(comment=comment).exclude(label__in=found).delete()
        fresh = {label: pk for label, pk in found.items() if label not in known}
        self.bulk_create(
            Mention(comment=comment, user_id=pk, label=label) for label, pk in fresh.items()
        )
        vars(comment).pop("named", None)
        if new := set(fresh.values()) - set(known.values()):
            mentioned.send(sender=type(comment), comment=comment, user_ids=sorted(new))

    def _found(self, comment: "Comment", known: dict[str, Any]) -> dict[str, Any]:
        """Return {name as it stands in the text, in small letters: id of who is meant}."""
        # Whoever is called like the author is another one: so the author is among them, too.
        meant = {label: user.pk for label, user in labels(_likely(comment.body)).items()}
        found = {}
        for label in named_in(comment.body, meant | known):
            pk = known.get(label, meant.get(label))
            if pk != comment.author_id and len({*found.values(), pk}) <= MOST:
                found[label] = pk
        return found

    def told(self) -> ArraySubquery:
        """Return [[name in the text, present name]] of each comment of a query, in a subquery.

        Who is not active any more is called as in the text.
        """
        of_comment = self.filter(comment=models.OuterRef("pk"), user__is_active=True)
        pair = Func(
            F("label"),
            NAME,
            template="ARRAY[%(expressions)s]",
            output_field=ArrayField(models.TextField()),
        )
        return ArraySubquery(of_comment.order_by("pk").values(pair=pair))


class Mention(models.Model):
    """That a comment names somebody of the team, by `label`: a name or address, in small letters.

    The text keeps what was typed. It is drawn with what the person is called today.
    """

    comment = models.ForeignKey(
        "contacts.Comment",
        on_delete=models.CASCADE,
        related_name="mentions",
        db_index=False,  # the constraint's index begins with it
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    label = models.CharField(max_length=254)

    objects = MentionManager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["comment", "label"], name="mention_once_by_each_name")
        ]

    def __str__(self) -> str:
        return MARK + self.label


def _likely(text: str) -> Any:
    """Return the people of whom a text may name one: by the word that follows each mark."""
    wanted = Q(pk=None)
    for after in text.split(MARK)[1 : 4 * MOST]:
        if word := next(iter(after[:254].split()), ""):
            start = "".join(_letters(word))
            wanted |= Q(name__istartswith=start) | Q(email__istartswith=start)
    return people().filter(wanted)


def _letters(word: str) -> Iterable[str]:
    """Yield what stands at the beginning of a word and may be part of a name."""
    for letter in word:
        if not letter.isalnum():
            return
        yield letter


class Mentioning(models.Model):
    """The part of a comment that names people: shown by what they are called today."""

    pk: Any
    body: str

    class Meta:
        abstract = True

    @cached_property
    def named(self) -> tuple[tuple[str, str], ...]:
        """Return (name in the text, present name) of each mention of somebody who is active."""
        if MARK not in self.body:
            return ()
        told = vars(self).get("told_mentions")  # read together with others
        if told is None:
            active = Mention.objects.filter(comment=self.pk, user__is_active=True).order_by("pk")
            told = list(active.values_list("label", NAME))
        return tuple((label, name) for label, name in told)

    @property
    def html(self) -> str:
        """Return the text as harmless HTML."""
        return render(self.body, self.named)
