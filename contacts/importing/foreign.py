"""Tells files that are no text from those that are, by their first bytes; nothing is unpacked."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_ARCHIVE = _("Unpack it, then upload the CSV or vCard file that is in it.")
_EXCEL = _(
    "This is an Excel workbook. In Excel choose File, Save as, “CSV UTF-8”, then upload that file."
)
_BEGINNINGS: dict[bytes, str | Promise] = {
    b"\xd0\xcf\x11\xe0": _(
        "This is an old Excel workbook. Open it, choose File, Save as, “CSV”, then upload that."
    ),
    b"\x1f\x8b": _("This is a file packed with gzip. Unpack it, then upload what was in it."),
    b"BZh": _("This is a file packed with bzip2. Unpack it, then upload what was in it."),
    b"\xfd7zXZ": _("This is a file packed with xz. Unpack it, then upload what was in it."),
    b"\x28\xb5\x2f\xfd": _(
        "This is a file packed with zstd. Unpack it, then upload what was in it."
    ),
    b"7z\xbc\xaf\x27\x1c": _("This is a 7z archive. Unpack it, then upload the CSV that is in it."),
    b"Rar!": _("This is a RAR archive. Unpack it, then upload the CSV that is in it."),
    b"%PDF": _("This is a PDF. Export the contacts as CSV or vCard instead."),
    b"\x89PNG": _("This is a picture. Export the contacts as CSV or vCard instead."),
    b"\xff\xd8\xff": _("This is a picture. Export the contacts as CSV or vCard instead."),
    b"SQLite format 3": _("This is a database. Export the contacts as CSV or vCard instead."),
    b"!BDN": _("This is an Outlook data file. In Outlook export the contacts as CSV instead."),
}
_TEXTS: dict[bytes, str | Promise] = {
    b"{": _("This is JSON. Export the contacts as CSV or vCard instead."),
    b"[{": _("This is JSON. Export the contacts as CSV or vCard instead."),
    b"<": _("This is a web page or XML. Export the contacts as CSV or vCard instead."),
}
# What stands near the beginning of archives that people take for documents.
_IN_ARCHIVE: dict[bytes, str | Promise] = {
    b"[Content_Types].xml": _EXCEL,
    b"xl/": _EXCEL,
    b"opendocument.spreadsheet": _(
        "This is a spreadsheet. In LibreOffice choose File, Save as, “Text CSV”, then upload that "
        "file."
    ),
    b"Index/": _("This is a Numbers spreadsheet. Choose File, Export to, CSV, then upload that."),
}


def what_else(head: bytes) -> str:
    """Return what a file that begins with these bytes is, and how to get CSV out of it.

    Empty for what may be a CSV or vCard file.
    """
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        for part, sentence in _IN_ARCHIVE.items():
            if part in head:
                return str(sentence)
        return str(_("This is a ZIP archive.")) + " " + str(_ARCHIVE)
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    for known, content in ((_BEGINNINGS, head), (_TEXTS, text)):
        for beginning, sentence in known.items():
            if content.startswith(beginning):
                return str(sentence)
    return ""
