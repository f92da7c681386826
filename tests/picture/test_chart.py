"""Charts of a number's course: gaps stay gaps, what is not over is hollow, words are ours, nothing is fetched."""

import json
from html import escape
from itertools import pairwise

import altair as alt
import pytest

from fairlead.picture.chart import Line, lines
from fairlead.picture.drawn import svg
from fairlead.picture.palette import MOST_SERIES, PALETTES, Scheme
from fairlead.picture.theme import HEIGHTS, WIDTHS, About, Goal, Size, Style
from fairlead.picture.wording import Manner, Number
from tests.picture.drawings import layers, lines_of, pieces, rows, texts

MONTHS = tuple(f"2026-{month:02}" for month in range(1, 11))
LOOKS = [Style(scheme, size) for scheme in PALETTES for size in WIDTHS]
HOSTILE = "<script>alert(1)</script> \"'];alert(1)//\u2028${x}"


class Drawn:
    """Lines about something, to be drawn in any look."""

    def __init__(self, series: list[Line], about: About) -> None:
        self.series, self.about = series, about

    def chart(self, look: Style = Style()) -> object:  # noqa: B008
        return lines(self.series, self.about, look)


def line(values: list[Number | None], name: str = "Win rate") -> Line:
    return Line(name, tuple(zip(MONTHS, values, strict=False)))


def picture(series: list[Line], about: About, look: Style = Style()) -> str:  # noqa: B008
    return svg(Drawn(series, about), look)  # type: ignore[arg-type]


PERCENT = About("Win rate", "percent")
GAPPED = line([0.2, 0.3, None, 0.25, 0.28, None, 0.22])


def test_a_gap_stays_a_gap() -> None:
    (path,) = lines_of(picture([GAPPED], PERCENT))
    # four stretches of the axis hold values, the last of a single point
    assert pieces(path) == 3
    drawn = [row["value"] for found in rows(lines([GAPPED], PERCENT), "line") for row in found]
    assert drawn == [0.2, 0.3, None, 0.25, 0.28, None, 0.22]
    points = [row["value"] for found in rows(lines([GAPPED], PERCENT), "point") for row in found]
    assert points == [0.2, 0.3, 0.25, 0.28, 0.22]


def test_every_period_keeps_its_place_also_without_a_value() -> None:
    domain = layers(lines([GAPPED], PERCENT))[0]["encoding"]["x"]["scale"]["domain"]
    assert domain == list(MONTHS[:7])


def test_a_period_that_is_not_over_is_hollow_and_its_line_dashed() -> None:
    chart = lines([line([0.2, 0.3, 0.25])], PERCENT._replace(unfinished="2026-03"))
    whole, stretch = rows(chart, "line")
    assert [row["period"] for row in whole] == ["2026-01", "2026-02"]
    assert [row["period"] for row in stretch] == ["2026-02", "2026-03"]
    assert [row["period"] for row in rows(chart, "point", filled=False)[0]] == ["2026-03"]
    assert "Mar 2026, so far" in json.dumps(chart.to_dict())


def test_nothing_is_dashed_into_a_period_without_a_value() -> None:
    chart = lines([line([0.2, None, 0.25])], PERCENT._replace(unfinished="2026-03"))
    assert len(rows(chart, "line")) == 1


@pytest.mark.parametrize(
    ("goal", "rules", "bands"),
    [
        (Goal(), 0, 0),
        (Goal(low=0.25, says="at least 25%"), 1, 0),
        (Goal(low=0.2, high=0.3, says="between 20% and 30%"), 2, 1),
        (Goal(high=0.3, says="at most 30%", baseline=0.1), 2, 0),
    ],
)
def test_the_target_is_a_line_or_a_band_and_said(goal: Goal, rules: int, bands: int) -> None:
    chart = lines([GAPPED], PERCENT._replace(goal=goal))
    assert (len(rows(chart, "rule")), len(rows(chart, "rect"))) == (rules, bands)
    said = " ".join(texts(picture([GAPPED], PERCENT._replace(goal=goal))))
    assert goal.says in said
    assert ("baseline 10.0%" in said) == (goal.baseline is not None)


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.scheme}-{look.size}")
def test_it_is_drawn_in_every_look_without_the_network(look: Style) -> None:
    drawn = picture([GAPPED, line([0.1] * 7, "Other")], PERCENT, look)
    assert drawn.startswith('<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"')
    assert f'width="{WIDTHS[look.size]}" height="{HEIGHTS[look.size]}"' in drawn
    assert look.palette.series[0] in drawn
    assert "Other" in texts(drawn)
    assert "<image" not in drawn
    assert "url" not in json.dumps(lines([GAPPED], PERCENT, look).to_dict()["layer"])


def test_a_chart_that_asked_for_data_from_elsewhere_would_be_refused() -> None:
    class Elsewhere:
        def chart(self, look: Style = Style()) -> alt.LayerChart:  # noqa: B008
            point = alt.Chart(alt.UrlData(url="https://example.com/x.csv")).mark_point().encode(x="a:Q")
            return alt.LayerChart(layer=[point])

    with pytest.raises(ValueError, match=r"example\.com"):
        svg(Elsewhere())


def test_words_are_the_locales() -> None:
    said = texts(
        picture(
            [line([1_200_000.0, 1_500_000.0, 1_300_000.0])], About("Neue Pipeline", "money", Manner("EUR", "de_DE"))
        )
    )
    assert "1,4\u00a0Mio.\u00a0€" in said
    assert "M\u00e4r" in " ".join(said)
    english = texts(picture([line([1_200_000.0, 1_500_000.0])], About("New pipeline", "money")))
    assert "$1.4M" in english


@pytest.mark.parametrize("scheme", PALETTES)
@pytest.mark.parametrize("size", WIDTHS)
def test_no_name_is_ever_read_as_markup_or_as_code(scheme: Scheme, size: Size) -> None:
    about = About(HOSTILE, "percent", goal=Goal(low=0.2, says=HOSTILE), says=HOSTILE)
    drawn = picture([line([0.1, 0.2], HOSTILE), line([0.3, 0.1], "b")], about, Style(scheme, size))
    assert "<script" not in drawn
    assert f"target {HOSTILE}" in texts(drawn)
    assert escape(HOSTILE, quote=False)[:20] in drawn


def test_more_lines_than_can_be_told_apart_are_left_out() -> None:
    many = [line([n, n + 1.0], f"s{n}") for n in range(12)]
    chart = lines(many, About("x", "count"))
    names = {row["series"] for found in rows(chart, "line") for row in found}
    assert names == {f"s{n}" for n in range(MOST_SERIES)}


def test_names_at_the_ends_of_lines_do_not_lie_on_each_other() -> None:
    many = [line([1.0, 1.0 + n / 1000], f"s{n}") for n in range(8)]
    chart = lines(many, About("x", "ratio"))
    (named,) = [found for found in rows(chart, "text") if "series" in found[0]]
    low, high = layers(chart)[0]["encoding"]["y"]["scale"]["domain"]
    heights = sorted((row["y"] - low) / (high - low) * HEIGHTS["wide"] for row in named)
    assert all(b - a >= 15 for a, b in pairwise(heights))
    assert heights[-1] <= HEIGHTS["wide"]


def test_on_a_narrow_screen_names_are_in_a_legend() -> None:
    series = [line([0.1, 0.2], "One"), line([0.2, 0.3], "Two")]
    wide, narrow = (picture(series, PERCENT, Style("light", size)) for size in ("wide", "narrow"))
    assert "role-legend" not in wide
    assert "role-legend" in narrow
    assert {"One", "Two"} <= set(texts(narrow))


def test_the_tooltip_of_a_period_says_every_value_in_words() -> None:
    chart = lines([GAPPED, line([0.5] * 7, "b")], PERCENT)
    (strips,) = rows(chart, "bar")
    assert strips[2]["named"] == "Mar 2026"
    assert [strips[2]["v0"], strips[2]["v1"]] == ["undefined", "50.0%"]


@pytest.mark.parametrize("name", ["image", "title", "Target", "a\u2028b", "a\nb", ""])
def test_no_name_breaks_the_tooltip(name: str) -> None:
    chart = lines([line([0.1, 0.2], name), line([0.3, 0.4], "b")], PERCENT._replace(goal=Goal(low=0.1, says="x")))
    (strips,) = [layer for layer in layers(chart) if layer["mark"]["type"] == "bar"]
    titles = [tip["title"] for tip in strips["encoding"]["tooltip"]]
    assert titles.count("title") == 1
    assert "image" not in titles
    assert len(set(titles)) == len(titles) == 4
    assert picture([line([0.1, 0.2], name)], PERCENT).startswith("<svg")


def test_it_says_what_it_shows_to_those_who_do_not_see_it() -> None:
    assert lines([GAPPED], PERCENT._replace(says="It fell.")).to_dict()["description"] == "It fell."


def test_no_values_at_all_are_an_empty_chart() -> None:
    assert pieces("".join(lines_of(picture([line([None, None])], PERCENT)))) == 0
    assert picture([Line("x", ())], PERCENT).startswith("<svg")


def remark(chart: alt.LayerChart, word: str) -> tuple[str | None, float]:
    """The end at which words stand (None: on top of the chart) and how far from their line, downwards."""
    described = chart.to_dict()
    for layer in reversed(described["layer"]):  # the words themselves come after their rim
        rows = described["datasets"][layer["data"]["name"]]
        if any(str(row.get("text", "")).startswith(word) for row in rows):
            return (layer["mark"]["align"] if "limit" in rows[0] else None), layer["mark"].get("dy", 0)
    raise AssertionError(word)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.1, 0.12, 0.15, 0.2, 0.24, 0.28, 0.3, 0.31, 0.31, 0.30], ("left", -3)),  # the end lies on the target
        ([0.3, 0.31, 0.31, 0.28, 0.2, 0.15, 0.12, 0.11, 0.1, 0.1], ("right", -3)),  # the beginning does
    ],
)
def test_the_words_of_the_target_stand_where_the_course_is_not(
    values: list[Number | None], expected: tuple[str, float]
) -> None:
    about = PERCENT._replace(goal=Goal(low=0.29, says="at least 29%"))
    assert remark(lines([line(values)], about), "target") == expected


def test_words_that_would_be_run_through_everywhere_stand_on_top() -> None:
    wild: list[Number | None] = [0.2, 0.3, 0.2, 0.3, 0.2, 0.3, 0.2, 0.3, 0.2, 0.3]
    about = PERCENT._replace(goal=Goal(low=0.25, says="at least 25%"))
    chart = lines([line(wild)], about, Style("light", "narrow"))
    assert remark(chart, "target")[0] is None
    assert "target at least 25%" in texts(picture([line(wild)], about, Style("light", "narrow")))


def test_long_names_beside_lines_have_room_and_a_row_of_their_own_in_a_legend() -> None:
    name = "now, since Nov 23, 2026, 08:54"
    wide = lines([line([0.1, 0.2], name), line([0.3, 0.1], "b")], PERCENT).to_dict()
    assert wide["padding"]["right"] > 8 + len("b")
    assert name in texts(picture([line([0.1, 0.2], name), line([0.3, 0.1], "b")], PERCENT))
    narrow = lines([line([0.1, 0.2], name), line([0.3, 0.1], "b")], PERCENT, Style("light", "narrow"))
    assert '"columns": 1' in json.dumps(narrow.to_dict())
