"""Whom locust plays: `python -m bench.load.sessions NUMBER` prints them as JSON, signed in.

It runs as Annals, beside its servers. People sign in without the form, as hashing 200 passwords
would be measured with the rest.
"""

import json
import os
import sys

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.test import Client  # noqa: E402  once Django is set up

from accounts.models import User  # noqa: E402
from contacts.models import Contact  # noqa: E402

OPEN, HOT = 2000, 20  # contacts that people open, and those that everybody opens
MANAGERS = 10  # each tenth may also export


def main(number: int) -> None:
    """Make so many people, sign each in, and print their sessions and what they work on."""
    sessions = []
    for index in range(number):
        email = f"load{index:03}@annals.example"
        role = "member" if index % MANAGERS else "manager"
        user = User.objects.filter(email=email).first() or User.objects.create_user(
            email, None, role, name=f"Load {index:03}"
        )
        client = Client()
        client.force_login(user)
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        sessions.append({"cookie": value, "role": role})
    living = Contact.objects.filter(archived_at=None, do_not_contact_at=None)
    busiest = living.order_by("-last_activity_at").values_list("pk", flat=True)
    found = {
        "sessions": sessions,
        "hot": [str(pk) for pk in busiest[:HOT]],
        "contacts": [str(pk) for pk in living.order_by("pk").values_list("pk", flat=True)[:OPEN]],
    }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(int(sys.argv[1]))
