"""The first page: what stands there for every kind of score, and when there is nothing to show."""

import os
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fairlead.actions.scoreboard import Scoreboard
from fairlead.picture.wording import MINUS, Manner
from fairlead.problem import Law, Refused, Severity, Where
from tests.desk.board import BOARD, EMPTY

if TYPE_CHECKING:
    from django.test import Client

    from fairlead.desk.people.models import User

VOID = {"meta", "link", "input", "br", "hr", "img"}
DRAWN = {"circle", "path", "rect"}


@pytest.fixture
def shown(client: "Client", board: Any, bob: "User") -> str:
    """The page of the board with one score of every kind."""
    client.force_login(bob)
    return client.get("/").content.decode()


def row(html: str, metric: str) -> str:
    """The text of one metric's row, tags taken out."""
    found = re.search(rf'<tr class="score[^>]*id="{metric}">(.*?)</tr>', html, re.DOTALL)
    assert found, metric
    return text(found[1])


def text(html: str) -> str:
    bare = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", bare).replace(MINUS, "-").strip()


def test_a_score_shows_what_it_is_and_how_it_stands(shown: str) -> None:
    assert row(shown, "win_rate") == (
        "Win rate Opportunities won, out of all opportunities closed in the period. "
        "By closed date; the same by created date is a metric of its own. In the dictionary salesforce "
        "25.3 % Nov 2026 ↓ -0.7 pts worse missed at least 30% from 22.0% falling, stable "
        "Bob Okafor VP Sales Executive review, Dec 1, 2026"
    )


def test_every_number_leads_to_how_it_came_about(shown: str) -> None:
    one = re.search(r'id="win_rate">(.*?)</tr>', shown, re.DOTALL)
    assert one
    assert re.findall(r'href="([^"]+)"', one[1]) == [
        "/metrics/win_rate/",
        "/dictionary/win_rate/",
        "/metrics/win_rate/rows/?from=2026-11&amp;to=2026-11",
        "/metrics/win_rate/why/?from=2026-10&amp;to=2026-11",
        "/dictionary/win_rate/#target",
    ]


def test_a_stale_number_says_so_and_the_page_says_once_since_when(shown: str) -> None:
    assert "stale: hubspot" in row(shown, "lead_response_time")
    assert "stale" not in row(shown, "win_rate")
    assert text(shown).count("hubspot was last looked at 5 days ago") == 1


def test_a_company_in_munich_reads_its_own_numbers_on_an_english_page(
    client: "Client", board: Any, bob: "User"
) -> None:
    client.force_login(bob)
    board(BOARD._replace(manner=Manner("EUR", "de_DE", "Europe/Berlin")))
    html = client.get("/").content.decode()
    assert '<html lang="en">' in html
    assert "25,3 % Nov. 2026 ↓ -0,7 pts worse" in row(html, "win_rate")
    assert "1,24 Mio. € Nov. 2026" in row(html, "new_arr")
    assert "As of Mo., 23. Nov. 2026 Data seen Mo., 23. Nov. 2026, 03:55 CET" in text(html)


def test_what_moved_most_is_told_in_a_sentence_with_its_reasons_a_link_away(shown: str) -> None:
    panel = shown[shown.index('id="moved"') : shown.index('<table class="scores"')]
    assert "Win rate fell 0.7 points, mostly because of fewer deals won. 2.40\u00d7 its usual move" in text(panel)
    assert 'href="/metrics/win_rate/why/?from=2026-10&amp;to=2026-11"' in panel


def test_what_a_breach_opens_says_by_whom(shown: str) -> None:
    opened = text(shown[shown.index('id="opened"') :])
    assert "Contact attempts" in opened
    assert "2.44\u00d7 " in opened
    assert "missed between 4 and 9 Win rate" in opened


def test_the_target_is_drawn_and_told(shown: str) -> None:
    one = re.search(r'id="win_rate">(.*?)</tr>', shown, re.DOTALL)
    assert one
    assert one[1].count('class="spark-limit"') == 1
    assert "latest 25.3%, target at least 30%</title>" in one[1]


def test_money_is_short_with_every_digit_in_its_title(shown: str) -> None:
    assert "$1.24M Nov 2026" in row(shown, "new_arr")
    assert 'title="$1,243,117.40"' in shown


def test_less_is_better_where_it_is(shown: str) -> None:
    assert "↓ -16.7% better" in row(shown, "lead_response_time")
    assert "SDR manager nobody named" in row(shown, "lead_response_time")


def test_an_undefined_value_is_called_so_with_why_and_is_never_zero(shown: str) -> None:
    """E33, E63, E66."""
    said = row(shown, "forecast_accuracy")
    assert "undefined Nov 2026 Nothing was committed for this month." in said
    assert not re.search(r"\b0(\.0)?\b", said)


def test_what_cannot_be_computed_waits_in_a_section_of_its_own(shown: str) -> None:
    waiting = text(shown[shown.index('id="waiting"') - 40 :])
    assert "Gross margin Revenue less its direct cost, out of revenue." in waiting
    assert "needs the ledger: cost of revenue by month CFO" in waiting
    assert 'id="gross_margin"' not in shown


def test_every_status_has_its_own_shape_and_its_word(shown: str) -> None:
    marks = set(re.findall(r'<span class="standing is-(\w+)"><svg[^>]*>(.*?)</svg>(.*?)</span>', shown))
    assert {status for status, _, _ in marks} == {"met", "near", "missed", "no_target", "undefined"}
    assert len({shape for _, shape, _ in marks}) == len({word for _, _, word in marks}) == 5


def test_the_tally_counts_what_is_shown(shown: str) -> None:
    tally = text(shown[shown.index('class="tally"') : shown.index('class="stamp"')])
    assert "2 met 1 near 2 missed 1 no target 1 undefined" in tally


def test_the_page_says_what_its_numbers_are_made_from_in_company_time(shown: str) -> None:
    stamp = text(shown[shown.index('<dl class="stamp"') : shown.index("</dl>")])
    assert stamp == (
        "As of Mon, Nov 23, 2026 Data seen Mon, Nov 23, 2026, 3:55 AM CET Build 20261123T025731Z-4f1c2a9e "
        "Sources 1 of 2 stale: hubspot"
    )


def test_tiers_come_in_order_with_their_names(shown: str) -> None:
    assert re.findall(r'class="tier".*?>(\w+) <span>(tier \d)', shown) == [
        ("Executive", "tier 1"),
        ("Operational", "tier 2"),
    ]


def test_text_of_the_model_is_escaped(shown: str) -> None:
    assert "Qualified pipeline &lt;created&gt;" in shown
    assert "<created>" not in shown


def test_the_page_is_well_formed_and_its_ids_are_unique(shown: str) -> None:
    class Reader(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.open: list[str] = []
            self.ids: list[str] = []

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.ids += [value or "" for name, value in attrs if name == "id"]
            if tag not in VOID | DRAWN:
                self.open.append(tag)

        def handle_endtag(self, tag: str) -> None:
            if tag not in DRAWN:
                assert self.open.pop() == tag

    reader = Reader()
    reader.feed(shown)
    assert reader.open == []
    assert len(reader.ids) == len(set(reader.ids))


def test_a_full_board_and_its_styles_are_small(client: "Client", board: Any, bob: "User") -> None:
    client.force_login(bob)
    board(BOARD._replace(scores=BOARD.scores[:3] * 3 + BOARD.scores[3:4]))
    html = client.get("/").content
    styles = re.findall(rb'href="(/static/[^"]+\.css[^"]*)"', html)
    assert len(styles) == 3
    size = len(html) + sum(len(b"".join(client.get(style.decode()))) for style in styles)
    assert size < 60_000, size


# when there is nothing to show


@pytest.mark.parametrize(
    ("board_shown", "says"),
    [
        (EMPTY, "fairlead sync"),
        (BOARD._replace(scores=(), moved=(), opened=()), "scoreboard: true"),
        (BOARD._replace(problems=3), "The model has 3 problems"),
        (BOARD._replace(problems=1), "The model has 1 problem ."),
        (BOARD._replace(scores=BOARD.scores[-1:]), "Waiting for data"),
    ],
)
def test_an_empty_state_says_what_to_do(
    client: "Client", board: Any, bob: "User", board_shown: Scoreboard, says: str
) -> None:
    client.force_login(bob)
    board(board_shown)
    answer = client.get("/")
    assert answer.status_code == 200
    assert says in text(answer.content.decode())


def test_before_the_first_build_nothing_is_counted(client: "Client", board: Any, bob: "User") -> None:
    client.force_login(bob)
    board(EMPTY)
    assert "undefined" not in client.get("/").content.decode()


def test_what_is_refused_is_listed_with_file_line_and_what_to_do(client: "Client", board: Any, bob: "User") -> None:
    law = Law("unknown-metric", Severity.ERROR, why="Names must exist.", mend="Correct the name.")
    client.force_login(bob)
    board(Refused([law.broken("No metric 'win_rat'.", Where("model/metrics.yaml", 12), "Did you mean 'win_rate'?")]))
    answer = client.get("/")
    said = text(answer.content.decode())
    assert answer.status_code == 503
    for part in ("No metric &#x27;win_rat&#x27;.", "model/metrics.yaml:12", "Did you mean", "unknown-metric"):
        assert part in said


def test_an_edit_to_the_model_shows_at_once(client: "Client", board: Any, bob: "User", acme: Any) -> None:
    client.force_login(bob)
    people = Path(acme.root) / "model" / "people.yaml"
    before = people.read_text()
    try:
        assert "VP Sales" in text(client.get("/").content.decode())
        people.write_text(before.replace("VP Sales", "Head of Sales"))
        os.utime(people, ns=(1, 1))
        assert "Head of Sales" in text(client.get("/").content.decode())
    finally:
        people.write_text(before)


def test_a_new_workspace_is_told_to_sync_by_the_verb_itself(client: "Client", bob: "User") -> None:
    client.force_login(bob)
    answer = client.get("/")
    assert answer.status_code == 200
    assert "Nothing has been built yet" in text(answer.content.decode())
