"""German and Arabic say everything that English says, and what is compiled is what was written."""

import gettext
import re

import pytest
from babel.messages.catalog import Message
from django.conf import settings

from tests.translatable import Text, folder_of, forms, read, texts

OTHERS = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
NAMED = re.compile(r"%\(\w+\)[sd]|\{\w+\}|</?\w+")


def _said(language: str) -> dict[Text, Message]:
    said = {}
    for message in read(language):
        if message.id:
            singular, *plural = forms(message.id)
            said[Text(singular, plural[0] if plural else None, message.context)] = message
    return said


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_translated_and_none_that_is_gone(language: str) -> None:
    """Whoever adds a text adds it in all languages (CONTRIBUTING.md says how)."""
    said = _said(language)
    done = {text for text, message in said.items() if all(forms(message.string))}
    assert {text.singular for text in texts().keys() - done} == set()
    assert {text.singular for text in said.keys() - texts().keys()} == set()
    assert [message.id for message in said.values() if message.fuzzy] == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_names_what_the_text_names(language: str) -> None:
    """Placeholders and tags are those of the text; a plural form may leave its number out."""
    wrong = []
    for text, message in _said(language).items():
        meant = [sorted(NAMED.findall(form)) for form in forms(message.id)]
        for form in forms(message.string):
            named = sorted(NAMED.findall(form))
            number_left_out = text.plural and set(named) < set(meant[-1])
            if named not in meant and not number_left_out:
                wrong.append((text.singular, form))
    assert wrong == []


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_compiled_is_what_was_written(language: str) -> None:
    """So that no machine needs gettext to run Annals."""
    with (folder_of(language) / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for text, message in _said(language).items():
        for number, form in enumerate(forms(message.string)):
            key = f"{text.context}\x04{text.singular}" if text.context else text.singular
            found = compiled._catalog[(key, number) if text.plural else key]  # type: ignore[attr-defined]
            assert found == form
