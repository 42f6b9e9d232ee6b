"""What a message shows on its row of the timeline."""

from collections.abc import Iterable
from typing import Any

from contacts.markdown import render
from contacts.models.delivery import Delivery


class MessageRow:
    """The part of a message that its row of the timeline shows, and what it depends on."""

    objects: Any
    contact: Any
    attachments: Any
    body: str
    quoted: str
    subject: str
    delivery: Delivery | None
    answered_by: Any = None  # who wrote the first answer to it, on the timeline

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
        return state in {"queued", "cancelled"} and not self.attachments.all()

    @classmethod
    def for_timeline(cls, ids: Iterable[Any]) -> dict[Any, Any]:
        """Return {id: message} with all that its row shows, in as many queries for 1 as for 50."""
        found = cls.objects.select_related("contact").prefetch_related("attachments")
        rows = found.in_bulk(ids)
        deliveries = Delivery.objects.latest_of("message", rows)
        answers = cls.objects.filter(
            contact__in={message.contact_id for message in rows.values()},
            in_reply_to__in=[message.pk for message in rows.values() if message.incoming],
            deliveries__state__in=("queued", "sending", "sent", "uncertain"),
        )
        answered_by = {
            answer.in_reply_to_id: answer.author
            for answer in answers.select_related("author").order_by("-id")
        }
        for message in rows.values():
            message.deliveries_newest_first = deliveries.get(message.pk, [])
            message.answered_by = answered_by.get(message.pk)
        return rows

    @property
    def stamp(self) -> str:
        """Return what its drawn row depends on, but for the event."""
        told = [self.contact.version, self.answered_by and self.answered_by.pk]
        if delivery := self.delivery:
            told += [delivery.pk, delivery.state, delivery.attempts, bool(delivery.delivered_at)]
        return "-".join(map(str, told))

    def rights(self, viewer: Any) -> dict[str, bool]:
        """Return what that user may do on its row."""
        return {"may_send": viewer.has_perm("contacts.add_message")}
