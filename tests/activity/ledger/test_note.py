"""Notes and checkpoints are written and read as the rest of the world does."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activity.ledger.note import (
    NoteError,
    Signer,
    Verifier,
    checkpoint_body,
    open_checkpoint,
    open_note,
    parse_checkpoint,
    sign,
)

# From the tests of golang.org/x/mod/sumdb/note, the reference implementation.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETERS_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
PETERS_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpR"
    "Zb6KE6RyyBwJnAM=\n"
)
NOTE = f"{TEXT}\n{PETERS_LINE}"

# The example of c2sp.org/tlog-checkpoint.
SOFA = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
"""
SOFA_NOTE = f"""{SOFA}
— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGz\
Gku9nTo+zyWE+xeMcTOAYQ8=
"""
ROOT = hashlib.sha256(b"").digest()
LOG = Signer("annals.example.com/ledger/1", bytes(32))
NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)
LINES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=60)


def test_a_key_writes_the_note_that_the_reference_implementation_writes() -> None:
    peter = Signer("PeterNeumann", PETERS_SEED)
    assert peter.vkey == PETER
    assert sign(TEXT, peter) == NOTE


def test_the_note_of_the_reference_implementation_opens() -> None:
    text, [signed] = open_note(NOTE, [Verifier(PETER)])
    assert text == TEXT
    assert signed.name == "PeterNeumann"


def test_a_note_changed_anywhere_is_refused() -> None:
    for place, character in enumerate(NOTE):
        changed = NOTE[:place] + chr(ord(character) + 1) + NOTE[place + 1 :]
        with pytest.raises(NoteError):
            open_note(changed, [Verifier(PETER)])


def test_a_note_cut_short_is_refused() -> None:
    for end in range(len(NOTE)):
        with pytest.raises(NoteError):
            open_note(NOTE[:end], [Verifier(PETER)])


def test_no_part_of_a_key_is_taken_for_a_key() -> None:
    for start in range(len(PETER)):
        for end in range(start + 1, len(PETER) + 1):
            if PETER[start:end] != PETER:
                with pytest.raises(NoteError):
                    Verifier(PETER[start:end])


def test_a_key_with_a_changed_character_is_refused() -> None:
    for place in range(len(PETER)):
        with pytest.raises(NoteError):
            Verifier(PETER[:place] + chr(ord(PETER[place]) + 1) + PETER[place + 1 :])


@pytest.mark.parametrize(
    "vkey",
    [
        # Both with an id that fits, from the reference implementation's tests.
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        PETER.upper(),
        f" {PETER}",
        f"{PETER}\n",
        "",
    ],
)
def test_a_key_of_wrong_length_kind_or_spelling_is_refused(vkey: str) -> None:
    with pytest.raises(NoteError):
        Verifier(vkey)


def test_signatures_of_strangers_count_for_nothing() -> None:
    stranger = Signer("EnochRoot", bytes(range(32)))
    _text, signed = open_note(
        sign(TEXT, stranger, Signer("PeterNeumann", PETERS_SEED)), [Verifier(PETER)]
    )
    assert [verifier.vkey for verifier in signed] == [PETER]
    with pytest.raises(NoteError, match="No known key"):
        open_note(sign(TEXT, stranger), [Verifier(PETER)])


def test_a_stranger_with_the_same_name_counts_for_nothing() -> None:
    namesake = Signer("PeterNeumann", bytes(range(32)))
    with pytest.raises(NoteError, match="No known key"):
        open_note(sign(TEXT, namesake), [Verifier(PETER)])


def test_one_wrong_signature_of_a_known_key_spoils_the_note() -> None:
    wrong = "— PeterNeumann " + base64.b64encode(bytes.fromhex("c74f20a3") + bytes(64)).decode()
    friend = Signer("EnochRoot", bytes(range(32)))
    note = f"{sign(TEXT, friend)}{wrong}\n"
    with pytest.raises(NoteError, match="does not fit"):
        open_note(note, [Verifier(PETER), Verifier(friend.vkey)])


def test_a_repeated_signature_counts_once() -> None:
    _text, signed = open_note(NOTE + PETERS_LINE, [Verifier(PETER)])
    assert len(signed) == 1


@pytest.mark.parametrize(("count", "opens"), [(99, True), (100, False)])
def test_a_note_has_no_more_than_a_hundred_signatures(count: int, opens: bool) -> None:
    stranger = Signer("EnochRoot", bytes(range(32)))
    note = NOTE + stranger.line(TEXT) * count
    if opens:
        assert open_note(note, [Verifier(PETER)])
    else:
        with pytest.raises(NoteError, match="More than 100"):
            open_note(note, [Verifier(PETER)])


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n",
        "\n\n",
        TEXT,
        f"{TEXT}\n",
        f"{TEXT}\n\n{PETERS_LINE}\n",
        f"{TEXT}{PETERS_LINE}",
        NOTE.removesuffix("\n"),
        NOTE + "\n",
        NOTE + "more\n",
        NOTE.replace("\n", "\r\n"),
        NOTE.replace("— ", "- "),
        NOTE.replace("— ", "—"),
        f"{TEXT}\n— PeterNeumann\n",
        f"{TEXT}\n— PeterNeumann x08go/ZJ\n",
        f"{TEXT}\n— Peter+Neumann {PETERS_LINE.split()[2]}\n",
        f"{TEXT}\n{PETERS_LINE.rstrip()} \n",
        f"{TEXT}\n— PeterNeumann x08go/ZJ kuBS\n",
        f"{TEXT}\n— PeterNeumann x08gow==\n",
    ],
)
def test_what_is_no_note_is_refused(note: str) -> None:
    with pytest.raises(NoteError):
        open_note(note, [Verifier(PETER)])


@pytest.mark.parametrize("text", ["", "no newline", "tab\tin it\n", "nul\x00\n", "return\r\n"])
def test_a_text_that_no_note_can_hold_is_not_signed(text: str) -> None:
    with pytest.raises(NoteError):
        sign(text, LOG)


@given(st.lists(LINES, min_size=1, max_size=4))
def test_what_was_signed_opens_as_it_was(lines: list[str]) -> None:
    text = "\n".join(lines) + "\n"
    assert open_note(sign(text, LOG), [Verifier(LOG.vkey)])[0] == text


@pytest.mark.parametrize("name", ["", "two words", "one+one", "tab\t", "non\u00a0breaking", "a\nb"])
def test_a_name_with_spaces_or_a_plus_is_refused(name: str) -> None:
    with pytest.raises(NoteError):
        Signer(name, bytes(32))


@pytest.mark.parametrize("seed", [b"", bytes(31), bytes(33), bytes(64)])
def test_a_seed_has_32_bytes(seed: bytes) -> None:
    with pytest.raises(NoteError):
        Signer("annals.example.com", seed)


def test_the_checkpoint_of_the_standard_reads_as_it_says() -> None:
    head = parse_checkpoint(SOFA_NOTE)
    assert head == parse_checkpoint(SOFA)
    assert head.origin == "example.com/behind-the-sofa"
    assert head.size == 20852163
    assert base64.b64encode(head.root) == b"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
    assert checkpoint_body(*head) == SOFA


@given(st.integers(0, 2**62), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_reads_as_it_was_written(size: int, root: bytes) -> None:
    note = sign(checkpoint_body(LOG.name, size, root), LOG)
    assert open_checkpoint(note, [Verifier(LOG.vkey)]) == (LOG.name, size, root)


def test_further_lines_of_a_checkpoint_are_passed_over() -> None:
    assert parse_checkpoint(SOFA + "an extension\n") == parse_checkpoint(SOFA)


def test_a_checkpoint_in_the_name_of_another_log_is_refused() -> None:
    note = sign(checkpoint_body("example.com/other", 1, ROOT), LOG)
    with pytest.raises(NoteError, match="has not signed this itself"):
        open_checkpoint(note, [Verifier(LOG.vkey)])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "log\n",
        "log\n1\n",
        f"\n1\n{base64.b64encode(ROOT).decode()}\n",
        f"log\n01\n{base64.b64encode(ROOT).decode()}\n",
        f"log\n-1\n{base64.b64encode(ROOT).decode()}\n",
        f"log\n+1\n{base64.b64encode(ROOT).decode()}\n",
        f"log\n1_0\n{base64.b64encode(ROOT).decode()}\n",
        f"log\n\u0661\n{base64.b64encode(ROOT).decode()}\n",
        f"log\n 1\n{base64.b64encode(ROOT).decode()}\n",
        f"log\n{'9' * 5000}\n{base64.b64encode(ROOT).decode()}\n",
        f"log\n1\n{base64.b64encode(ROOT[1:]).decode()}\n",
        f"log\n1\n{base64.b64encode(ROOT + ROOT[:1]).decode()}\n",
        f"log\n1\n{ROOT.hex()}\n",
        "log\n1\n????\n",
        "log\n1\nÄÖÜ=\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        parse_checkpoint(text)
