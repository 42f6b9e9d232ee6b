"""Where nothing may be sent: the reason, and the way out."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from contacts.models import Contact, Delivery, Share
from tests.contacts.shares.sharing import HTMX, OTHER, OWN, share, text, verbs

pytestmark = pytest.mark.django_db


class TestBlocked:
    def test_an_archived_contact_is_restored_first(
        self, client: Client, max_: User, amara: Contact
    ) -> None:
        amara.archive()
        answer = share(client, amara, note="Keep me", headers=HTMX)
        assert answer.status_code == 409
        assert "nothing leaves until this contact is restored" in text(answer)
        assert "Keep me" in text(answer)
        assert not Share.objects.exists()
        restored = share(client, amara, note="Keep me", first="restore", headers=HTMX)
        assert "Keep me" in text(restored)
        amara.refresh_from_db()
        assert not amara.is_archived
        assert share(client, amara).status_code == 303

    def test_mail_to_the_own_address_of_somebody_who_wants_none_is_refused(
        self, client: Client, max_: User, amara: Contact
    ) -> None:
        amara.opt_out(source="team", reason="Asked")
        page = client.get(reverse("contact_shares_dialog", args=[amara.pk]))
        assert "asked not to be contacted" in text(page)
        assert "checked disabled" not in page.content.decode()
        answer = share(client, amara, to=OWN, note="Keep me", headers=HTMX)
        assert answer.status_code == 409
        assert "Keep me" in text(answer)
        assert not Delivery.objects.exists()
        assert share(client, amara, to=OTHER).status_code == 303

    def test_none_of_several_leaves_where_one_wants_none(
        self, client: Client, max_: User, amara: Contact
    ) -> None:
        amara.opt_out(source="team")
        assert share(client, amara, to=f"{OTHER} {OWN}").status_code == 409
        assert not Delivery.objects.exists()

    def test_the_way_out_is_one_press_and_keeps_the_text(
        self, client: Client, max_: User, amara: Contact
    ) -> None:
        amara.opt_out(source="team")
        answer = share(client, amara, to=OWN, note="Keep me", first="opt_in", headers=HTMX)
        assert (answer.status_code, "Keep me" in text(answer)) == (200, True)
        assert verbs(amara)[-1] == "contact.opted_in"
        assert share(client, amara, to=OWN).status_code == 303

    def test_without_scripts_the_way_out_is_the_same(
        self, client: Client, max_: User, amara: Contact
    ) -> None:
        amara.archive()
        page = share(client, amara, to=OWN, note="Keep me", first="restore")
        assert (page.status_code, "Keep me" in text(page)) == (200, True)
        assert "<html" in page.content.decode()
        assert verbs(amara)[-1] == "contact.restored"

    def test_an_unknown_way_out_is_refused(
        self, client: Client, max_: User, amara: Contact
    ) -> None:
        assert share(client, amara, first="delete").status_code == 403

    def test_of_a_contact_deleted_meanwhile_the_text_can_be_copied(
        self, client: Client, max_: User, amara: Contact
    ) -> None:
        pk = amara.pk
        amara.delete()
        amara.pk = pk
        answer = share(client, amara, note="Keep me", headers=HTMX)
        assert (answer.status_code, "Keep me" in text(answer)) == (410, True)
        assert client.get(reverse("contact_shares", args=[pk])).status_code == 410
