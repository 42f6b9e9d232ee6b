"""A share whose link was mailed, and its page."""

import re
from typing import Any

from django.core import mail as django_mail
from django.utils.html import strip_tags

from activity.models import ActivityEvent
from contacts.mail import deliver
from contacts.models import Contact, Share
from tests.builders import make_user

OTHER = "facilities@wren.example"


def make_share(contact: Contact, **fields: Any) -> Share:
    fields = {
        "recipients": [OTHER],
        "fields": ["name", "phones"],
        "note": "For the <b>tender</b>",
        "link_days": 7,
    } | fields
    share = Share.draft(contact, sender=make_user(name="Max"), **fields)
    share.send()
    return share


def path_of(share: Share, recipient: str = OTHER) -> str:
    """Send what waits for that address; return the path of the link that it got."""
    deliver(share.deliveries.get(recipient=recipient, state="queued").pk)
    mail = django_mail.outbox[-1]
    assert mail.to == [recipient]
    [address] = set(re.findall(r"/s/[\w-]{43}/", mail.body))
    assert address in mail.alternatives[0][0]
    return address


def text(answer: Any) -> str:
    return " ".join(strip_tags(answer.content.decode()).split())


def plain(answer: Any) -> str:
    """Return a page without the token against forgery, which differs each time."""
    return re.sub(r"\b\w{64}\b", "", answer.content.decode())


def visits(share: Share) -> int:
    return ActivityEvent.objects.filter(object_id=share.pk, verb="share.link_opened").count()
