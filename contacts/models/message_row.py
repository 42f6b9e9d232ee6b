"""What a message shows on its row of the timeline."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db.models import CharField, F, Func, JSONField
from django.utils.functional import cached_property

from contacts.markdown import render
from contacts.models.attachment import Attachment
from contacts.models.composed import Composed, any_of
from contacts.models.delivery import Delivery
from contacts.models.stored_file import files_of

FILES = files_of(Attachment, "message_id")
# Who answered a message first, if that left or will.
FIRST_ANSWER = """(
    SELECT coalesce(nullif(author.name, ''), author.email)
    FROM contacts_message AS answer JOIN accounts_user AS author ON author.id = answer.author_id
    WHERE answer.in_reply_to_id = %(expressions)s AND EXISTS (
        SELECT FROM contacts_delivery
        WHERE message_id = answer.id AND state IN ('queued', 'sending', 'sent', 'uncertain')
    )
    ORDER BY answer.id LIMIT 1
)"""


class MessageRow:
    """The part of a message that its row of the timeline shows, and what it depends on."""

    objects: Any
    contact: Any
    attachments: Any
    body: str
    quoted: str
    subject: str
    delivery: Delivery | None
    answered_by: str | None = None  # who wrote the first answer to it, on the timeline

    _on_rows: ClassVar = Composed(
        lambda model, ids: model.objects.annotate(
            told_deliveries=Delivery.objects.told_of("message"),
            told_files=Func(F("pk"), template=FILES, output_field=ArrayField(JSONField())),
            answered_by=Func(F("pk"), template=FIRST_ANSWER, output_field=CharField()),
        ).filter(any_of(ids))
    )

    @property
    def html(self) -> str:
        """Return the text as harmless HTML."""
        return render(self.body)

    @property
    def quoted_html(self) -> str:
        """Return what the answer quoted, as harmless HTML."""
        return render(self.quoted)

    @property
    def answer_subject(self) -> str:
        """Return the subject of an answer to it; empty where it has none itself."""
        if not self.subject or self.subject.lower().startswith("re:"):
            return self.subject
        return f"Re: {self.subject}"[:200]

    @property
    def state_at(self) -> Any:
        """Return when its delivery reached its state, or will be tried."""
        delivery = self.delivery
        return delivery and (delivery.delivered_at or delivery.finished_at or delivery.due_at)

    @property
    def may_edit(self) -> bool:
        """Tell whether it can be taken back, or was, to be written anew; a form holds no files."""
        state = self.delivery and self.delivery.state
        return state in {"queued", "cancelled"} and not self.files

    @cached_property
    def files(self) -> list[Attachment]:
        """Return the files that it carries."""
        return list(self.attachments.all())

    @classmethod
    def for_timeline(cls, ids: Iterable[Any]) -> dict[Any, Any]:
        """Return {id: message} with all that its row shows but the contact, in one query."""
        rows = cls._on_rows.ask(list(ids), shape=(cls,))
        for message in rows:
            message.deliveries_newest_first = Delivery.objects.heard(message.told_deliveries)
            message.files = [Attachment(**told) for told in message.told_files]
        return {message.pk: message for message in rows}

    @property
    def stamp(self) -> str:
        """Return what its drawn row depends on, but for the event."""
        told = [self.contact.version, self.answered_by]
        if delivery := self.delivery:
            told += [delivery.pk, delivery.state, delivery.attempts, bool(delivery.delivered_at)]
        return "-".join(map(str, told))

    def rights(self, viewer: Any) -> dict[str, bool]:
        """Return what that user may do on its row."""
        return {"may_send": viewer.has_perm("contacts.add_message")}
