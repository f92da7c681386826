"""Bars: parts join the two values without a gap, and values side by side begin at zero."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.picture.bars import End, Step, bars, height_of, waterfall
from fairlead.picture.theme import WIDTHS, About, Goal, Style
from tests.picture.drawings import layers, rows

PERCENT = About("Win rate", "percent")
PARTS = st.lists(st.decimals(-1, 1, places=4), min_size=1, max_size=9)


@settings(max_examples=40)  # a chart takes long to be put together
@given(st.decimals(-5, 5, places=4), PARTS)
def test_each_part_begins_where_the_one_before_ended(before: Decimal, parts: list[Decimal]) -> None:
    steps = [Step(f"part {n}", part, "better") for n, part in enumerate(parts)]
    chart = waterfall(End("Sep", before), End("Oct", before + sum(parts)), steps, PERCENT)
    found = layers(chart)
    (drawn,) = (layer["rows"] for layer in found if layer["mark"]["type"] == "bar")
    first, last = next(layer["rows"] for layer in found if layer["mark"]["type"] == "tick")
    ends = [float(before), *(bar["end"] for bar in drawn)]
    assert [bar["start"] for bar in drawn] == ends[:-1]
    assert ends[-1] == pytest.approx(last["end"])
    assert first["end"] == float(before)
    low, high = found[1]["encoding"]["x"]["scale"]["domain"]
    assert all(low <= value <= high for value in ends)


def test_colours_tell_better_from_worse_and_the_record_from_business() -> None:
    steps = [
        Step("a", Decimal("0.1"), "better"),
        Step("b", Decimal("-0.2"), "worse"),
        Step("c", Decimal("0.3"), "record"),
    ]
    chart = waterfall(End("x", Decimal(0)), End("y", Decimal("0.2")), steps, PERCENT)
    colour = next(layer for layer in layers(chart) if layer["mark"]["type"] == "bar")["encoding"]["color"]["scale"]
    shades = dict(zip(colour["domain"], colour["range"], strict=True))
    assert len(set(shades.values())) == len(shades)
    assert [bar["kind"] for bar in rows(chart, "bar")[0]] == ["better", "worse", "record"]
    assert [bar["says"] for bar in rows(chart, "bar")[0]] == [
        "+10.0\u00a0points",
        "\u221220.0\u00a0points",
        "+30.0\u00a0points",
    ]


@pytest.mark.parametrize("size", WIDTHS)
def test_words_to_the_right_of_bars_have_room(size: str) -> None:
    values = [("A rather long name of a segment", 10.0), ("b", 9.5), ("c", -3.0)]
    chart = bars(values, About("x", "money"), Style("light", size))  # type: ignore[arg-type]
    low, high = layers(chart)[0]["encoding"]["x"]["scale"]["domain"]
    assert low <= -3 < 10 < high


def test_bars_begin_at_zero_and_undefined_ones_are_said() -> None:
    chart = bars([("a", 0.9), ("b", None)], PERCENT._replace(goal=Goal(low=0.95, says="at least 95%")))
    assert layers(chart)[0]["encoding"]["x"]["scale"]["domain"][0] <= 0
    assert [bar["name"] for bar in rows(chart, "bar")[0]] == ["a"]
    said = {row["says"] for found in rows(chart, "text") for row in found if "says" in row}
    assert said == {"90.0%", "undefined"}
    assert rows(chart, "rule")[0][0]["limit"] == 0.95


def test_two_parts_of_one_name_are_two_bars() -> None:
    chart = bars([("same", 1.0), ("same", 2.0)], About("x", "count"))
    assert len({bar["row"] for bar in rows(chart, "bar")[0]}) == 2


def test_height_follows_the_number_of_bars() -> None:
    assert height_of(10) - height_of(4) == 6 * (height_of(2) - height_of(1))
