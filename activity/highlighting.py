"""Marks the words that were searched for in rows that are drawn already."""

import html
import re
import unicodedata

from django.utils.safestring import SafeString, mark_safe

# A tag, or text up to the next one. A quoted value of an attribute may hold ">".
_PARTS = re.compile(r"""<(?:"[^"]*"|'[^']*'|[^'">])*>|[^<]+""")
_CHARACTERS = re.compile(r"&(?:#\d+|#x[0-9a-fA-F]+|\w+);|.", re.DOTALL)
_NAME = re.compile(r"</?([\w-]+)")
# What controls and clocks say is not what was searched, nor what only screen readers get.
_PASSED = re.compile(r"""<(?:button|time|svg|summary)\b|<\w+ [^>]*class="(?:btn|vh|chip)\b""")
_VOID = frozenset({"br", "hr", "img", "input", "use", "wbr"})
# As annals_fold, the function by which the database finds them, does it.
_LETTERS = str.maketrans(
    dict(zip("øłđðıħŧ", "olddiht", strict=True)) | {"ß": "ss", "æ": "ae", "œ": "oe"}
)
_ACCENTS = re.compile("[\u0300-\u036f]")


def fold(text: str) -> str:
    """Return text without case and accents."""
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", text.lower())).translate(_LETTERS)


def highlight(row: SafeString, words: str) -> SafeString:
    """Return a row with each place that has the words marked, and opened where it is folded away.

    Nothing is marked within tags, or across two of them, or in what buttons and clocks say.
    """
    wanted = fold(words)
    if not wanted:
        return row
    parts: list[str] = []
    passed = 0  # how deep within something that is passed over
    folds: list[int] = []  # where the tags stand of what is folded around this place
    for part in _PARTS.findall(row):
        if not part.startswith("<"):
            marked = part if passed else _marked(part, wanted)
            if marked is not part:
                for place in folds:
                    parts[place] = parts[place].replace("<details", "<details open", 1)
                folds.clear()
            parts.append(marked)
            continue
        name = _NAME.match(part)
        tag = name[1] if name else ""
        is_end, is_void = part.startswith("</"), part.endswith("/>") or tag in _VOID
        if passed and not is_void:
            passed += -1 if is_end else 1
        elif not is_end and not is_void and _PASSED.match(part):
            passed = 1
        if tag == "details" and is_end and folds:
            folds.pop()
        elif tag == "details" and not is_end:
            folds.append(len(parts))
        parts.append(part)
    return mark_safe("".join(parts))  # noqa: S308 - only marks were added to what was safe


def _marked(text: str, wanted: str) -> str:
    """Return text, which may hold entities, with all places marked that fold to what is wanted."""
    characters = _CHARACTERS.findall(text)
    folded, owners = "", []  # of each folded letter, the number of the character it comes from
    for number, character in enumerate(characters):
        letters = fold(html.unescape(character))
        folded += letters
        owners += [number] * len(letters)
    start = folded.find(wanted)
    if start < 0:
        return text
    while start >= 0:
        first, last = owners[start], owners[start + len(wanted) - 1]
        characters[first] = f"<mark>{characters[first]}"
        characters[last] = f"{characters[last]}</mark>"
        start = folded.find(wanted, start + len(wanted))
    return "".join(characters)
