"""What every template may use beside the request and the user."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, str]:
    """Return the installation's name and support address for headers, titles and help links."""
    return {"site_name": settings.SITE_NAME, "support_email": settings.SUPPORT_EMAIL}
