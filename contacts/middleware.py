"""What a page answers when the contact it wanted to change was deleted meanwhile."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from contacts.models import ContactGone
from contacts.views.answers import toast
from contacts.views.detail import receipt


class ContactGoneMiddleware:
    """Answers ContactGone with 410: the receipt, or a message where a fragment was asked for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer that the contact is gone; leave any other error alone."""
        if not isinstance(error, ContactGone):
            return None
        if request.htmx:
            response = HttpResponse(status=410)
            response.headers["HX-Reswap"] = "none"
            return toast(response, _("This contact was deleted."), kind="bad")
        return receipt(request, error.receipt)
