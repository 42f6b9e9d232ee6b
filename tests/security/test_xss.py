"""Whatever is written into any field runs nowhere: on no page, in no mail, export or admin."""

from email import message_from_bytes, policy
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from activity.context import acting
from activity.models import ActivityExport
from config.mail import folder
from contacts.mail import letter
from contacts.models import (
    Attachment,
    BulkRun,
    Comment,
    CommentFile,
    Contact,
    Delivery,
    ImportRun,
    Invitation,
    Message,
    SavedView,
    Share,
)
from tests.builders import make_contact
from tests.security.corpus import CORPUS, WHOLE, Brought, brought, texts
from tests.security.declared import entries
from tests.security.things import PNG
from tests.security.world import World, keeping_mail

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_log")]
INTERNAL = "Not for mails: what else is there"  # another house rule looks for comments in mails
OF_VIEWERS = {"Contacts", "Timeline and history", "Comments", "Messages"}
HTMX = {"HX-Request": "true"}
LINES = (
    *("honorific", "given_name", "middle_name", "family_name", "suffix", "organisation"),
    *("job_title", "website", "street", "postal_code", "city", "region", "country"),
)


def fill(contact: Contact, number: int = 0) -> Contact:
    """Write the corpus into every field of a contact."""
    for place, name in enumerate(LINES):
        longest = Contact._meta.get_field(name).max_length
        fitting = texts(longest)
        for _skipped in range(place + number):
            next(fitting)
        setattr(contact, name, next(fitting))
    contact.website = "javascript:xss()//<xss30>"
    contact.emails = ['"<xss31>"@b.example', *contact.emails]
    contact.phones = ["<xss32 onx=1>"]
    contact.tags = [text for text in CORPUS if len(text) <= 50 and "," not in text][:20]
    contact.notes = WHOLE
    contact.save()
    return contact


def write_everywhere(world: World) -> dict[str, Any]:
    """Write the corpus wherever anybody can write something; return ids of what is new."""
    amara = fill(Contact.objects.get(pk=world.contact.pk))
    fill(Contact.objects.get(pk=world.others["twin"]), 3)
    fill(Contact.objects.get(pk=world.others["portal"]), 5)
    for place, user in enumerate(User.objects.order_by("pk")):
        user.name = CORPUS[place % len(CORPUS)][:60]
        user.save()
    image = SimpleUploadedFile('"><xss40 onx=1>.png', PNG, 'image/png; x="<xss41>"')
    file = SimpleUploadedFile("<xss42>\r\nX: y.html", WHOLE.encode(), "text/html")
    administrator = world.people["administrator"]
    for body in (WHOLE, CORPUS[0], CORPUS[3], f"@{world.max.name} {CORPUS[21]}"):
        comment = Comment(contact=amara, author=administrator, body=f"{body}\n{INTERNAL}")
        comment.save()
    comment.edit(f"{WHOLE}\n{INTERNAL}", comment.version)
    CommentFile.keep(comment, image)
    sent = Message.send(
        amara, author=administrator, address="amara@calder.example",
        subject=CORPUS[1], body=WHOLE, files=[file, image],
    )  # fmt: skip
    Delivery.objects.filter(message=sent).update(state="failed", attempts=1, error=WHOLE)
    Message.receive(
        amara, body=WHOLE, quoted=WHOLE, subject=CORPUS[0], via="email",
        address="<xss43>@b.example", files=[file], mail_id="<xss44>",
    )  # fmt: skip
    invitation = Invitation.send(
        amara, inviter=administrator, email="x@xss.example", role="client", note=WHOLE
    )
    share = Share.draft(
        amara, sender=administrator, recipients=["f@wren.example", "amara@calder.example"],
        fields=[*LINES[:5], "name", "notes", "website", "emails", "phones", "address", "tags"],
        note=WHOLE, link_days=7, with_card=True, files=[Attachment.keep(sent, file)],
    )  # fmt: skip
    share.send()
    SavedView.objects.create(owner=administrator, name=CORPUS[0], query=f"q={CORPUS[1]}&tag=<xss>")
    table = f'Name,Email,"{CORPUS[2]}",<xss45>\n' + "".join(
        f'"{text.replace(chr(34), chr(34) * 2)}",<xss46>@b,<xss47>,<xss48>\n' for text in CORPUS
    )
    name = "<xss49 onx=1>.csv"
    run = ImportRun.receive(ContentFile(table.encode(), name=name), administrator, source="<xss50>")
    run.start(run.targets, by_worker=False)
    run.run()
    draft = ImportRun.receive(ContentFile(table.encode(), name=name), administrator)
    bulk = BulkRun.select("message", Contact.objects.all(), administrator, query=f"q={CORPUS[1]}")
    bulk.draft({"subject": CORPUS[1], "body": WHOLE})
    twin = Contact.objects.get(pk=world.others["twin"])
    twin.archive(WHOLE)
    ActivityExport.objects.filter(made_by=administrator).update(query=f"q={CORPUS[1]}&actor=<xss>")
    gone = fill(make_contact(given_name="Gone"), 7)
    gone.delete(reason=WHOLE)
    return {
        "message": sent.pk, "share": share.pk, "comment": comment.pk, "invitation": invitation.pk,
        "import": run.pk, "draft": draft.pk, "bulk": bulk.pk, "gone": gone.pk,
        "share_token": world._token(share=share),
        "invitation_token": world._token(invitation=invitation),
    }  # fmt: skip


def mails() -> list[tuple[str, bytes]]:
    return [(str(each), letter(each).message().as_bytes()) for each in Delivery.objects.all()]


QUERY = "q=<xss60 onx=1>&tag=%22%3E%3Cxss61%3E&sort=<xss62>&compose=message&subject=<xss63>"


def test_nothing_that_was_written_runs_anywhere() -> None:
    alive, count = [], 0
    with keeping_mail():
        world = World()
        with acting(actor=world.people["administrator"], channel="web"):
            written = write_everywhere(world)
        for name, content in mails():
            html = message_from_bytes(content, policy=policy.default).get_body(("html",))
            alive += [f"mail {name}: {each}" for each in Brought(html.get_content()).offences]
            world.others["mail"] = folder.keep(content)
        first = world.own["administrator"] | {"portal": world.contact.pk}
        world.own["administrator"] = first | written
        world.own["viewer"] |= written
        world.own["portal"] |= {"attachment": Attachment.objects.first().pk}
        world.cases["draft"] = {"import": written["draft"]}
        for entry in entries():
            if "GET" not in entry.methods:
                continue
            roles = ["portal"] if entry.who == "portal" else ["administrator"]
            roles += ["viewer"] if entry.area in OF_VIEWERS else []
            cases = [entry.case, *(["draft"] if "/imports/" in entry.address.route else [])]
            for role, case in [(role, case) for role in roles for case in cases]:
                path = world.path(entry.address, role, case=case)
                for query, headers in ((QUERY, {}), ("", HTMX)):
                    if headers and (role == "viewer" or entry.is_of_admin):
                        continue
                    count += 1
                    with world.undone(role) as browser:
                        answer = browser.get(f"{path}?{query}", headers=headers)
                        alive += [f"{role} {path}: {each}" for each in brought(answer)]
                        if answer.status_code == 429 or answer.status_code >= 500:
                            alive.append(f"{role} {path}: {answer.status_code}")
        gone = world.browsers["administrator"].get(f"/contacts/{written['gone']}/")
        alive += [f"receipt: {each}" for each in brought(gone)]
    assert not alive, f"{len(alive)} in {count} answers:\n" + "\n".join(sorted(set(alive)))
