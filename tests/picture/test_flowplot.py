"""The flow between stages: every stage and every arrow once, each figure a link, and nothing from outside unescaped."""

import re
import xml.etree.ElementTree as ET

from fairlead.picture.flowplot import Leaving, Onward, Place, Return, flowplot

PLACES = tuple(Place(n, f"Stage {n}", "Owner & Co", f"/s/{n}/", n * 2, f"/rows/{n}?a=1&b=2") for n in "123")


def drawn() -> ET.Element:
    onward = [Onward(n, "50% moved on", "median 2 days", "/on") for n in "123"]
    svg = flowplot(
        PLACES, onward, [Return("3", "1", "7", "/back")], [Leaving("2", "4 left", "$9", "#leaks")], title="<b>"
    )
    return ET.fromstring(svg)


def test_every_stage_and_arrow_is_drawn_once() -> None:
    svg = drawn()
    assert [a.get("href") for a in svg.iter("a") if a.get("class") == "flow-card"] == ["/s/1/", "/s/2/", "/s/3/"]
    assert [t.text for t in svg.iter("text") if t.get("class") == "flow-share"] == [
        "50% moved on"
    ] * 2  # none after the last
    assert [t.text for t in svg.iter("text") if t.get("class") == "flow-back"] == ["7"]
    assert [t.text for t in svg.iter("text") if t.get("class") == "flow-money"] == ["$9"]
    assert svg.get("aria-label") == "<b>"


def test_cards_stand_below_each_other_and_within_the_drawing() -> None:
    svg = drawn()
    tops = [float(r.get("y") or 0) for r in svg.iter("rect")]
    assert tops == sorted(set(tops))
    _, _, wide, high = map(float, (svg.get("viewBox") or "").split())
    for rect in svg.iter("rect"):
        assert 0 < float(rect.get("x") or 0) < float(rect.get("x") or 0) + float(rect.get("width") or 0) < wide
        assert float(rect.get("y") or 0) + float(rect.get("height") or 0) < high


def test_what_is_not_drawn_has_no_arrow() -> None:
    svg = flowplot(PLACES, [], [Return("9", "1", "7", "/")], [Leaving("9", "4 left", "", "")], title="t")
    assert re.findall(r'class="flow-edge[^"]*"', svg) == []
