"""How a key that signs the log names the one that signs after it.

Whoever was given the first key can then follow to the present one. It is a signed note of its own,
as an event alone would not do: whoever may write events could name any key.
"""

from collections.abc import Iterable

from activity.ledger.note import NoteError, Signer, Verifier, open_note, sign

# No checkpoint can begin like this: its second line is a number.
TITLE = "annals: the next key of this log"


def introduce(old: Signer, vkey: str) -> str:
    """Return the note in which a key names its successor."""
    return sign(f"{TITLE}\n{vkey}\n", old)


def introduced(note: str, verifiers: Iterable[Verifier]) -> Verifier:
    """Return the key that a known one names as its successor.

    Raises NoteError where none of them has, or for another log than its own.
    """
    text, signed = open_note(note, verifiers)
    title, vkey, *rest = text.split("\n")
    new = Verifier(vkey)
    if title != TITLE or rest != [""] or all(old.name != new.name for old in signed):
        raise NoteError("This names no key of the log as the next one.")
    return new
