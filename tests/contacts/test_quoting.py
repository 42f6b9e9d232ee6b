"""What somebody wrote is told apart from what they quoted, in any language, in bounded time."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.quoting import split_quoted, text_of_html

ANSWERS = {
    "gmail": "On Wed, Dec 20, 2023 at 13:37, Mia <mia@annals.example> wrote:\n\n> Hi\n> > Before",
    "gmail in two lines": "On Wed, Dec 20, 2023 at 13:37, Mia Long-Name\n"
    "<mia@annals.example> wrote:\n> Hi",
    "apple in German": "Am 20.12.2023 um 13:37 schrieb Mia <mia@annals.example>:\n\n> Hi",
    "gmail in German": "Am Mi., 20. Dez. 2023 um 13:37 Uhr schrieb Mia <mia@annals.example>:\n> Hi",
    "gmail in French": "Le mer. 20 déc. 2023 à 13:37, Mia <mia@annals.example> a écrit :\n> Hi",
    "outlook": "________________________________\nFrom: Mia <mia@annals.example>\n"
    "Sent: Wednesday, December 20, 2023 1:37 PM\nTo: Ana\nSubject: Hello\n\nHi",
    "outlook in German": "Von: Mia <mia@annals.example>\nGesendet: Mittwoch, 20. Dezember 2023\n"
    "An: Ana\nBetreff: Hello\n\nHi",
    "signs alone": "> Hi\n> there",
}


@pytest.mark.parametrize("program", ANSWERS)
def test_what_is_quoted_below_is_cut_off(program: str) -> None:
    new, quoted = split_quoted(f"Friday it is.\n\nAna\n\n{ANSWERS[program]}\n")
    assert new == "Friday it is.\n\nAna"
    assert quoted == ANSWERS[program]


def test_an_answer_below_the_quotation_is_found() -> None:
    new, quoted = split_quoted(f"{ANSWERS['gmail']}\n\nFriday it is.\n")
    assert (new, quoted) == ("Friday it is.", ANSWERS["gmail"])


def test_answers_between_quoted_lines_stay_with_them() -> None:
    text = "Hi Mia\n\nOn Wed, Mia <m@x.example> wrote:\n> Friday?\nYes\n> At nine?\nNo, at ten"
    assert split_quoted(text) == (text, "")


@pytest.mark.parametrize("text", ["", "Hello", "On Friday I wrote: no.", "5 > 3\nis true"])
def test_what_quotes_nothing_stays_whole(text: str) -> None:
    assert split_quoted(text) == (text, "")


@given(st.lists(st.sampled_from(["> a", "b", "", "On 1 May, X <x@y.z> wrote:", "From: a", "__"])))
def test_no_word_is_lost(lines: list[str]) -> None:
    new, quoted = split_quoted("\n".join(lines))
    assert sorted(f"{new}\n{quoted}".split()) == sorted("\n".join(lines).split())


@pytest.mark.parametrize(
    "hostile",
    [
        "\n".join(">" * depth + " On Wed, Mia wrote:" for depth in range(2_000)),
        "\n".join(f"{'>' * 50} line" for _line in range(10_000)),
        "> " * 200_000,
        ">" * 400_000 + "x",
        "On " * 130_000,
        ("On " * 60 + "\n") * 2_000,
        "On Wed, \n" * 40_000,
        "From: a\n" * 50_000,
        "_" * 400_000,
        "\n" * 400_000 + "x",
        " " * 400_000 + "x",
        "Am schrieb " * 40_000,
        "<" * 400_000,
        "a@" * 200_000,
    ],
)
def test_ten_thousand_quotations_take_no_longer_than_a_moment(hostile: str) -> None:
    start = time.process_time()
    split_quoted(f"Hello\n{hostile}")
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One<p>Two<br>Three", "One\n\nTwo\nThree"),
        ("<ul><li>a<li>b</ul>", "* a\n* b"),
        ("<style>p{}</style><title>x</title><script>alert(1)</script>Hi &amp; bye", "Hi & bye"),
        ("<div>a</div>\n\n\n<div><br></div><br><br><br><div>b</div>", "a\n\nb"),
        ("", ""),
        ("<!-- nothing -->", ""),
        ("<p> <br> </p>", ""),
        ("a\x00b", "ab"),
        ("<div>" * 1_000 + "a &amp; b", "a & b"),
    ],
)
def test_html_becomes_lines_of_text(html: str, text: str) -> None:
    assert text_of_html(html).strip() == text


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 50_000 + "Hello",
        "<table><tr><td>" * 5_000 + "Hello",
        "<blockquote>" * 5_000 + "Hello",
        "Hello" + "<br>" * 75_000,
        "<td colspan=100000000>Hello",
        '<p style="margin-top: 100000000em; padding-left: 100000000em">Hello',
        "<a" * 150_000 + ">Hello",
        "<table>" + "<tr><td>Hello" * 20_000,
    ],
)
def test_hostile_html_takes_no_longer_than_a_moment(html: str) -> None:
    start = time.process_time()
    assert len(text_of_html(html)) < 400_000
    assert time.process_time() - start < 10
