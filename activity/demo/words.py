"""Puts together what nobody wrote by hand: people, companies, remarks."""

import random
import re
import tomllib
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

from contacts.models import Contact

_LATIN = str.maketrans("øłđðıßʻ’", "olddis  ")


@cache
def words() -> dict[str, Any]:
    """Return what words.toml holds."""
    return tomllib.loads((Path(__file__).parent / "words.toml").read_text())


def person(rng: random.Random) -> Contact:
    """Return a contact who works somewhere, not saved; one in twelve is known by a company only."""
    culture = rng.choice(words()["cultures"])
    given, given_latin = _name(rng.choice(culture["given"]))
    family, family_latin = _name(rng.choice(culture["family"]))
    parts = words()["companies"]
    company = f"{rng.choice(parts['names'])} {rng.choice(parts['kinds'])}"
    domain = f"{_latin(company)}.example"
    contact = Contact(
        organisation=company,
        website=f"https://{domain}" if rng.random() < 0.3 else "",
        city=rng.choice(culture["cities"]),
        country=culture["country"],
        tags=rng.sample(words()["work"]["tags"], rng.choice((0, 0, 1, 1, 1, 2, 3))),
        phones=[_phone(rng, culture["phones"])] if "phones" in culture else [],
    )
    if rng.random() < 1 / 12:
        contact.emails = [f"info@{domain}"]
    else:
        contact.given_name, contact.family_name = given, family
        contact.job_title = rng.choice(words()["work"]["titles"])
        contact.emails = [f"{given_latin}.{family_latin}@{domain}"]
    return contact


def remark(rng: random.Random) -> str:
    """Return what somebody might note after a call, in Markdown."""
    parts = words()["comments"]
    picked = [rng.choice(parts["openings"]), rng.choice(parts["middles"])][: rng.choice((1, 2, 2))]
    ending = rng.choice(parts["endings"])
    text = " ".join(picked) + (ending and f"\n\n{ending}")
    slots = {
        "topic": parts["topics"],
        "when": parts["whens"],
        "where": parts["places"],
        "number": range(1000, 9999),
    }
    return re.sub(r"{(\w+)}", lambda slot: str(rng.choice(slots[slot[1]])), text)


def _phone(rng: random.Random, ranges: list[str]) -> str:
    return re.sub("#", lambda _: str(rng.randrange(10)), rng.choice(ranges))


@cache
def _name(entry: str) -> tuple[str, str]:
    name, _bar, latin = entry.partition("|")
    return name, latin or _latin(name)


@cache
def _latin(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name.lower()).translate(_LATIN)
    return re.sub(r"[^a-z0-9-]", "", folded)
