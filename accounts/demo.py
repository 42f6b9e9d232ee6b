"""The people of the demo, one for each role."""

import uuid

from django.contrib.auth.hashers import make_password

from accounts.changes import announcing
from accounts.models import User
from accounts.roles import Role

PASSWORD = "annals-demo"  # noqa: S105 - told to everybody who runs the demo
PEOPLE = (
    ("ada@annals.example", "Ada Lindqvist", Role.ADMINISTRATOR),
    ("max@annals.example", "Max Okafor", Role.MANAGER),
    ("mia@annals.example", "Mia Zhao", Role.MEMBER),
    ("vic@annals.example", "Vic Herrera", Role.VIEWER),
)

# Accepts an invitation in the demo's story, and so has a portal: contacts know her.
INVITED = "amara.okonkwo@calderwren.example"


def create_demo_users() -> list[User]:
    """Create the demo users who do not exist yet, and return all four in the order of PEOPLE.

    Those who exist keep their name, password and role.
    """
    users = {user.email: user for user in User.objects.filter(email__in=[p[0] for p in PEOPLE])}
    password = make_password(PASSWORD) if len(users) < len(PEOPLE) else ""
    for email, name, role in PEOPLE:
        if email not in users:
            user = User(pk=_key(email), email=email, name=name, password=password)
            with announcing([user.pk]):
                user.save(force_insert=True)
                user.assign_role(role)
            users[email] = user
    return [users[email] for email, _name, _role in PEOPLE]


def _key(email: str) -> uuid.UUID:
    """Return a key that is the same in every demo."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"mailto:{email}")
