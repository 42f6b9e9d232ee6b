"""Reading files: encodings, delimiters, headers, line numbers, and what is refused."""

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.importing.cleaning import BadRecord, contact_values
from contacts.importing.inspection import Layout, inspect
from contacts.importing.text import UnreadableFile
from contacts.spreadsheet import safe_cell

GOOGLE_OLD = (
    "Name,Given Name,Additional Name,Family Name,Name Prefix,Group Membership,E-mail 1 - Type,"
    "E-mail 1 - Value,E-mail 2 - Value,Phone 1 - Type,Phone 1 - Value,Address 1 - Street,"
    "Address 1 - City,Address 1 - Postal Code,Address 2 - City,Organization 1 - Name,"
    "Organization 1 - Title,Website 1 - Value\n"
    "Zoë Müller,Zoë,Ann,Müller,Dr.,* myContacts ::: Clients,* Work,ZOE@Example.com ::: z@b.example,"
    "old@b.example,Mobile,+49 170 1234567,Hauptstr. 1,Köln,50667,Bonn,Müller GmbH,Boss,b.example\n"
)
GOOGLE_NEW = (
    "First Name,Middle Name,Last Name,Organization Name,Organization Title,Labels,"
    "E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Phone 2 - Value\n"
    "Ann,B.,Lee,Lee & Co,CEO,Friends ::: * myContacts,Home,ann@lee.example,,(202) 224-3441,"
    "+44 20 7946 0018\n"
)
OUTLOOK = (
    "Title,First Name,Middle Name,Last Name,Suffix,Company,Job Title,Business Street,"
    "Business Street 2,Business City,Business Postal Code,Home City,Business Fax,Business Phone,"
    "Mobile Phone,E-mail Address,E-mail 2 Address,Web Page,Categories,Notes\r\n"
    '"Mr.","Jim","","Ray","Jr.","Ray Ltd","Buyer","1 Main St","Floor 2","Leeds","LS1","York","",'
    '"020 7946 0018","07700 900123","jim@ray.example","jr@ray.example","http://ray.example",'
    '"Key;Gold","Line one\r\nline two"\r\n'
)


def read(text: str | bytes) -> tuple[Layout, list[Any]]:
    """Return how a file is read, and for each record the contact's fields or (line, reason)."""
    file = io.BytesIO(text if isinstance(text, bytes) else text.encode())
    source = inspect(file)
    found: list[Any] = []
    for record in source.records(file):
        try:
            found.append(contact_values(record))
        except BadRecord as bad:
            found.append((record.line, bad.value, bad.reason))
    return source, found


def kept(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


def test_an_older_google_export_is_recognised() -> None:
    source, [zoe] = read(GOOGLE_OLD)
    assert source.format == "google"
    assert kept(zoe) == {
        "honorific": "Dr.", "given_name": "Zoë", "middle_name": "Ann", "family_name": "Müller",
        "organisation": "Müller GmbH", "job_title": "Boss", "tags": ["Clients"],
        "emails": ["zoe@example.com", "z@b.example", "old@b.example"],
        "phones": ["+491701234567"], "street": "Hauptstr. 1", "city": "Köln",
        "postal_code": "50667", "website": "https://b.example",
    }  # fmt: skip


def test_a_newer_google_export_is_recognised() -> None:
    source, [ann] = read(GOOGLE_NEW)
    assert source.format == "google"
    assert ann["phones"] == ["+12022243441", "+442079460018"]
    assert (ann["given_name"], ann["organisation"], ann["tags"]) == ("Ann", "Lee & Co", ["Friends"])


def test_an_outlook_export_is_recognised(settings: Any) -> None:
    settings.PHONE_REGION = "GB"
    source, [jim] = read(OUTLOOK)
    assert source.format == "outlook"
    assert kept(jim) == {
        "honorific": "Mr.", "given_name": "Jim", "family_name": "Ray", "suffix": "Jr.",
        "organisation": "Ray Ltd", "job_title": "Buyer", "street": "1 Main St, Floor 2",
        "city": "Leeds", "postal_code": "LS1", "phones": ["+442079460018", "+447700900123"],
        "emails": ["jim@ray.example", "jr@ray.example"], "website": "http://ray.example",
        "tags": ["Key", "Gold"], "notes": "Line one\nline two",
    }  # fmt: skip


def test_title_alone_is_the_job() -> None:
    _source, [ann] = read("Name,Title\nAnn Lee,Buyer\n")
    assert (ann["job_title"], ann["honorific"]) == ("Buyer", "")


def test_the_names_of_our_own_fields_are_recognised() -> None:
    source, _rows = read("given_name,familyName,emails,postal_code\nAnn,Lee,a@b.example,1\n")
    assert source.targets == ["given_name", "family_name", "emails", "postal_code"]


def test_a_full_name_is_parted_at_its_last_word_or_its_comma() -> None:
    _source, [maria, lee, cher] = read("Name;x\nMaria del Mar Ruiz;1\nLee, Ann;1\nCher;1\n")
    assert (maria["given_name"], maria["family_name"]) == ("Maria del Mar", "Ruiz")
    assert (lee["given_name"], lee["family_name"]) == ("Ann", "Lee")
    assert (cher["given_name"], cher["family_name"]) == ("", "Cher")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"]
)
def test_delimiter_and_encoding_are_detected(delimiter: str, encoding: str) -> None:
    text = f"Name{delimiter}Email\nZoë Müller{delimiter}zoe@b.example\n"
    _source, [zoe] = read(text.encode(encoding))
    assert (zoe["given_name"], zoe["family_name"]) == ("Zoë", "Müller")


def test_a_byte_that_windows_does_not_know_is_read_as_latin_1() -> None:
    source, _rows = read("Name,Email\nZoë\x81,zoe@b.example\n".encode("latin-1"))
    assert source.encoding == "latin-1"


def test_utf_8_is_recognised_where_its_first_accent_comes_late() -> None:
    rows = "".join(f"Person {n},p{n}@b.example\n" for n in range(10_000))
    source, found = read(f"Name,Email\n{rows}Zoë,z@b.example\n")
    assert source.encoding == "utf-8"
    assert found[-1]["family_name"] == "Zoë"


def test_the_hint_that_excel_writes_first_is_no_header() -> None:
    source, [ann, bad] = read("sep=;\nName;Phone\nAnn;+44 20 7946 0018\nBob;1\n")
    assert source.columns == ["Name", "Phone"]
    assert (ann["family_name"], bad[0]) == ("Ann", 4)


def test_lines_are_counted_through_quoted_new_lines_and_empty_rows() -> None:
    _source, found = read('Name,Email\n"Ann\nLee",x\n\n,\n"a\r\nb\r\nc",y\r\nBob,z\r\n')
    assert [line for line, _value, _reason in found] == [2, 6, 9]


def test_a_row_with_more_cells_than_columns_fails_alone() -> None:
    _source, [long, fine, trailing] = read("Name,Email\nAnn,a@b.example,?\nBob,\nCy,,,\n")
    assert long == (2, "", "This row has 3 cells, but there are 2 columns.")
    assert (fine["family_name"], trailing["family_name"]) == ("Bob", "Cy")


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("Email", "marta.kowal@", "The email has no domain."),
        ("Email", "marta.kowal", "The email has no @."),
        ("Email", "@kowal.example", "The email has nothing before the @."),
        ("Phone", "+44 79 46", "The phone number is too short."),
        ("Phone", "555-1234", "The phone number has no area code."),
        ("Phone", "+44 20 7946 0018 99999999", "The phone number is too long."),
        ("Phone", "+999 20 7946 0018", "The phone number has a country code that does not exist."),
        ("Phone", "call me", "This is not a phone number."),
    ],
)
def test_a_bad_value_says_what_is_wrong(column: str, value: str, reason: str) -> None:
    _source, [found] = read(f"Name,{column}\nMarta,{value}\n")
    assert found == (2, value, reason)


def test_a_row_without_anything_to_call_it_by_fails() -> None:
    _source, [found] = read("Name,City\n,Leeds\n")
    assert found == (2, "", "Needs a name, a company, an email or a phone number.")


def test_an_address_in_brackets_and_the_mark_of_our_own_download_are_understood() -> None:
    _source, [found] = read("Email,Phone\nMarta <Marta@Kowal.example>,'+44 20 7946 0018\n")
    assert (found["emails"], found["phones"]) == (["marta@kowal.example"], ["+442079460018"])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"PK\x03\x04...", "ZIP archive"),
        (b"%PDF-1.7", "PDF"),
        (b"<html>", "web page"),
        (b'{"a": 1}', "JSON"),
        (b"Name,Email\n", "no contacts below"),
        (b"a@b.example,Bob\n", "has to name the columns"),
        (b"Bob,+44 20 7946 0018\nAnn,1\n", "has to name the columns"),
        (b"Dear all\nsee you\n", "one column"),
        (b"Name,Email\nAnn\0,x\n", "not a text file"),
        (b"Name,Email\n" + b'"Ann,\n' + b"z" * 200_000, "line 2 has a cell of more than 100 kB"),
        (b"Name,Email\nAnn," + b"z" * 1_100_000, "more than 1 MB"),
        (b"Name,Email\nAnn," + b"z" * 110_000, "more than 100 kB"),
        (",".join(f"c{n}" for n in range(201)).encode() + b"\n1\n", "201 columns"),
        ("Name,Email\nZoë,\n".encode("utf-16") + b"x", "damaged"),
    ],
)
def test_a_file_that_cannot_be_imported_is_refused_in_plain_words(
    content: bytes, reason: str
) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        inspect(io.BytesIO(content))


@given(st.binary(max_size=300))
def test_no_file_is_more_than_refused(content: bytes) -> None:
    try:
        read(content)
    except UnreadableFile as refused:
        assert str(refused)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_a_cell_that_a_spreadsheet_would_run_is_neutralised(cell: str) -> None:
    assert safe_cell(cell) == f"'{cell}"
    assert safe_cell("Ann") == "Ann"
