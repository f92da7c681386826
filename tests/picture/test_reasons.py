"""The sentence that says why: grammatical for every shape of a move."""

import doctest
from decimal import Decimal

import pytest

from fairlead.picture import reasons
from fairlead.picture.reasons import AsTold, Cause, Move, cause, noun, sentence, share, since_told
from fairlead.picture.wording import Manner

RATE = Move("Win rate", "percent", "2026-09", "2026-10", Decimal("0.253"), Decimal("0.222"))
FEWER = Cause("fewer deals won", Decimal("-0.040"))
BACK = Cause("fewer deals won or lost", Decimal("0.009"))


def said(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u2212", "-")


def test_what_moved_it_and_what_gave_back() -> None:
    assert said(sentence(RATE, [BACK, FEWER])) == (
        "Win rate fell 3.1 points, from 25.3% in Sep 2026 to 22.2% in Oct 2026, mostly because of fewer deals won"
        " (-4.0 points); fewer deals won or lost gave back 0.9 points."
    )


@pytest.mark.parametrize(
    ("causes", "tail"),
    [
        ([], "."),
        ([Cause("x", Decimal(0))], "."),
        ([Cause("x", Decimal("-0.031"))], ", because of x (-3.1 points)."),
        (
            [Cause("x", Decimal("-0.011")), Cause("y", Decimal("-0.020"))],
            ", because of y (-2.0 points) and x (-1.1 points).",
        ),
        ([Cause("x", Decimal("-0.030")), Cause("y", Decimal("-0.001"))], ", mostly because of x (-3.0 points)."),
        ([Cause("x", Decimal("-0.032")), Cause("y", Decimal("0.001"))], ", mostly because of x (-3.2 points)."),
    ],
)
def test_as_many_causes_as_matter(causes: list[Cause], tail: str) -> None:
    whole = "Win rate fell 3.1 points, from 25.3% in Sep 2026 to 22.2% in Oct 2026"
    assert said(sentence(RATE, causes)) == whole + tail


def test_segments_are_places() -> None:
    money = Move("Bookings", "money", "2026-Q1", "2026-Q2", Decimal(1_000_000), Decimal(1_900_000))
    parts = [Cause("enterprise", Decimal(1_200_000)), Cause("smb", Decimal(-300_000))]
    assert said(sentence(money, parts, within=True)) == (
        "Bookings rose $900K, from $1M in Q1 2026 to $1.90M in Q2 2026, mostly in enterprise (+$1.20M);"
        " smb gave back $300K."
    )


def test_nothing_moved() -> None:
    flat = RATE._replace(after=RATE.before)
    assert said(sentence(flat, [])) == "Win rate stayed at 25.3% in Oct 2026, as in Sep 2026."
    offsets = [Cause("more deals won", Decimal("0.02")), Cause("more deals won or lost", Decimal("-0.02"))]
    assert said(sentence(flat, offsets)) == (
        "Win rate stayed at 25.3% in Oct 2026, as in Sep 2026: more deals won (+2.0 points) and more deals won or lost"
        " (-2.0 points) cancel out."
    )
    hardly = RATE._replace(after=Decimal("0.253001"))
    assert said(sentence(hardly, [])) == "Win rate hardly moved, from 25.3% in Sep 2026 to 25.3% in Oct 2026."


@pytest.mark.parametrize(
    ("move", "says"),
    [
        (
            RATE._replace(after=None, lack_after="no deals won or lost"),
            "Win rate is undefined in Oct 2026 (no deals won or lost); it was 25.3% in Sep 2026.",
        ),
        (RATE._replace(before=None), "Win rate is undefined in Sep 2026; it is 22.2% in Oct 2026."),
        (
            RATE._replace(before=None, after=None, lack_before="it needs spend", lack_after="it needs spend"),
            "Win rate is undefined in Sep 2026 and Oct 2026 (it needs spend).",
        ),
    ],
)
def test_an_undefined_end(move: Move, says: str) -> None:
    assert said(sentence(move, [])) == says


def test_what_was_reported() -> None:
    told = AsTold("b", Decimal("0.260"), Decimal("0.253"), [Cause("2 records that came late", Decimal("-0.007"))])
    assert said(since_told(RATE, told, [FEWER, BACK])) == (
        "Win rate of Sep 2026 was reported as 26.0% and is 25.3% now, because of 2 records that came late"
        " (-0.7 points); from there it fell 3.1 points to 22.2% in Oct 2026, mostly because of fewer deals won"
        " (-4.0 points); fewer deals won or lost gave back 0.9 points."
    )
    same = Move("Win rate", "percent", "2026-09", "2026-09", Decimal("0.253"), Decimal("0.253"))
    unchanged = AsTold("b", Decimal("0.253"), Decimal("0.253"), [])
    assert said(since_told(same, unchanged, [])) == "Win rate of Sep 2026 is 25.3%, as it was reported."
    assert "undefined as reported" in since_told(RATE, AsTold("b", None, Decimal("0.253"), []), [])
    gone = RATE._replace(after=None)
    assert said(since_told(gone, unchanged, [])) == (
        "Win rate of Sep 2026 is 25.3%, as it was reported; in Oct 2026 it is undefined."
    )


def test_things_are_fewer_and_numbers_lower() -> None:
    assert noun("Leads", "People who became known, duplicates left out.", is_count=True) == "people who became known"
    assert noun("NRR", "", is_count=False) == "NRR"
    assert cause("deals won", 1, 2, is_count=True) == "more deals won"
    assert cause("bookings", Decimal(2), Decimal(1), is_count=False) == "lower bookings"
    assert cause("win rate", 0.2, 0.1, is_count=False) == "a lower win rate"
    assert cause("win rate", None, 0.1, is_count=False) == "win rate"


def test_numbers_are_the_companys() -> None:
    assert "fell 3,1\u00a0points, from 25,3\u00a0%" in sentence(RATE, [], Manner(locale="de_DE"))


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(reasons).failed == 0


@pytest.mark.parametrize(
    ("name", "more", "less"),
    [
        ("pipeline created", "more pipeline created", "less pipeline created"),
        ("cash in", "more cash in", "less cash in"),
        ("average days to win", "more average days to win", "fewer average days to win"),
        ("gross margin", "a higher gross margin", "a lower gross margin"),
        ("opening MRR", "higher opening MRR", "lower opening MRR"),
    ],
)
def test_the_comparing_word_fits_what_is_compared(name: str, more: str, less: str) -> None:
    assert (cause(name, 1, 2, is_count=False), cause(name, 2, 1, is_count=False)) == (more, less)


def test_a_list_is_not_cut_at_its_first_comma() -> None:
    known = "People with email, company, country and source known."
    assert noun("MQLs complete", known, is_count=True) == "MQLs complete"
    assert noun("Won", "Deals created and won, whenever that was.", is_count=True) == "deals created and won"


def test_a_share_is_worded_as_the_locale_has_it() -> None:
    german = Manner(locale="de_DE")
    assert share(Decimal(-1), Decimal(3), german).replace("\u00a0", " ") == "\u221233,3 %"
    assert share(Decimal("-0.0001"), Decimal(3), german).replace("\u00a0", " ") == "0,0 %"
