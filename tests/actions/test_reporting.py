"""Reports: every number the scoreboard has, every word as it is, files whole or not at all, the same again."""

import re
import shutil
import subprocess
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from fairlead.actions.reporting import gathered, report
from fairlead.actions.reports.pack import Pack
from fairlead.actions.reports.page import to_html
from fairlead.actions.reports.pdf import to_pdf
from fairlead.actions.scoreboard import Status, scoreboard
from fairlead.picture.wording import worded
from fairlead.problem import Refused
from fairlead.workspace import Workspace
from tests.actions.companies import small_company, synced_company

NOW = datetime(2026, 4, 1, 9, tzinfo=UTC)
HOSTILE = (
    '#eval("1")',
    "*bold* _it_ $x$ @ref <lab> `raw` \\ ] } //",
    "<script>alert(1)</script> & \"q\" 'a'",
    "{{ pack }} {% x %}",
)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return synced_company(tmp_path_factory.mktemp("report") / "small", now=NOW)


@pytest.fixture(scope="module")
def told(company: Workspace) -> Pack:
    return gathered(company, as_of="2026-02-28", now=NOW)


class Page(HTMLParser):
    """What an HTML file says, what it would fetch, and what it would run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.fetched: list[str] = []
        self.tags: list[str] = []
        self.handlers: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self.fetched += [
            value or "" for name, value in attrs if name in ("src", "srcset", "href", "xlink:href", "action", "data")
        ]

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.said).split())


def pages(pdf: bytes, tmp_path: Path) -> list[str]:
    """The text of each page."""
    if shutil.which("pdftotext") is None:
        pytest.skip("there is no pdftotext on this machine")
    (tmp_path / "x.pdf").write_bytes(pdf)
    command = ["pdftotext", "-layout", str(tmp_path / "x.pdf"), "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\f")[:-1]


def hostile(pack: Pack) -> Pack:
    """The same report of a company whose every word is an attack."""
    one, two, three, four = HOSTILE
    section = pack.sections[0]
    line = section.lines[0]._replace(label=one, definition=two, value=three, owner=four, target=one, change=two)
    miss = pack.missed[0]._replace(line=line, plan=one, note=two, sentence=three)
    meaning = pack.meanings[0]._replace(label=four, definition=one, positions=((two, three),), topic=one)
    return pack._replace(
        company=one,
        moved=(two, three),
        sections=(section._replace(lines=(line,)),),
        missed=(miss,),
        meanings=(meaning,),
    )


def test_the_pdf_is_one(told: Pack, tmp_path: Path) -> None:
    made = to_pdf(told)
    assert made.startswith(b"%PDF-1.")
    assert made.rstrip().endswith(b"%%EOF")
    said = pages(made, tmp_path)
    # the board, one page for each miss, and the definitions
    assert len(said) >= 2 + len(told.missed)
    for number, page in enumerate(said, 1):
        assert f"{number} of {len(said)}" in page
        assert f"build {told.build}" in page


def test_every_score_is_in_both(company: Workspace, told: Pack, tmp_path: Path) -> None:
    board = scoreboard(company, as_of="2026-02-28", now=NOW)
    page, paper = Page(to_html(told)).text, " ".join(" ".join(pages(to_pdf(told), tmp_path)).split())
    for score in board.scores:
        assert score.label in page
        if score.value is not None:
            value = " ".join(worded(score.value, score.unit, board.manner).text.split())
            assert value in page
            assert value in paper
        if score.status is Status.MISSED:
            metric = company.model.metrics.metrics[score.metric]
            assert " ".join(metric.plan.split()) in page
    for decision in {m.decision for m in told.meanings if m.decision}:
        assert " ".join(decision.split()) in page


def test_the_page_needs_nothing_beside_it_and_runs_nothing(told: Pack) -> None:
    page = Page(to_html(told))
    assert not {"script", "link", "iframe", "img", "object"} & set(page.tags)
    assert not page.handlers
    assert all(address.startswith("#") for address in page.fetched)
    assert not re.search(r"url\(\s*['\"]?(?!#)|@import|http-equiv", to_html(told))
    ids = set(re.findall(r'id="([^"]+)"', to_html(told)))
    assert {address[1:] for address in page.fetched} <= ids


def test_words_are_printed_as_they_are_and_never_run(told: Pack, tmp_path: Path) -> None:
    page = Page(to_html(hostile(told)))
    assert "script" not in page.tags
    for words in HOSTILE:
        assert " ".join(words.split()) in page.text
    paper = re.sub(r"\s+", "", "".join(pages(to_pdf(hostile(told)), tmp_path)))
    for words in HOSTILE:
        assert re.sub(r"\s+", "", words) in paper.replace("\u201c", '"').replace("\u201d", '"').replace("\u2019", "'")


def test_the_same_report_is_the_same_file(told: Pack) -> None:
    assert to_pdf(told) == to_pdf(told)
    assert to_html(told) == to_html(told)


def test_files_are_written(company: Workspace, tmp_path: Path) -> None:
    pdf, html = tmp_path / "board.pdf", tmp_path / "board.html"
    assert report(company, pdf=pdf, html=html, now=NOW) == (pdf, html)
    assert pdf.read_bytes().startswith(b"%PDF")
    assert html.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["board.html", "board.pdf"]


def test_a_bad_place_is_refused_and_nothing_left_behind(company: Workspace, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="not-written"):
        report(company, pdf=tmp_path, now=NOW)
    with pytest.raises(Refused, match="not-written"):
        report(company, html=tmp_path / "no" / "such.html", now=NOW)
    assert list(tmp_path.iterdir()) == []


def test_without_a_file_or_with_a_tier_there_is_not_it_is_refused(company: Workspace, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="--html FILE"):
        report(company, now=NOW)
    with pytest.raises(Refused, match="tier 4"):
        report(company, html=tmp_path / "x.html", tier=4, now=NOW)


def test_before_the_first_build_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no-build"):
        report(small_company(tmp_path / "new"), html=tmp_path / "x.html", now=NOW)
    assert not (tmp_path / "x.html").exists()


def test_a_tier_is_reported_whole(company: Workspace) -> None:
    tier = gathered(company, tier=2, as_of="2026-02-28", now=NOW)
    wanted = {m.name for m in company.model.metrics.metrics.values() if m.tier == 2}
    assert {line.metric for s in tier.sections for line in s.lines} | {line.metric for line in tier.waiting} == wanted
    assert tier.title == "Operational metrics"


def test_what_waits_for_data_is_said_and_not_zero(told: Pack) -> None:
    assert told.waiting
    page = Page(to_html(told)).text
    assert all(f"needs {line.needs}" in page for line in told.waiting)


def test_an_empty_board_is_still_a_report(told: Pack) -> None:
    empty = told._replace(sections=(), moved=(), missed=(), waiting=(), opened=(), meanings=(), tally=(), stale=())
    assert to_pdf(empty).startswith(b"%PDF")
    assert told.company in to_html(empty)
