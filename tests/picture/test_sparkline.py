"""The sparkline: gaps are gaps, everything stays inside, and it says in words what it shows."""

import re
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from fairlead.picture.sparkline import HEIGHT, WIDTH, Goal, Number, sparkline

SVG = ElementTree.Element


def draw(*values: float | None, goal: Goal | None = None) -> SVG:
    history = [(f"{2026 + month // 12}-{month % 12 + 1:02}", value) for month, value in enumerate(values)]
    return ElementTree.fromstring(sparkline(history, label="Win rate", say=lambda value: f"{value:g}", goal=goal))


def lines(svg: SVG) -> list[str]:
    return [path.get("d", "") for path in svg.iter("path") if path.get("class") == "spark-line"]


def limits(svg: SVG) -> list[float]:
    """How high the limits are drawn."""
    found = [path.get("d", "") for path in svg.iter("path") if path.get("class") == "spark-limit"]
    return [float(line.removeprefix("M0 ").partition("H")[0]) for line in found]


def circles(svg: SVG, name: str) -> list[SVG]:
    return [circle for circle in svg.iter("circle") if circle.get("class") == name]


def title(svg: SVG) -> str:
    return svg.findtext("title") or ""


def test_a_rise_is_drawn_upwards() -> None:
    (line,) = lines(draw(1, 2, 3))
    heights = [float(pair.split()[1]) for pair in line[1:].split("L")]
    assert heights == sorted(heights, reverse=True)


def test_an_undefined_period_is_a_gap_and_not_a_zero() -> None:
    svg = draw(5, 6, None, 7, 8)
    assert len(lines(svg)) == 2
    assert "lowest 5 (Jan 2026)" in title(svg)


def test_a_value_alone_between_gaps_is_a_dot() -> None:
    svg = draw(5, None, 6, None, 7)
    assert lines(svg) == []
    assert len(circles(svg, "spark-dot")) == 3


def test_the_last_value_is_marked_only_when_it_is_the_last_period_s() -> None:
    assert len(circles(draw(1, 2), "spark-last")) == 1
    assert len(circles(draw(1, None), "spark-last")) == 0
    assert title(draw(1, None)).endswith("latest undefined")


def test_it_says_what_it_shows() -> None:
    assert title(draw(3, 1, 2)) == (
        "Win rate, Jan 2026 to Mar 2026: lowest 1 (Feb 2026), highest 3 (Jan 2026), latest 2"
    )


def test_nothing_to_draw_is_said() -> None:
    for svg in (draw(), draw(None, None)):
        assert title(svg) == "Win rate: no values yet"
        assert lines(svg) == []


def test_what_hardly_moved_looks_so() -> None:
    (line,) = lines(draw(100, 100.1, 100))
    heights = [float(y) for y in re.findall(r" ([\d.]+)", line)]
    assert max(heights) - min(heights) < 1


def test_text_is_escaped() -> None:
    svg = sparkline([("2026-01", 1.0)], label="<b>&", say=lambda value: "<1>")
    assert "&lt;b&gt;&amp;" in svg
    assert ElementTree.fromstring(svg).findtext("title", "").startswith("<b>&")


def heights(svg: SVG) -> list[float]:
    return [float(pair.split()[1]) for line in lines(svg) for pair in line[1:].split("L")]


def test_the_target_is_a_line_across_below_what_meets_it_and_above_what_does_not() -> None:
    svg = draw(10, 14, 11, 13, goal=Goal(12, None, "at least 12"))
    (limit,) = limits(svg)
    low, high, lower, higher = heights(svg)
    assert high < higher < limit < lower < low  # downwards from the top
    assert title(svg).endswith("latest 13, target at least 12")


def test_a_band_has_two_lines() -> None:
    upper, lower = sorted(limits(draw(4, 6, 5, goal=Goal(3.5, 6.5, "between 3.5 and 6.5"))))
    assert upper < min(heights(draw(4, 6, 5, goal=Goal(3.5, 6.5, ""))))
    assert lower > max(heights(draw(4, 6, 5, goal=Goal(3.5, 6.5, ""))))


def test_a_target_far_off_is_told_and_leaves_the_course_its_room() -> None:
    near, far = draw(10, 14, 11), draw(10, 14, 11, goal=Goal(500, None, "at least 500"))
    assert limits(far) == []
    assert lines(far) == lines(near)
    assert title(far).endswith("target at least 500")


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20), st.floats(-1e6, 1e6))
def test_a_drawn_target_is_inside_and_on_its_side_of_every_value(values: list[float], limit: float) -> None:
    svg = draw(*values, goal=Goal(limit, None, ""))
    for y in limits(svg):
        assert 0 <= y <= HEIGHT
        for value, height in zip(values, heights(svg), strict=True):
            assert height <= y + 0.11 if value >= limit else height >= y - 0.11


NUMBERS: st.SearchStrategy[Number | None] = st.none() | st.floats(-1e12, 1e12)


@given(st.lists(NUMBERS, max_size=40))
def test_everything_stays_inside_and_nothing_but_defined_values_is_drawn(values: list[float | None]) -> None:
    svg = draw(*values)
    drawn = [tuple(map(float, pair.split())) for line in lines(svg) for pair in line[1:].split("L")]
    alone = [(float(c.get("cx", "")), float(c.get("cy", ""))) for c in circles(svg, "spark-dot")]
    for x, y in drawn + alone:
        assert 0 <= x <= WIDTH
        assert 0 <= y <= HEIGHT
    assert len(drawn) + len(alone) == sum(value is not None for value in values)
