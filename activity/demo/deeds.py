"""What people do to contacts and comments, each as a step."""

from typing import Any
from uuid import UUID

from activity.context import Context
from activity.demo.life import Life, Step
from contacts.models import Comment


def add_comment(context: Context, pk: UUID, contact_id: UUID, body: str) -> Step:
    """Return the step that adds a comment."""

    def do(life: Life) -> None:
        at = context.started_at
        who = context.actor_id  # ids, as a model takes its time to look who they are of
        row = Comment(id=pk, contact_id=contact_id, author_id=who, body=body, created_at=at)
        life.put(row, "comment.added")

    return Step(context, do)


def edit_comment(context: Context, pk: UUID, body: str) -> Step:
    """Return the step that gives a comment another text."""

    def do(life: Life) -> None:
        row = life.rows[pk]
        row.body, row.edited_at = body, context.started_at
        life.put(row, "comment.edited")

    return Step(context, do)


def delete_comment(context: Context, pk: UUID) -> Step:
    """Return the step that leaves a tombstone in a comment's place."""

    def do(life: Life) -> None:
        row = life.rows[pk]
        row.deleted_at, row.deleted_by = context.started_at, context.actor
        life.put(row, "comment.deleted")

    return Step(context, do)


def change(context: Context, contact_id: UUID, values: dict[str, Any]) -> Step:
    """Return the step that gives fields of a contact other values."""

    def do(life: Life) -> None:
        row = life.rows[contact_id]
        for name, value in values.items():
            setattr(row, name, value)
        life.put(row, "contact.updated")

    return Step(context, do)


def archive_or_restore(context: Context, contact_id: UUID, reasons: tuple[str, str]) -> Step:
    """Return the step that archives a contact, or restores one that is archived.

    `reasons` holds the one for archiving and the one for restoring.
    """

    def do(life: Life) -> None:
        row = life.rows[contact_id]
        verb, reason = (
            ("contact.restored", reasons[1])
            if row.archived_at
            else ("contact.archived", reasons[0])
        )
        row.archived_at = None if row.archived_at else context.started_at
        life.put(row, verb, {"reason": reason})

    return Step(context, do)
