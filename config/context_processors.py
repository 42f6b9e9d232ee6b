"""What every template may use beside the request and the user."""

from django.conf import settings
from django.http import HttpRequest

from config.mail import folder


def site(request: HttpRequest) -> dict[str, str | bool]:
    """Return the installation's name, its support address, and whether mail is kept at /mail/."""
    return {
        "site_name": settings.SITE_NAME,
        "support_email": settings.SUPPORT_EMAIL,
        "mail_is_kept": folder.is_used(),
    }
