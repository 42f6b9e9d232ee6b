"""Files made to hurt: each is refused with a sentence, or fails by rows, in bounded time."""

import gzip
import io
import re
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from contacts.importing.cleaning import BadRecord, contact_values
from contacts.importing.inspection import inspect
from contacts.importing.text import UnreadableFile
from contacts.models import ImportRun
from tests.builders import make_user

MB = 1_000_000
MOST_SECONDS = 1.0  # of processor time
MOST_MEMORY = 60 * MB  # beside the file


class Stream(io.RawIOBase):
    """A file of so many bytes that is never in memory as a whole: a beginning, then a piece."""

    def __init__(self, start: bytes, piece: bytes, size: int) -> None:
        self.start, self.piece, self.size, self.at = start, piece, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self.at = offset if whence == 0 else self.at + offset if whence == 1 else self.size
        return self.at

    def tell(self) -> int:
        return self.at

    def readinto(self, buffer: Any) -> int:
        count = max(min(len(buffer), self.size - self.at), 0)
        begin = self.start[self.at : self.at + count]
        rest = count - len(begin)
        shift = (self.at + len(begin) - len(self.start)) % len(self.piece)
        repeated = self.piece * ((shift + rest) // len(self.piece) + 1)
        buffer[:count] = begin + repeated[shift : shift + rest]
        self.at += count
        return count


def stream(start: bytes, piece: bytes, size: int) -> io.BufferedReader:
    return io.BufferedReader(Stream(start, piece, size))


def bomb(pack: Callable[[bytes], bytes]) -> io.BytesIO:
    return io.BytesIO(pack(b"0" * 50 * MB))


def zipped(content: bytes, name: str = "people.csv") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return packed.getvalue()


HEADER = b"Name,Email\n"
HURTING = {
    "a line of 200 MB": (lambda: stream(b"Name,", b"x" * 65_536, 200 * MB), "Line 1 has more than"),
    "a row of 200 MB": (lambda: stream(HEADER, b"x" * 65_536, 20 * MB), "Line 2 has more than"),
    "a million columns": (lambda: stream(b"", b"a,", 2 * MB), "Line 1 has more than"),
    "400,000 columns": (lambda: io.BytesIO(b"a," * 400_000 + b"\n1\n"), "400,?001 columns"),
    "a quote that swallows the rest": (
        lambda: stream(HEADER + b'"Ann,a@b.example\n', b"Ben Mwangi,ben@b.example\n", 20 * MB),
        "row on line 2 has a cell of more than 100 kB",
    ),
    "a quote that swallows the last rows": (
        lambda: io.BytesIO(HEADER + b'Cy,c@b.example\n"Ann,a@b.example\nBen,b@b.example\n'),
        "row on line 3 a quotation mark is never closed",
    ),
    "a zip bomb": (lambda: bomb(zipped), "ZIP archive"),
    "a gzip bomb": (lambda: bomb(gzip.compress), "packed with gzip"),
    "a workbook": (
        lambda: io.BytesIO(zipped(b"<xml/>", "[Content_Types].xml")), "Excel workbook.*CSV UTF-8"
    ),
    "zero bytes far down": (
        lambda: io.BytesIO(HEADER + b"Ann,a@b.example\n" * 1_000 + b"B\0b,\n"),
        "line 1002 holds a zero byte",
    ),
    "UTF-16 that breaks off": (
        lambda: io.BytesIO("Name,Email\nZoë,z@b.example\n".encode("utf-16")[:-1]), "damaged after"
    ),
    "nothing": (lambda: io.BytesIO(b"\xef\xbb\xbf\r\n"), "This file is empty"),
    "only a header": (lambda: io.BytesIO(HEADER), "no contacts below"),
    "cards without an end": (
        lambda: stream(b"BEGIN:VCARD\r\nNOTE:a\r\n", b" folded line without end\r\n", 3 * MB), ""
    ),
    "a photo of 6 MB": (
        lambda: stream(b"BEGIN:VCARD\r\nFN:Ann\r\nPHOTO:", b"QUJD" * 18 + b"\r\n ", 6 * MB), ""
    ),
    "a photo of 50 MB on one line": (
        lambda: stream(b"BEGIN:VCARD\r\nFN:Ann\r\nPHOTO:", b"QUJD", 50 * MB), ""
    ),
    "a card of 150,000 lines": (
        lambda: stream(b"BEGIN:VCARD\r\n", b"TEL:+442079460142\r\n", 3 * MB), ""
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", list(HURTING))
def test_what_would_hurt_is_dealt_with_at_once(name: str) -> None:
    make, reason = HURTING[name]
    file = make()
    begun = time.process_time()
    try:
        layout = inspect(file)
        said = [record.problem for record in layout.records(file)]
        assert not reason
        assert said == ["The card has no end."]
    except UnreadableFile as refused:
        assert reason
        assert re.search(reason, str(refused)), refused
    assert time.process_time() - begun < MOST_SECONDS


@pytest.mark.parametrize("name", ["a line of 200 MB", "a photo of 6 MB", "400,000 columns"])
def test_it_needs_little_memory(name: str) -> None:
    file = HURTING[name][0]()
    tracemalloc.start()
    try:
        inspect(file)
    except UnreadableFile:
        pass
    finally:
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < MOST_MEMORY


def read(content: bytes) -> tuple[str, list[Any]]:
    """Return in which encoding a file is read, and for each record the name or why it failed."""
    file = io.BytesIO(content)
    layout = inspect(file)
    found = []
    for record in layout.records(file):
        try:
            found.append(contact_values(record)["family_name"])
        except BadRecord as bad:
            found.append((record.line, bad.reason))
            "".join(record.cells).encode()  # can be kept
    return layout.encoding, found


def test_a_damaged_row_far_down_fails_alone_and_the_others_keep_their_accents() -> None:
    rows = "Zoë,z@b.example\n".encode() * 2_000
    encoding, found = read(HEADER + rows + b"Bj\xf6rn,b@b.example\n" + "Åke,\n".encode())
    assert encoding == "utf-8"
    assert found[-2] == (
        2_002,
        "This row has bytes that are not UTF-8, unlike the rest of the file.",
    )
    assert set(found[:-2]) == {"Zoë"}
    assert found[-1] == "Åke"


def test_a_damaged_card_fails_alone() -> None:
    card = "BEGIN:VCARD\nVERSION:3.0\nFN:{}\nEND:VCARD\n"
    content = card.format("Zoë").encode() + card.format("Björn").encode("cp1252")
    _encoding, found = read(content + card.format("Åke").encode())
    assert found == ["Zoë", (5, "This card has bytes that are not UTF-8."), "Åke"]


def test_a_file_with_more_strange_bytes_than_utf_8_is_of_windows() -> None:
    rows = "Björn,b@b.example\n".encode("cp1252") * 3 + "Zoë,\n".encode()
    assert read(HEADER + rows)[0] == "cp1252"


def test_headers_that_are_not_utf_8_are_refused_by_name() -> None:
    rows = "Zoë,z@b.example\n".encode() * 20
    with pytest.raises(UnreadableFile, match="first row holds bytes"):
        read(b"Name,Stra\xdfe\n" + rows)


def test_columns_of_the_same_name_are_told_apart() -> None:
    layout = inspect(io.BytesIO(b"Name,Email,Email,,\nAnn,a@b.example,c@b.example,x,y\n"))
    assert layout.columns == ["Name", "Email", "Email (2)", "Column 4", "Column 5"]
    assert layout.targets[:3] == ["full_name", "emails", "emails"]


def test_a_row_that_a_quote_has_glued_together_says_where_to_look() -> None:
    content = HEADER + b'"Ann,a@b.example\nBen,"b,b@b.example,x\nCy,c@b.example\n'
    _encoding, found = read(content)
    line, reason = found[0]
    assert line == 2
    assert "Look for a quotation mark" in reason
    assert found[1] == "Cy"


@pytest.mark.django_db
def test_a_request_that_is_too_large_is_let_go_and_what_was_typed_stays(
    client: Client, settings: Any
) -> None:
    settings.IMPORT_MAX_BYTES = settings.MESSAGE_MAX_BYTES = 1_000
    client.force_login(make_user(name="Max"))
    file = SimpleUploadedFile("big.csv", HEADER + b"Ann,a@b.example\n" * 100_000)
    form = {"id": "0192f0c1-0000-7000-8000-000000000001", "source": "Salesforce", "file": file}
    answer = client.post("/imports/new", form)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "are the most that can be imported at once" in page
    assert 'value="Salesforce"' in page
    assert not ImportRun.objects.exists()
