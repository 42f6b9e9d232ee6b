"""`{% load following %}`: whether the viewer follows a contact."""

from django import template
from django.template.context import RequestContext

from contacts.models import Contact, Follow

register = template.Library()


@register.simple_tag(takes_context=True)
def is_followed(context: RequestContext, contact: Contact) -> bool:
    """Tell whether the viewer follows the contact; its page has read that with it."""
    known = vars(contact).get("is_followed")
    return Follow.objects.is_following(context["user"], contact) if known is None else known
