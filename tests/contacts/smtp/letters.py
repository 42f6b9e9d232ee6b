"""A mail to send, and servers to send it to."""

from typing import Any

from django.core.mail import EmailMultiAlternatives


def letter(to: str = "ana@calder.example", **options: Any) -> EmailMultiAlternatives:
    """Return a mail with everything a mail has."""
    options = {"headers": {"Message-ID": "<1@annals.example>"}, **options}
    mail = EmailMultiAlternatives(
        "Bonjour Ána", "Text\n.\nmore", "us@annals.example", [to], **options
    )
    mail.attach_alternative("<p>Text</p>", "text/html")
    mail.attach("list.csv", "a,b\n", "text/csv")
    return mail
