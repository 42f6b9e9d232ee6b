"""The text of a payload: canonical JSON that goes through PostgreSQL and back unchanged."""

from typing import Any

from activity.canonical import canonical

# The names in a change of a value, and those around them: known to be printable ASCII.
_USUAL_KEYS = frozenset(
    {"actor", "name", "row_version", "changes", "field", "label", "draw", "old", "new"}
)
_PLAIN = frozenset({str, int, bool, type(None)})


def text_of(payload: dict[str, Any]) -> bytes:
    """Return a payload's canonical JSON, without NUL and lone surrogates, which are taken out.

    Raises TypeError for what a payload may not hold. Fractions are among it: 1e16 would come back
    as a whole number. So are keys beyond ASCII, which not all of the world sorts alike.
    """
    if _is_plain(payload):
        try:
            text = canonical(payload)
        except TypeError:  # a lone surrogate
            text = b""
        if text and rb"\u0000" not in text:
            return text
    return canonical(_clean(payload))


def _is_plain(payload: dict[str, Any]) -> bool:
    """Tell whether only the letters of texts are left to look at, as in nearly all payloads."""
    nested: list[Any] = [payload]
    for value in nested:  # which grows
        items = value
        if type(value) is dict:
            if not _USUAL_KEYS.issuperset(value):
                for key in value:
                    _key(key)
            items = value.values()
        elif type(value) is not list:
            return False
        if not _PLAIN.issuperset(map(type, items)):
            nested += [item for item in items if type(item) not in _PLAIN]
    return True


def _clean(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, dict):
        return {_key(key): _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, int):
        return int(value)
    raise TypeError(f"A payload cannot hold {value!r}: write it as text.")


def _key(key: Any) -> str:
    if not (str(key).isascii() and str(key).isprintable()):
        raise TypeError(f"A payload's names are printable ASCII, {key!r} is not.")
    return str(key)
