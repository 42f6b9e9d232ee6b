"""A share's row: how far its mail got, and what can be done about it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from uuid_utils.compat import uuid7

from accounts.models import User
from contacts.models import Contact, Delivery, Link, Share
from tests.contacts.shares.sharing import HTMX, OTHER, OWN, share, text, verbs

pytestmark = pytest.mark.django_db


class TestRow:
    @pytest.fixture
    def sent(self, client: Client, max_: User, amara: Contact) -> Share:
        share(client, amara, to=f"{OWN}, {OTHER}", link_days="7", with_card="on")
        return Share.objects.get()

    def row(self, client: Client, sent: Share, **query: str) -> Any:
        return client.get(reverse("share_row", args=[sent.pk]), query, headers=HTMX)

    def test_says_what_went_where_and_asks_again_while_it_is_on_its_way(
        self, client: Client, sent: Share
    ) -> None:
        row = self.row(client, sent)
        for words in (OWN, OTHER, "Queued", "Email", "vCard", "Link until", "Take back link"):
            assert words in text(row)
        assert "every 2s" in row.content.decode()
        assert self.row(client, sent, seen=Share.for_timeline([sent.pk])[sent.pk].stamp
                        ).status_code == 204  # fmt: skip
        Delivery.objects.update(state="sent")
        assert "every 2s" not in self.row(client, sent).content.decode()

    def test_stands_on_the_contacts_page(self, client: Client, sent: Share, amara: Contact) -> None:
        page = text(client.get(amara.get_absolute_url()))
        assert f"Max shared this contact with {OWN}, {OTHER}" in page

    def test_what_failed_says_why_and_can_be_sent_again(
        self, client: Client, sent: Share, amara: Contact
    ) -> None:
        failed = Delivery.objects.get(recipient=OTHER)
        Delivery.objects.filter(pk=failed.pk).update(state="failed", error="No such mailbox.")
        row = self.row(client, sent)
        assert "No such mailbox." in text(row)
        assert "Send again" in text(row)
        amara.phones = ["+12022243441"]
        amara.save()
        path = reverse("share_resend", args=[sent.pk])
        assert client.post(path, {"address": OTHER}).status_code == 303
        again = Delivery.objects.filter(recipient=OTHER).order_by("-id")[0]
        # It is what was shared then, whatever has become of the contact.
        assert (again.text, again.attachments) == (failed.text, failed.attachments)
        assert verbs(amara)[-1] == "share.resent"
        client.post(path, {"address": OTHER})
        client.post(path, {"address": "stranger@x.example"})
        assert Delivery.objects.count() == 3

    def test_is_not_sent_again_while_the_contact_is_archived(
        self, client: Client, sent: Share, amara: Contact
    ) -> None:
        Delivery.objects.update(state="failed")
        Contact.objects.get(pk=amara.pk).archive()
        path = reverse("share_resend", args=[sent.pk])
        answer = client.post(path, {"address": OTHER}, headers=HTMX)
        assert answer.status_code == 409
        assert "is archived" in answer.headers["HX-Trigger"]
        assert "Send again" not in text(self.row(client, sent))
        assert Delivery.objects.count() == 2

    def test_an_uncertain_mail_is_somebodys_decision(self, client: Client, sent: Share) -> None:
        Delivery.objects.update(state="uncertain")
        row = text(self.row(client, sent))
        assert "It arrived" in row
        assert "Send again" in row

    def test_the_link_is_taken_back_once(self, client: Client, sent: Share, amara: Contact) -> None:
        Link.make(share=sent, recipient=OTHER)
        path = reverse("share_revoke", args=[sent.pk])
        answer = client.post(path, {"newest": "0"}, headers=HTMX)
        assert "Link: Taken back" in text(answer)
        assert "took back a shared link" in text(answer)
        assert not Link.objects.exists()
        client.post(path)
        assert verbs(amara).count("share.revoked") == 1

    def test_a_resent_mail_of_a_closed_link_names_none(self, client: Client, sent: Share) -> None:
        client.post(reverse("share_revoke", args=[sent.pk]))
        Delivery.objects.update(state="failed")
        client.post(reverse("share_resend", args=[sent.pk]), {"address": OTHER})
        assert "/s/" not in Delivery.objects.order_by("-id")[0].text

    def test_of_no_share_is_404(self, client: Client, sent: Share) -> None:
        assert client.get(reverse("share_row", args=[uuid7()])).status_code == 404
        assert client.post(reverse("share_revoke", args=[uuid7()])).status_code == 404
