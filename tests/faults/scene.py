"""Where the random operations take place, and who takes part."""

import random
import threading
from collections.abc import Callable
from typing import Any

from django.contrib.auth import get_user_model
from django.test import Client
from uuid_utils.compat import uuid7

from accounts.models import User
from contacts.models import Comment, Contact, Invitation, Message
from tests.builders import make_contact, make_user

ENOUGH = 40  # contacts that are talked of, be they there or gone
FORGOTTEN = "forgotten"
ROLES = ("administrator", "manager", "member")


class Undo(Exception):
    """Somebody thought better of it: what was done is rolled back."""


class Broken(Exception):
    """A page answered 500: its path, and what was raised."""


class World:
    """What all threads share: people, and the ids of contacts, of which some may be gone."""

    def __init__(self, contacts: int) -> None:
        self.team = {role: make_user(role, name=role.capitalize()) for role in ROLES}
        self.staff = [make_user("member", name=f"Staff{number}").pk for number in range(12)]
        self.contacts = [
            make_contact(given_name=f"Person{n}", emails=[f"person{n}@x.example"]).pk
            for n in range(contacts)
        ]


class Scene:
    """One thread's part: its own chance, browsers, and marks by which its changes are found."""

    def __init__(self, world: World, seed: int, number: int) -> None:
        self.world, self.number, self.steps = world, number, 0
        self.chance = random.Random(f"{seed}:{number}")  # noqa: S311 - no secret
        self.browsers = {role: Client() for role in ROLES}
        for role, browser in self.browsers.items():
            browser.raise_request_exception = False
            browser.force_login(world.team[role])

    def mark(self) -> str:
        """Return a text that is nowhere yet."""
        self.steps += 1
        return f"m{self.number}n{self.steps:05}z"

    def browser(self) -> Client:
        """Return the browser of somebody who may do most things."""
        return self.browsers[self.chance.choice(("administrator", "manager"))]

    def pk(self) -> Any:
        """Return the id of a contact, which may be gone."""
        return self.chance.choice(self.world.contacts)

    def contact(self) -> Contact:
        """Return a contact as it is now. Raises DoesNotExist where it is gone, or never was."""
        pk = self.pk()
        try:
            return Contact.objects.get(pk=pk)
        except Contact.DoesNotExist:
            if len(self.world.contacts) > ENOUGH and pk in self.world.contacts:
                self.world.contacts.remove(pk)
            raise

    def some(self, count: int = 4) -> Any:
        """Return a few contacts to be changed at once."""
        return Contact.objects.filter(pk__in=self.chance.sample(self.world.contacts, count))

    def comment(self) -> Comment:
        """Return one of the newest comments. Raises IndexError where there is none."""
        return self.chance.choice(list(Comment.objects.order_by("-id")[:20]))

    def message(self) -> Message:
        """Return one of the newest messages. Raises IndexError where there is none."""
        return self.chance.choice(list(Message.objects.order_by("-id")[:20]))

    def invitation(self) -> Invitation:
        """Return one of the newest invitations. Raises IndexError where there is none."""
        return self.chance.choice(list(Invitation.objects.order_by("-id")[:20]))

    def user(self) -> User:
        """Return one of those whom anything may happen to."""
        return get_user_model().objects.get(pk=self.chance.choice(self.world.staff))

    def born(self, contact: Contact) -> Contact:
        """Let others meet a new contact."""
        self.world.contacts.append(contact.pk)
        return contact


Deed = Callable[[Scene, str], Any]


def new_id() -> str:
    """Return an id as forms carry it."""
    return str(uuid7())


def in_threads(count: int, work: Any) -> None:
    """Call `work` with 0, 1, 2 ... in as many threads, and raise what any of them raised."""
    failures: list[BaseException] = []

    def run(number: int) -> None:
        try:
            work(number)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
