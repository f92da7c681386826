"""Charts over HTTP: pictures, descriptions and their program; closed, kept while nothing is new, refused in words."""

import gzip
import json
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from fairlead.desk import bundle
from fairlead.workspace import Workspace

if TYPE_CHECKING:
    from django.test import Client

    from fairlead.desk.people.models import User

ADDRESSES = (
    "/charts/metric/win_rate.svg",
    "/charts/metric/win_rate.json?by=segment&scheme=dark&size=narrow",
    "/charts/metric/average_deal_size.svg?by=industry&per=quarter&from=2026-Q1&to=2026-Q1",
    "/charts/why/win_rate.svg?from=2026-06&to=2026-07",
    "/charts/why/win_rate.json?from=2026-06&to=2026-07&by=segment&cut=segment",
    "/charts/versions/win_rate.svg",
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_kind_is_drawn(page: "Client", address: str) -> None:
    answer = page.get(address)
    assert answer.status_code == 200
    if ".svg" in address:
        assert answer["Content-Type"].startswith("image/svg+xml")
        assert ET.fromstring(answer.content).tag == "{http://www.w3.org/2000/svg}svg"
    else:
        assert answer["Content-Type"] == "application/json"
        assert json.loads(answer.content)["$schema"].startswith("https://vega.github.io/schema/vega-lite/")


@pytest.mark.parametrize("address", [*ADDRESSES, f"/charts/program-{bundle.VERSION}.js"])
def test_charlie_and_the_signed_out_see_none(
    company_desk: Workspace, client: "Client", charlie: "User", address: str
) -> None:
    assert client.get(address).status_code == 302
    client.force_login(charlie)
    answer = client.get(address)
    assert answer.status_code == 403
    assert b"<svg xmlns" not in answer.content


def test_light_and_dark_differ_in_colour_only(page: "Client") -> None:
    light, dark = (page.get(f"/charts/metric/win_rate.svg?scheme={s}").content.decode() for s in ("light", "dark"))
    colour = re.compile(r"#[0-9a-f]{6}|view_[0-9a-f]{16}")
    assert light != dark
    assert colour.sub("", light) == colour.sub("", dark)


def test_an_unchanged_chart_is_not_sent_again(page: "Client") -> None:
    first = page.get(ADDRESSES[0])
    assert first["Cache-Control"] == "private, no-cache"
    again = page.get(ADDRESSES[0], headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = page.get("/charts/metric/win_rate.svg?scheme=dark", headers={"If-None-Match": first["ETag"]})
    assert other.status_code == 200


@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        ("/charts/metric/win_rat.svg", 404, "win_rate"),
        ("/charts/metric/win_rate.svg?per=decade", 400, "decade"),
        ("/charts/metric/win_rate.svg?by=nonsense", 400, "nonsense"),
        ("/charts/metric/win_rate.svg?from=%3Cscript%3E", 400, "&lt;script&gt;"),
        ("/charts/metric/win_rate.svg?size=huge", 400, "huge"),
        ("/charts/metric/win_rate.json?scheme=pink", 400, "pink"),
        ("/charts/why/win_rate.svg", 400, ""),
        ("/charts/why/win_rate.json?from=2026-06&to=2026-07&where=1%3D1%3B+drop+table+x", 400, ""),
    ],
)
def test_what_cannot_be_drawn_is_said_in_the_form_asked_for(
    page: "Client", address: str, status: int, says: str
) -> None:
    answer = page.get(address)
    assert answer.status_code == status
    body = answer.content.decode()
    assert says in body
    if ".svg" in address:
        assert ET.fromstring(answer.content).tag.endswith("svg")
        assert "<script" not in body
    else:
        assert json.loads(body)["problems"]


@pytest.mark.parametrize(
    "address", ["/charts/nonsense/win_rate.svg", "/charts/metric/win_rate.png", "/charts/program-0.js"]
)
def test_there_are_no_other_charts(page: "Client", address: str) -> None:
    assert page.get(address).status_code == 404


def test_the_program_is_made_once_kept_and_served_compressed(page: "Client", company: Workspace) -> None:
    address = f"/charts/program-{bundle.VERSION}.js"
    packed = page.get(address, headers={"Accept-Encoding": "gzip, br"})
    assert packed["Content-Encoding"] == "gzip"
    assert "immutable" in packed["Cache-Control"]
    assert "private" in packed["Cache-Control"]
    text = gzip.decompress(packed.content)
    assert b"vegaEmbed" in text
    plain = page.get(address)
    assert plain.content == text
    assert "Content-Encoding" not in plain
    (kept,) = (company.lake.root / "charts").glob("*.gz")
    made = kept.stat().st_mtime_ns
    assert bundle.bundle(company.lake.root / "charts") == kept
    assert kept.stat().st_mtime_ns == made


def test_charts_answer_no_other_verbs(page: "Client") -> None:
    for address in (ADDRESSES[0], f"/charts/program-{bundle.VERSION}.js"):
        assert page.post(address).status_code == 405


def test_a_figure_has_a_picture_a_table_and_a_sentence(company_desk: Workspace) -> None:
    from django.template.loader import render_to_string

    from fairlead.desk.charting import metric_figure

    figure = metric_figure(company_desk, "win_rate", by=("segment",), csv_url="/metrics/win_rate/series.csv?by=segment")
    shown = render_to_string("parts/figure.html", {"figure": figure})
    assert f'alt="{figure.says}"'.replace("&", "&amp;") in shown
    assert shown.count("<tr>") == 1 + len(figure.rows)
    assert 'href="/metrics/win_rate/series.csv?by=segment"' in shown
    assert "style=" not in shown
    assert "<script" not in shown
    for size in ("narrow", "medium"):
        assert shown.count(f"size={size}") >= 2
    assert "prefers-color-scheme: dark" in shown
