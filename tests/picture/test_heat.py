"""Heat maps: each cell in its band, few and none told apart by shape, colours from little to much in order."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fairlead.picture.drawn import svg
from fairlead.picture.heat import MOST_BANDS, Band, Heat, Spot, counted, heat, height_of, shares
from fairlead.picture.palette import PALETTES
from fairlead.picture.theme import WIDTHS, About, Style
from fairlead.picture.wording import PLAIN
from tests.picture.drawings import layers, rows, texts

BANDS = (Band(0, "below 50%"), Band(0.5, "50% to 90%"), Band(0.9, "90% and more"))
SPOTS = (
    Spot(0, 0, 0.2, "20% of 10"), Spot(1, 0, 0.5, "50% of 8"), Spot(2, 1, 0.9, "90% of 10"),
    Spot(0, 1, 1.0, "100% of 1", few=True), Spot(1, 1, None, "none counts yet"),
)  # fmt: skip
SHOWN = Heat(SPOTS, ("9 AM", "10 AM", "11 AM"), ("Mon", "Tue"), BANDS)
MET = About("Met", "percent")


class Drawn:
    """The heat map above, as something that can be drawn."""

    def chart(self, look: Style = Style()):  # type: ignore[no-untyped-def]  # noqa: B008
        return heat(SHOWN, MET, look)


def test_each_cell_lies_in_its_band_and_few_and_none_have_shapes_of_their_own() -> None:
    chart = heat(SHOWN, MET)
    (whole,) = rows(chart, "rect")
    assert [(cell["named"], cell["band"]) for cell in whole] == [
        ("Mon, 9 AM", "below 50%"), ("Mon, 10 AM", "50% to 90%"), ("Tue, 11 AM", "90% and more"),
    ]  # fmt: skip
    assert [cell["says"] for cell in rows(chart, "point", shape="square")[0]] == ["100% of 1"]
    assert [cell["says"] for cell in rows(chart, "point", shape="circle")[0]] == ["none counts yet"]


@pytest.mark.parametrize("scheme", PALETTES)
def test_bands_have_colours_from_little_to_much(scheme: str) -> None:
    chart = heat(SHOWN, MET, Style(scheme))  # type: ignore[arg-type]
    scale = layers(chart)[0]["encoding"]["color"]["scale"]
    assert scale["domain"] == [band.says for band in BANDS]
    assert scale["range"] == list(PALETTES[scheme].heat[-3:])  # type: ignore[index]


@pytest.mark.parametrize("size", WIDTHS)
def test_rows_and_some_columns_are_named_and_the_bands_too(size: str) -> None:
    said = texts(svg(Drawn(), Style("light", size)))  # type: ignore[arg-type]
    assert {"Mon", "Tue", "9 AM", *(band.says for band in BANDS)} <= set(said)
    assert ("11 AM" in said) == (size == "wide")


def test_height_follows_the_rows() -> None:
    two, three, seven = (height_of(SHOWN._replace(rows=("Mon",) * rows), "wide") for rows in (2, 3, 7))
    assert seven - two == 5 * (three - two)


@pytest.mark.parametrize("longest", ["Mon", "Oct 2026", "A segment of a long name"])
def test_the_legend_has_room_beside_long_names_also_on_a_phone(longest: str) -> None:
    """The names of a line of the legend end before the picture does; what has no room takes another line."""
    bands = shares((0, 0.8, 0.95, 1.05, 1.2), PLAIN)
    shown = SHOWN._replace(rows=("Mon", longest), bands=bands)

    class Shown:
        def chart(self, look: Style = Style()):  # type: ignore[no-untyped-def]  # noqa: B008
            return heat(shown, MET, look)

    drawn = svg(Shown(), Style("light", "narrow"))
    width = float(re.search(r'width="(\d+)', drawn)[1])  # type: ignore[index]
    assert len([band for band in bands if f">{band.says}<" in drawn]) == len(bands)
    places = {says: _right(drawn, says) for says in (band.says for band in bands)}
    assert max(places.values()) <= width, places
    assert height_of(shown, "narrow") > height_of(shown, "wide")


def _right(drawn: str, says: str) -> float:
    """Where a text ends, from the moves of the groups it lies in."""
    at = drawn.index(f">{says}<")
    open_groups: list[float] = []
    for tag in re.finditer(r"<(/?)(g|text)\b([^>]*)>", drawn[: at + 1]):
        moved = re.search(r"translate\((-?[\d.]+)", tag[3])
        if tag[1]:
            open_groups.pop()
        else:
            open_groups.append(float(moved[1]) if moved else 0.0)
    return sum(open_groups) + 6.2 * len(says)


@given(st.integers(1, 10**7))
@example(1)
@example(MOST_BANDS)
def test_bands_of_counts_hold_every_count_and_are_no_more_than_five(most: int) -> None:
    bands = counted(most, PLAIN)
    least = [band.least for band in bands]
    assert least[0] == 1
    assert 1 <= len(bands) <= MOST_BANDS
    assert least == sorted(set(least))
    assert least[-1] <= most
    shown = Heat((), (), (), bands)
    assert [shown.band(one) for one in (1, most)] == [bands[0].says, bands[-1].says]
    assert len({band.says for band in bands}) == len(bands)


def test_a_share_at_the_beginning_of_a_band_is_in_it() -> None:
    shown = Heat((), (), (), shares((0, 0.5, 0.9), PLAIN))
    assert [shown.band(share) for share in (0.0, 0.4999, 0.5, 0.8999, 0.9, 1.0)] == [
        "below 50%", "below 50%", "50% to 90%", "50% to 90%", "90% and more", "90% and more",
    ]  # fmt: skip
