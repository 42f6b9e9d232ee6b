"""What was said in comments, and every mail that was made, in the test that runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models.signals import post_save

SHORT = 6  # characters; a word or two stand in many a mail by chance


@contextmanager
def listening() -> Iterator[tuple[set[str], list[str]]]:
    """Yield the texts of all comments, and all that the mails of the outbox hold, as both come."""
    from contacts.models import Comment, Delivery, changed

    comments: set[str] = set()
    mails: list[str] = []

    def hear_comments(changes: Any, **kwargs: Any) -> None:
        for change in changes:
            texts = (change.before.get("body", ""), change.after.get("body", ""))
            comments.update(text.strip() for text in texts if len(text.strip()) > SHORT)

    def hear_mail(instance: Delivery, **kwargs: Any) -> None:
        mails.append("\n".join(map(str, vars(instance).values())))

    changed.connect(hear_comments, sender=Comment)
    post_save.connect(hear_mail, sender=Delivery)
    try:
        yield comments, mails
    finally:
        changed.disconnect(hear_comments, sender=Comment)
        post_save.disconnect(hear_mail, sender=Delivery)


def leaks(comments: set[str], mails: list[str]) -> list[str]:
    """Return the comments whose text stands in a mail."""
    return [comment for comment in comments if any(comment in mail for mail in mails)]
