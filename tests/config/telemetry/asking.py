"""A process of Annals that reports errors and traces: asks for pages full of what is personal."""

import os
import sys

NAME, EMAIL, TOKEN = "Quillfeather", "quill.feather@private.example", "tok3nTOK3Ntok3n"
PASSWORD, PHONE = "correct-horse-zebra", "+49 30 555 01 77"
SECRETS = (NAME, EMAIL, "quill.feather", "private.example", TOKEN, PASSWORD, PHONE, "555 01 77")


def main() -> None:
    """Ask, fail, and send what is to be sent before the process ends."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    from celery import shared_task
    from django.test import Client
    from django.urls import reverse

    from contacts.models import Link

    def fail(*args: object) -> None:
        typed = f"{NAME} {EMAIL}"  # as a variable of the place that fails
        raise ValueError(f"'{typed}' {PHONE}")

    @shared_task
    def failing(name: str) -> None:
        fail(name)

    client = Client(raise_request_exception=False, SERVER_NAME="localhost")
    everywhere = {"User-Agent": NAME, "Referer": f"https://x.example/{NAME}", "Cookie": NAME}
    query = {"q": EMAIL, "name": NAME, "phone": PHONE}
    client.get("/contacts/", query, headers=everywhere)
    client.get(f"/{EMAIL}/", query, headers=everywhere)
    sign_in = {"login": EMAIL, "password": PASSWORD}
    client.post(reverse("account_login"), sign_in, headers=everywhere)
    Link.find = fail
    answer = client.post(f"/i/{TOKEN}/", query | {"body": NAME}, headers=everywhere)
    failing.apply([NAME])
    sys.stdout.write(f"{answer.status_code} {answer.headers['X-Request-ID']}\n")


if __name__ == "__main__":
    main()
