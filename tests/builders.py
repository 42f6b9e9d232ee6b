"""What tests start from: people of each role, and contacts."""

from typing import Any

from accounts.models import User
from contacts.models import Comment, Contact

PEOPLE = {
    "Ada": "administrator",
    "Max": "manager",
    "Mia": "member",
    "Ben": "member",
    "Vic": "viewer",
}


def make_user(role: str = "", name: str = "Mia", **fields: Any) -> User:
    """Make somebody of the team; by name alone, the person of that name in their usual role."""
    email = fields.pop("email", f"{name.lower()}@annals.example")
    role = role or PEOPLE.get(name, "member")
    return User.objects.create_user(email, fields.pop("password", None), role, name=name, **fields)


def make_contact(**fields: Any) -> Contact:
    """Make a contact; without a name it is Amara Okonkwo of Calder & Wren."""
    if not fields.keys() & {"given_name", "family_name", "organisation", "emails", "phones"}:
        fields |= {"given_name": "Amara", "family_name": "Okonkwo", "organisation": "Calder & Wren"}
    contact = Contact(**fields)
    contact.save()
    return contact


def make_comment(contact: Contact, author: User | None = None, body: str = "Call back") -> Comment:
    """Make a comment; without an author it is Mia's."""
    author = author or User.objects.filter(name="Mia").first() or make_user(name="Mia")
    comment = Comment(contact=contact, author=author, body=body)
    comment.save()
    return comment
