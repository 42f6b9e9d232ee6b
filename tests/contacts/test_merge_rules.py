"""What holds for either of two merged contacts holds for both: mails, portals, bulk actions."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from activity.filters import Filters
from activity.models import ActivityEvent
from activity.timeline import read
from contacts.mail import deliver
from contacts.models import (
    Attachment,
    Blocked,
    BulkRun,
    CannotMerge,
    Contact,
    ContactMerged,
    Delivery,
    DuplicatePair,
    Message,
)
from contacts.unsubscribing import unsubscribe_address
from tests.builders import make_contact, make_user
from tests.contacts import outbox
from tests.contacts.portal_people import answer, make_amara, make_portal

pytestmark = pytest.mark.django_db


@pytest.fixture
def amara() -> Contact:
    return make_amara()


@pytest.fixture
def double() -> Contact:
    return outbox.ana()


@pytest.fixture
def max() -> object:
    return make_user(name="Max")


def merged(survivor: Contact, other: Contact, **values) -> tuple[Contact, Contact]:
    survivor, other = (Contact.objects.get(pk=each.pk) for each in (survivor, other))
    survivor.absorb(other, values)
    return Contact.objects.get(pk=survivor.pk), Contact.objects.get(pk=other.pk)


def text(response) -> str:
    return " ".join(strip_tags(response.content.decode()).split())


@pytest.mark.parametrize("who", ["survivor", "other"])
def test_an_opt_out_of_either_is_kept_and_stops_what_either_waits_for(amara, double, who):
    mails = [outbox.message(amara), outbox.message(double), outbox.invitation(double)]
    said = amara if who == "survivor" else double
    # Said when nothing waited: without the queue being stopped by it.
    Contact.objects.get(pk=said.pk).opt_out(source="team", reason="Asked on the phone")
    Delivery.objects.filter(pk__in=[mail.pk for mail in mails]).update(state="queued")
    amara, double = merged(amara, double)
    assert amara.do_not_contact_at and amara.do_not_contact_reason == "Asked on the phone"
    assert {outbox.state(mail) for mail in mails[:2]} == {"cancelled"}
    with pytest.raises(Blocked, match="Amara Okonkwo asked not to be contacted"):
        outbox.message(amara)


def test_an_opt_out_after_the_merge_takes_back_invitations_of_the_merged_one(amara, double):
    invited = outbox.invitation(double).invitation
    amara, double = merged(amara, double)
    amara.opt_out(source="team")
    invited.refresh_from_db()
    assert (invited.state, invited.links.count()) == ("revoked", 0)


def test_an_opt_out_after_the_merge_stops_mail_to_the_merged_one(amara, double):
    mail = outbox.message(double)
    amara, double = merged(amara, double)
    amara.opt_out(source="team")
    assert outbox.state(mail) == "cancelled"


def test_a_worker_sends_nothing_to_one_whose_survivor_is_archived(amara, double, mailoutbox):
    mail = outbox.message(double)
    amara, double = merged(amara, double)
    amara.archive()
    assert outbox.state(mail) == "cancelled"
    Delivery.objects.filter(pk=mail.pk).update(state="queued")
    deliver(mail.pk)
    assert (outbox.state(mail), mailoutbox) == ("cancelled", [])


def test_what_waits_for_the_merged_one_is_sent_as_planned(amara, double, mailoutbox):
    mail = outbox.message(double)
    merged(amara, double)
    deliver(mail.pk)
    assert (outbox.state(mail), len(mailoutbox)) == ("sent", 1)


def test_the_link_in_a_mail_to_the_merged_one_stops_mail_to_both(client, amara, double):
    path = "/u/" + unsubscribe_address(double).rstrip("/").rpartition("/")[2] + "/"
    amara, double = merged(amara, double)
    client.post(path)
    assert Contact.objects.get(pk=amara.pk).do_not_contact_at
    assert client.get(path).context["is_done"]


def test_parted_again_an_opt_out_that_was_said_since_holds_for_both(amara, double):
    amara, double = merged(amara, double)
    amara.opt_out(source="recipient")
    amara.part(double)
    assert all(each.do_not_contact_at for each in Contact.objects.all())


def test_parted_again_an_opt_out_of_the_other_alone_is_its_own(amara, double):
    double.opt_out(source="team")
    amara, double = merged(amara, double)
    amara.part(double)
    assert not Contact.objects.get(pk=amara.pk).do_not_contact_at
    assert Contact.objects.get(pk=double.pk).do_not_contact_at


def test_a_message_to_the_merged_one_is_sent_again_from_the_survivors_page(client, amara, double):
    mail = outbox.message(double)
    amara, double = merged(amara, double)
    client.force_login(outbox.mia())
    path = reverse("message_cancel", args=[mail.message_id])
    assert client.post(path).url.startswith(amara.get_absolute_url())
    assert outbox.state(mail) == "cancelled"
    path = reverse("message_retry", args=[mail.message_id])
    assert client.post(path, {"address": outbox.ANA}).url.startswith(amara.get_absolute_url())
    assert Message.objects.get().deliveries.count() == 2


def test_an_answer_to_the_merged_one_stands_on_the_survivors_page(amara, double):
    amara, double = merged(amara, double)
    Contact.objects.filter(pk=amara.pk).update(last_activity_at=amara.created_at)
    answer(double, body="I have moved to Leeds", via="email")
    amara.refresh_from_db()
    page = read(amara.pk, Filters(), contact=amara)
    assert page.events[0].verb == "message.received"
    assert Contact.objects.get(pk=amara.pk).last_activity_at > amara.created_at


def test_the_portal_of_the_merged_one_keeps_its_own_conversation_and_no_more(
    client, amara, double, max
):
    user = make_portal(double, email=outbox.ANA)
    outbox.message(double, body="For Ana alone")
    outbox.message(amara, body="For Amara alone")
    Delivery.objects.update(state="sent")
    amara, double = merged(amara, double)
    client.force_login(user)
    page = text(client.get(reverse("portal_conversation", args=[double.pk])))
    assert "For Ana alone" in page and "For Amara alone" not in page
    assert client.get(reverse("portal_conversation", args=[amara.pk])).status_code == 404
    path = reverse("portal_reply", args=[double.pk])
    form = {"body": "Thank you", "id": "0199f3c2-7a5e-7c1d-9b0e-2f4d8a6c1e55"}
    assert client.post(path, form).status_code == 303
    client.force_login(max)
    assert "Thank you" in text(client.get(amara.get_absolute_url()))
    client.force_login(user)
    client.post(reverse("portal_mail", args=[double.pk]), {"wanted": "no"})
    assert Contact.objects.get(pk=amara.pk).do_not_contact_at
    client.post(reverse("portal_mail", args=[double.pk]), {"wanted": "yes"})
    assert not Contact.objects.get(pk=amara.pk).do_not_contact_at


def test_a_bulk_action_leaves_out_what_was_merged_meanwhile(amara, double, max):
    run = BulkRun.select("archive", Contact.objects.all(), max, "")
    amara, double = merged(amara, double)
    run.draft({"reason": ""})
    assert run.expected == 1
    assert run.start(by_worker=False)
    run.run()
    assert Contact.objects.get(pk=amara.pk).is_archived
    assert not Contact.objects.get(pk=double.pk).is_archived
    with pytest.raises(ContactMerged):
        Contact.objects.locked(double.pk)


def test_the_survivor_takes_no_more_than_a_page_can_read(amara, double, monkeypatch):
    monkeypatch.setattr("contacts.models.merging.MERGED_MAX", 1)
    amara, double = merged(amara, double)
    with pytest.raises(CannotMerge, match="consists of 1 merged contacts"):
        merged(amara, make_contact(given_name="Third"))


def test_fields_that_only_a_verb_changes_cannot_be_taken(amara, double):
    with pytest.raises(KeyError):
        amara.absorb(double, {"archived_at": None})


def test_erased_with_its_survivor_nothing_of_it_is_left(amara, double):
    message = answer(double, body="Secret", via="email")
    amara, double = merged(amara, double)
    amara.delete()
    assert not Message.objects.filter(pk=message.pk).exists()
    assert not Attachment.objects.exists() and not DuplicatePair.objects.exists()
    assert not double.history.exists()
    told = ActivityEvent.objects.filter(payload__icontains="Costa")
    assert not told.exists()


def test_a_handover_that_was_made_stays_the_same_when_more_is_merged(client, amara, double, max):
    client.force_login(max)
    sheets = [client.post(reverse("contact_handover", args=[amara.pk])).url]
    merged(amara, double)
    sheets += [client.post(reverse("contact_handover", args=[amara.pk])).url]
    first, second = (client.get(sheet) for sheet in sheets)
    assert first.context["handover"].is_as_made and second.context["handover"].is_as_made
    assert "from Ana Costa, merged" in text(second)
    assert "from Ana Costa, merged" not in text(first)


def test_client_is_led_on_from_fragments_too(client: Client, amara, double, max):
    client.force_login(max)
    amara, double = merged(amara, double)
    path = reverse("timeline", args=[double.pk])
    assert client.get(path, headers={"HX-Request": "true"}).status_code == 302
