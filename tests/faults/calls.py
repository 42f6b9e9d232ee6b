"""What can be done to Annals with its models, as in a shell: one by one and in bulk.

What these take, return and raise: see tests/faults/pages.py.
"""

import tempfile
from io import StringIO
from pathlib import Path
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import transaction

from accounts.models import User
from accounts.roles import Role
from activity.context import acting
from contacts.models import Comment, Contact, Invitation, Message
from tests.faults.scene import FORGOTTEN, Deed, Scene


def create(scene: Scene, mark: str) -> Any:
    contact = Contact(given_name=mark, tags=[mark])
    contact.save()
    return scene.born(contact).pk


def change(scene: Scene, mark: str) -> Any:
    contact = scene.contact()
    contact.city, contact.tags = mark, [mark, *contact.tags][:3]
    contact.save()
    return contact.pk


def change_twice(scene: Scene, mark: str) -> Any:
    with transaction.atomic():
        contact = scene.contact()
        for field in ("street", "region"):
            setattr(contact, field, f"{field} {mark}")
            contact.save(update_fields=[field])
    return contact.pk


def overwrite_stale(scene: Scene, mark: str) -> Any:
    stale, contact = scene.contact(), scene.contact()
    contact.notes = "newer"
    contact.save()
    stale.notes = mark
    stale.save()
    return stale.pk


def comment(scene: Scene, mark: str) -> Any:
    with transaction.atomic():
        contact = Contact.objects.locked(scene.pk())
        Comment(contact=contact, author=scene.world.team["member"], body=mark).save()
    return contact.pk


def remove_comment(scene: Scene, mark: str) -> None:
    with transaction.atomic():
        Comment.objects.locked(scene.comment().pk).remove(by=scene.world.team["manager"])


def invite(scene: Scene, mark: str) -> None:
    with transaction.atomic():
        contact = Contact.objects.locked(scene.pk())
        email, inviter = contact.email, scene.world.team["manager"]
        Invitation.send(contact, inviter=inviter, email=email, role="client", note=mark)


def write(scene: Scene, mark: str) -> Any:
    with transaction.atomic():
        contact, author = Contact.objects.locked(scene.pk()), scene.world.team["member"]
        Message.send(contact, author=author, address=contact.email, body=mark)
    return contact.pk


def delete(scene: Scene, mark: str) -> None:
    with transaction.atomic():
        Contact.objects.locked(scene.pk()).delete(reason=mark)


def accept_and_delete(scene: Scene, mark: str) -> Any:
    """Give a contact a portal account, with a passkey, and then delete it with all of it."""
    with transaction.atomic():
        contact = Contact(given_name="Guest", emails=[f"{mark}@x.example"])
        contact.save()
        account = User.objects.create_user(contact.email, name=mark)
        inviter = scene.world.team["manager"]
        sent = Invitation.send(contact, inviter=inviter, email=contact.email, role="client")
        sent.accept(account)
        Authenticator.objects.create(
            user=account, type="webauthn", data={"name": mark, "credential": {}}
        )
    with transaction.atomic():
        Contact.objects.locked(contact.pk).delete(reason="Asked to be forgotten")
    return FORGOTTEN


def rename_user(scene: Scene, mark: str) -> Any:
    user = scene.user()
    user.name = mark
    user.save(update_fields=["name"])
    return user.pk


def give_role(scene: Scene, mark: str) -> None:
    user, group = scene.user(), Group.objects.get(name=scene.chance.choice(Role.values))
    scene.chance.choice((
        lambda: user.assign_role(group.name),
        lambda: user.groups.add(group),
        lambda: user.groups.remove(group),
        user.groups.clear,
        lambda: group.user_set.add(user),
        lambda: group.user_set.remove(user),
    ))()  # fmt: skip


def add_passkey(scene: Scene, mark: str) -> Any:
    user = scene.user()
    with transaction.atomic():
        data = {"name": mark, "credential": {"id": mark}}
        Authenticator.objects.create(user=user, type="webauthn", data=data)
    return user.pk


def remove_passkeys(scene: Scene, mark: str) -> None:
    scene.user().authenticator_set.all().delete()


# Bulk calls


def update_in_bulk(scene: Scene, mark: str) -> None:
    scene.some().update(city=mark)


def bulk_update(scene: Scene, mark: str) -> None:
    contacts = list(scene.some())
    for contact in contacts:
        contact.job_title = mark
    Contact.objects.bulk_update(contacts, ["job_title"])


def bulk_create(scene: Scene, mark: str) -> Any:
    contacts = [Contact(given_name=mark, family_name=str(number)) for number in range(3)]
    return scene.born(Contact.objects.bulk_create(contacts)[0]).pk


def delete_in_bulk(scene: Scene, mark: str) -> None:
    scene.some(1).delete()


def switch_users_in_bulk(scene: Scene, mark: str) -> None:
    keys = scene.chance.sample(scene.world.staff, 3)
    users = User.objects.filter(pk__in=keys)
    if scene.chance.random() < 0.5:
        users.update(is_active=scene.chance.random() < 0.7, name=mark)
    else:
        for user in (found := list(users)):
            user.name = mark
        User.objects.bulk_update(found, ["name"])


def create_users_in_bulk(scene: Scene, mark: str) -> Any:
    users = [User(email=f"{mark}{n}@x.example", name=mark, password="!") for n in range(2)]
    return User.objects.bulk_create(users)[0].pk


def import_file(scene: Scene, mark: str) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        path.write_text(f"First name,Email\n{mark},{mark}@x.example\nNobody,no address\n")
        with acting(channel="command", route="import_contacts"):
            call_command("import_contacts", str(path), stdout=StringIO())
    return scene.born(Contact.objects.get(given_name=mark)).pk


# How often each is done, in proportion.
CALLS: dict[Deed, int] = {
    create: 5, change: 10, change_twice: 4, overwrite_stale: 2, comment: 4, remove_comment: 1,
    invite: 1, write: 2, delete: 1, accept_and_delete: 1, rename_user: 3, give_role: 6,
    add_passkey: 1, remove_passkeys: 1, update_in_bulk: 4, bulk_update: 3, bulk_create: 2,
    delete_in_bulk: 1, switch_users_in_bulk: 2, create_users_in_bulk: 1, import_file: 1,
}  # fmt: skip
