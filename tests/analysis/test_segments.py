"""Cuts of a move: exact for any tree and any segments, and what pandas gives for mix and rate."""

from collections.abc import Mapping
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.analysis.question import Instance
from fairlead.analysis.segments import OTHERS, REST, Cutting, Ends, Kind, Member, cut
from fairlead.analysis.tree import Node, node_of, split
from fairlead.model.metrics import Measure, Metrics
from tests.analysis.trees import FORMULAS, leaf, node, positive, whole_numbers

RATE = node("a / b", leaf("won"), leaf("closed"))
NAMES = ("east", "west", None)
CUSTOMERS = Instance(
    "customers",
    Measure.model_validate({"from": "opportunity", "distinct": "account_id", "at": "closed_at"}),
    None,
)
MEDIAN = Instance(
    "typical", Measure.model_validate({"from": "opportunity", "median": "amount", "at": "closed_at"}), None
)


def members(rows: Mapping[Member, tuple[Mapping[str, int], Mapping[str, int]]]) -> dict[Member, Ends]:
    return {
        name: Ends(*({column: Fraction(n) for column, n in end.items()} for end in ends)) for name, ends in rows.items()
    }


def totals(parts: Mapping[Member, Ends]) -> Ends:
    """Segments of what adds up, added up."""
    columns = {column for ends in parts.values() for column in ends.before}
    return Ends(*(
        {column: sum((ends[end][column] or Fraction(0) for ends in parts.values()), Fraction(0)) for column in columns}
        for end in (0, 1)
    ))  # fmt: skip


def made(root: Node, parts: Mapping[Member, Ends], whole: Ends | None = None) -> Cutting:
    whole = whole or totals(parts)
    return cut(split(root, *whole), whole, parts)


@st.composite
def cuttings(draw: st.DrawFn, values: st.SearchStrategy[Fraction]) -> tuple[Node, dict[Member, Ends]]:
    """Any formula of up to four counts, over three segments."""
    formula = draw(st.sampled_from([f for forms in FORMULAS.values() for f in forms]))
    root = node(formula, *map(leaf, "pqrs"[: max(n for n, forms in FORMULAS.items() if formula in forms)]))
    columns = [i.column for i in root.counted()]
    return root, {m: Ends(*({c: draw(values) for c in columns} for _ in range(2))) for m in NAMES}


@settings(max_examples=300)
@given(cuttings(whole_numbers))
def test_pieces_sum_exactly_to_the_change(drawn: tuple[Node, dict[Member, Ends]]) -> None:
    root, parts = drawn
    whole = split(root, *totals(parts))
    found = made(root, parts)
    if whole.part is None or found.kind is Kind.NONE:
        assert all(piece.part is None for piece in found.pieces)
        return
    assert sum(piece.part or 0 for piece in found.pieces) == whole.part
    if found.kind is Kind.MIX:
        assert all(piece.part == (piece.mix or 0) + (piece.rate or 0) for piece in found.pieces)


@given(st.lists(st.tuples(*[positive] * 4), min_size=1, max_size=5))
def test_mix_and_rate_are_those_of_pandas(rows: list[tuple[Fraction, ...]]) -> None:
    """Worked out again with columns instead of segments, in floats, from the definition in words."""
    frame = pd.DataFrame([[float(n) for n in row] for row in rows], columns=["n0", "d0", "n1", "d1"])
    share0, share1 = frame["d0"] / frame["d0"].sum(), frame["d1"] / frame["d1"].sum()
    rate0, rate1 = frame["n0"] / frame["d0"], frame["n1"] / frame["d1"]
    overall = (frame["n0"].sum() / frame["d0"].sum() + frame["n1"].sum() / frame["d1"].sum()) / 2
    rate = (share0 + share1) / 2 * (rate1 - rate0)
    mix = (share1 - share0) * ((rate0 + rate1) / 2 - overall)
    parts: dict[Member, Ends] = {
        str(n): Ends({"won": n0, "closed": d0}, {"won": n1, "closed": d1}) for n, (n0, d0, n1, d1) in enumerate(rows)
    }
    for piece in made(RATE, parts).pieces:
        n = int(piece.member or 0)
        assert float(piece.mix or 0) == pytest.approx(mix[n], abs=1e-12)
        assert float(piece.rate or 0) == pytest.approx(rate[n], abs=1e-12)
        assert float(piece.weight_after or 0) == pytest.approx(share1[n])


def test_a_segment_that_appears_or_vanishes_is_all_mix() -> None:
    parts = members({
        "old": ({"won": 2, "closed": 4}, {"won": 0, "closed": 0}),
        "new": ({"won": 0, "closed": 0}, {"won": 1, "closed": 8}),
        "same": ({"won": 3, "closed": 6}, {"won": 3, "closed": 6}),
    })  # fmt: skip
    found = {piece.member: piece for piece in made(RATE, parts).pieces}
    assert [(found[m].before, found[m].after) for m in ("old", "new")] == [
        (Fraction(1, 2), None), (None, Fraction(1, 8)),
    ]  # fmt: skip
    assert [found[m].rate for m in ("old", "new", "same")] == [0, 0, 0]
    assert sum(piece.mix or 0 for piece in found.values()) == Fraction(4, 14) - Fraction(1, 2)


def test_a_segment_that_never_has_a_denominator_counts_by_what_it_adds_above() -> None:
    """Bookings by channel over spend by channel: partners sell and cost nothing."""
    parts = members({
        "paid": ({"won": 10, "closed": 5}, {"won": 10, "closed": 5}),
        "partner": ({"won": 0, "closed": 0}, {"won": 5, "closed": 0}),
    })  # fmt: skip
    found = {piece.member: piece for piece in made(RATE, parts).pieces}
    assert (found["partner"].before, found["partner"].after) == (None, None)
    assert [found["partner"].mix, found["partner"].rate] == [0, 1]
    assert found["paid"].part == 0


def test_segments_that_cancel_out_show_and_sum_to_nothing() -> None:
    """Nothing is gained in all, and yet the east's deals went west."""
    root = node("a * b / c", leaf("deals"), leaf("size"), leaf("days"))
    parts = members({
        "east": ({"deals": 6, "size": 5, "days": 1}, {"deals": 2, "size": 5, "days": 1}),
        "west": ({"deals": 2, "size": 5, "days": 1}, {"deals": 6, "size": 5, "days": 1}),
    })  # fmt: skip
    found = made(root, parts)
    assert found.kind is Kind.PARTS
    assert {piece.member: piece.part for piece in found.pieces} == {"east": -20, "west": 20}


def test_what_does_not_add_up_keeps_its_part_to_itself() -> None:
    root = Node("root", None, "typical * won", (Node("typical", MEDIAN, "", ()), leaf("won")))
    parts = members({
        "east": ({"typical": 10, "won": 1}, {"typical": 30, "won": 2}),
        "west": ({"typical": 20, "won": 1}, {"typical": 20, "won": 2}),
    })  # fmt: skip
    whole = Ends({"typical": Fraction(15), "won": Fraction(2)}, {"typical": Fraction(20), "won": Fraction(4)})
    found = made(root, parts, whole)
    assert (found.kind, found.loose) == (Kind.PARTS, ("typical",))
    assert {piece.member: piece.part for piece in found.pieces} == {
        REST: Fraction(15), "east": Fraction(35, 2), "west": Fraction(35, 2),
    }  # fmt: skip
    alone = made(Node("typical", MEDIAN, "", ()), parts, whole)
    assert [piece.member for piece in found.pieces if piece.is_rest] == [REST]
    assert alone.kind is Kind.NONE
    assert all(piece.part is None for piece in alone.pieces)


def test_different_things_add_up_where_none_is_in_two_segments() -> None:
    root = Node("customers", CUSTOMERS, "", ())
    parts = members({"east": ({"customers": 3}, {"customers": 4}), "west": ({"customers": 2}, {"customers": 2})})
    apart = Ends({"customers": Fraction(5)}, {"customers": Fraction(6)})
    assert made(root, parts, apart).kind is Kind.SUM
    overlapping = Ends({"customers": Fraction(4)}, {"customers": Fraction(6)})
    assert made(root, parts, overlapping).kind is Kind.NONE


def test_an_average_is_the_mix_and_rate_of_its_sum_and_count() -> None:
    days = {"from": "opportunity", "avg": "days_to_close", "at": "closed_at"}
    root = node_of(Metrics.model_validate({"measures": {"days": days}}), "days")
    parts = members({
        "fast": ({"days__sum": 40, "days__count": 4}, {"days__sum": 10, "days__count": 1}),
        "slow": ({"days__sum": 90, "days__count": 1}, {"days__sum": 360, "days__count": 4}),
    })  # fmt: skip
    found = made(root, parts)
    assert found.kind is Kind.MIX
    assert {piece.member: [piece.mix, piece.rate] for piece in found.pieces} == {"fast": [24, 0], "slow": [24, 0]}


def test_beyond_fifty_the_rest_is_one_piece() -> None:
    parts = members({f"s{n:03}": ({"won": n, "closed": 200}, {"won": n + n % 7, "closed": 200}) for n in range(120)})
    found = made(RATE, parts)
    assert len(found.pieces) == 51
    whole = split(RATE, *totals(parts))
    assert sum(piece.part or 0 for piece in found.pieces) == whole.part
    others = found.pieces[-1]
    rest = {piece.member for piece in found.pieces}
    own = [ends for member, ends in parts.items() if member not in rest]
    assert others.member == OTHERS
    assert [piece for piece in found.pieces if piece.is_rest] == [others]
    assert others.before == sum((e.before["won"] or 0 for e in own), Fraction(0)) / (200 * len(own))
    sizes = [float(abs(piece.part or 0)) for piece in found.pieces[:50]]
    assert sizes == sorted(sizes, reverse=True)


def test_a_segment_that_is_called_like_the_rest_is_a_segment() -> None:
    named = {OTHERS: 7, REST: 3} | {f"s{n:03}": n for n in range(60)}
    parts = members({name: ({"won": n, "closed": 200}, {"won": n + 1, "closed": 200}) for name, n in named.items()})
    found = made(RATE, parts)
    assert [piece.is_rest for piece in found.pieces].count(True) == 1
    others = found.pieces[-1]
    kept = {piece.member for piece in found.pieces[:-1]}
    own = [ends for member, ends in parts.items() if member not in kept]
    assert others.before == sum((e.before["won"] or 0 for e in own), Fraction(0)) / (200 * len(own))


def test_with_no_change_to_split_the_values_are_still_there() -> None:
    parts = members({"east": ({"won": 0, "closed": 0}, {"won": 1, "closed": 2})})
    (piece,) = made(RATE, parts).pieces
    assert (piece.before, piece.after, piece.part, piece.mix) == (None, Fraction(1, 2), None, None)
