"""Merging two contacts as the page does, and undoing it."""

from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from contacts.models import Contact


def address(contact: Contact, other: Contact) -> str:
    return reverse("contact_merge", args=[contact.pk, other.pk])


def sent(contact: Contact, other: Contact, **more) -> dict:
    return {"version": contact.version, "other_version": other.version, **more}


def text(answer) -> str:
    return " ".join(strip_tags(answer.content.decode()).split())


def merge(client: Client, contact: Contact, other: Contact, **more):
    return client.post(address(contact, other), sent(contact, other, **more))


def unmerge(client: Client, other: Contact, **more):
    return client.post(reverse("contact_unmerge", args=[other.pk]), more)


def fresh(*contacts: Contact) -> list[Contact]:
    return [Contact.objects.get(pk=each.pk) for each in contacts]
