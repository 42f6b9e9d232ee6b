"""Saving the form of a contact, and what is stored."""

from typing import Any

from django.test import Client

from contacts.models import Contact


def edit(browser: Client, contact: Contact, **sent: Any) -> Any:
    return browser.post(f"/contacts/{contact.pk}/edit", {"version": contact.version, **sent})


def stored(contact: Contact) -> Contact:
    return Contact.objects.get(pk=contact.pk)
