"""Every text of Annals that can be translated, read from its sources as gettext would.

Templates are first turned into Python by Django, so that nothing but Babel is needed. `make texts`
runs this module: it brings the catalogues in locale/ up to the sources, and compiles them.
"""

import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

FOLDERS = ("accounts", "activity", "config", "contacts", "templates")
KEYWORDS = [*DEFAULT_KEYWORDS, "gettext_lazy", "ngettext_lazy", "pgettext_lazy", "npgettext_lazy"]


class Text(NamedTuple):
    """A text as its msgid, its plural and its context, where it has them."""

    singular: str
    plural: str | None = None
    context: str | None = None


@cache
def texts() -> dict[Text, list[str]]:
    """Return all texts of templates and modules, with the files in which they stand."""
    found: dict[Text, list[str]] = defaultdict(list)
    for folder in FOLDERS:
        for path in sorted((Path(settings.BASE_DIR) / folder).rglob("*")):
            for text in _texts_of(path):
                name = str(path.relative_to(settings.BASE_DIR))
                if name not in found[text]:
                    found[text].append(name)
    return found


def folder_of(language: str) -> Path:
    """Return where the catalogue of a language lies: django.po as written, django.mo compiled."""
    return Path(settings.BASE_DIR) / "locale" / language / "LC_MESSAGES"


def read(language: str) -> Catalog:
    """Return the catalogue of a language as it was written."""
    with (folder_of(language) / "django.po").open("rb") as file:
        return read_po(file, locale=language)


def update(language: str) -> list[str]:
    """Bring a catalogue up to the sources, and compile it. Returns what waits to be translated."""
    old, new = read(language), Catalog(language)
    new.header_comment, new.mime_headers = old.header_comment, old.mime_headers
    new.fuzzy = False
    for text, names in sorted(texts().items(), key=lambda item: (item[1][0], item[0])):
        id = (text.singular, text.plural) if text.plural else text.singular
        said = old.get(id, text.context)
        if said and said.pluralizable != bool(text.plural):
            said = None
        places = [(name, 0) for name in names]
        new.add(
            id,
            said.string if said else "",
            places,
            said.flags if said else (),
            context=text.context,
        )
    with (folder_of(language) / "django.po").open("wb") as written:
        write_po(written, new, width=0, include_lineno=False)
    with (folder_of(language) / "django.mo").open("wb") as compiled:
        write_mo(compiled, new)
    return [text.id for text in new if text.id and not all(forms(text.string))]


def forms(value: str | tuple[str, ...]) -> tuple[str, ...]:
    """Return the forms of a text or a translation: one, or one for each kind of number."""
    return value if isinstance(value, tuple) else (value,)


def _texts_of(path: Path) -> Iterator[Text]:
    if path.suffix == ".py":
        yield from _texts_in(path.read_text())
    elif path.suffix in (".html", ".txt"):
        source = templatize(path.read_text(), origin=str(path))
        # what stands between the texts became X's, wherever it stood
        yield from _texts_in("\n".join(map(str.strip, source.splitlines())))


def _texts_in(source: str) -> Iterator[Text]:
    for _, function, found, _ in extract_python(
        BytesIO(source.encode()), KEYWORDS, [], {"encoding": "utf-8"}
    ):
        parts = found if isinstance(found, tuple) else (found,)
        parts = tuple(part for part in parts if isinstance(part, str))
        if not parts:
            continue
        if "pgettext" in str(function):
            context, singular, *plural = parts
            yield Text(singular, plural[0] if plural else None, context)
        elif str(function).startswith(("ngettext", "ungettext")):
            yield Text(parts[0], parts[1])
        else:
            yield Text(parts[0])


def main() -> None:
    """Update the catalogues of all languages, and say what waits to be translated."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    for language, _name in settings.LANGUAGES:
        if language != settings.LANGUAGE_CODE:
            waiting = update(language)
            sys.stdout.write(f"{language}: {len(waiting)} to translate {waiting or ''}\n")


if __name__ == "__main__":
    main()
