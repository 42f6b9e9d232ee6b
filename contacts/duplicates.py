"""Contacts that may be the same person as a new one."""

from django.db.models import Func, Q, Value

from contacts.models import Contact, ContactQuerySet


def likely_duplicates(contact: Contact) -> ContactQuerySet:
    """Return the other contacts that share an email, a phone or the full name.

    Names are compared without case and accents; a company without a person by its name.
    """
    same = Q(emails__overlap=contact.emails) | Q(phones__overlap=contact.phones)
    if contact.given_name or contact.family_name or contact.organisation:
        no_emails = Value([], output_field=Contact._meta.get_field("emails"))
        names = map(Value, (contact.family_name, contact.given_name, contact.organisation))
        same |= Q(sort_name=Func(*names, no_emails, function="annals_sort_name"))
    return Contact.objects.unmerged().filter(same).exclude(pk=contact.pk)
