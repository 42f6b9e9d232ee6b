"""The contacts that are made and changed, the same for everybody."""

from collections.abc import Sequence
from typing import Any

_FIRST = ("Amara", "Bo", "Chiara", "Dmitri", "Elif", "Farid", "Grace", "Hana", "Ivo", "Jun")
_LAST = ("Okonkwo", "Lindqvist", "Rossi", "Petrov", "Yilmaz", "Haddad", "Mensah", "Sato", "Novak")
_TOWNS = ("Lagos", "Malmö", "Turin", "Sofia", "Izmir", "Tunis", "Accra", "Osaka", "Brno", "Busan")
_TITLES = ("Buyer", "Head of sales", "Engineer", "Director", "Office manager", "Adviser")


def person(number: int) -> dict[str, Any]:
    """Return the fields of a contact as people fill them in: about half of all there are."""
    first, last = _FIRST[number % 10], _LAST[number % 9]
    return {
        "given_name": first,
        "family_name": f"{last} {number}",
        "organisation": f"Company {number % 211}",
        "job_title": _TITLES[number % 6],
        "emails": [f"{first}.{number}@mail.example".lower()],
        "phones": [f"+4420794{number % 100_000:05}"],
        "street": f"{number % 97} High Street",
        "postal_code": f"{number % 90_000:05}",
        "city": _TOWNS[number % 10],
        "country": "United Kingdom",
        "tags": ["customer"],
        "notes": "Met at the fair in spring, wants an offer for the summer.",
    }


def change(contact: Any, turn: int) -> Sequence[str]:
    """Change two fields of a contact to values they did not have, and return their names.

    Both are part of what a contact is found by, as most fields that people change are.
    """
    contact.job_title = f"{_TITLES[turn % 6]} {turn}"
    contact.city = f"{_TOWNS[turn % 10]} {turn}"
    return "job_title", "city"
