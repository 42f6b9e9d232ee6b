"""The search for comments in mails finds one: proof that its silence means something."""

import pytest

from contacts.models import Comment, Message
from tests.builders import make_comment, make_contact, make_user
from tests.overheard import leaks, listening


@pytest.mark.django_db
def test_a_comment_that_somebody_copies_into_a_message_would_be_noticed() -> None:
    contact = make_contact(given_name="Amara", emails=["amara@calderwren.example"])
    mia = make_user(name="Mia")
    with listening() as (comments, mails):
        comment = make_comment(contact, mia, body="Their budget is 40,000.")
        Message.send(contact, author=mia, address=contact.email, body="Good morning")
        assert leaks(comments, mails) == []
        mails.append(f"Hello,\n{comment.body}\n")
    assert leaks(comments, mails) == ["Their budget is 40,000."]
    assert Comment.objects.get().body in comments
    assert any("Good morning" in mail for mail in mails)
