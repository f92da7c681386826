"""The pages of handoffs on the demo company: numbers and the rows they count, both sides of the story, the terms."""

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest

from fairlead.actions.churning import left_early
from fairlead.actions.pricing import seen
from fairlead.workspace import Workspace
from tests.desk.reader import read

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.usefixtures("company_desk")


def test_every_count_of_a_handoff_leads_to_as_many_rows(page: "Client") -> None:
    html = "".join(read(page, address) for address in ("/handoffs/", "/handoffs/mql_to_sql/"))
    numbers = re.findall(
        r'data-value="(\d+)"><a class="figure" href="(/builds/[^"]+(?:mart\.handoff|record\.account)[^"]+)"', html
    )
    assert len(numbers) > 150
    seen: set[str] = set()
    for number, link in numbers[::17]:
        seen.add(link)
        assert re.search(rf">{int(number):,} rows?</a>", read(page, unescape(link))), (number, link)
    assert len(seen) > 8


def test_days_narrow_the_rows_behind_as_well(page: "Client") -> None:
    html = read(page, "/handoffs/mql_to_sql/?from=2026-02&to=2026-05-10")
    numbers = re.findall(r'data-value="(\d+)"><a class="figure" href="(/builds/[^"]+mart\.handoff[^"]+)"', html)
    for number, link in numbers[::12]:
        assert re.search(rf">{int(number):,} rows?</a>", read(page, unescape(link))), (number, link)


def test_r47_one_page_shows_both_sides_and_names_the_worst_handoff(page: "Client") -> None:
    html = read(page, "/handoffs/")
    assert re.search(r"Weak leads explain</dt><dd><a [^>]*>\d+</a> of those missing", html)
    assert re.search(r"Late or no answers explain</dt><dd><a [^>]*>\d+</a> of those missing", html)
    assert '<p class="sentence">Sales to customer success: of ' in html
    for choice in ("Adjust targeting", "Refine qualification", "Add nurture", "Add call cadence"):  # R48
        assert choice in html


def test_the_page_says_which_prices_may_be_nothing_and_what_no_column_shows(page: "Client") -> None:
    html = read(page, "/handoffs/")
    total = r"[^ ]*\d[^ ]* \([^ ]*\d[^ ]* to [^ ]*\d[^ ]*\)"
    said = re.search(r"Gaps that are told apart [^<]*", html)
    assert said is not None
    assert re.fullmatch(rf"[^(]* for {total}, all together for {total}; in brackets [^<]*", said.group()), said.group()
    assert "so by chance it is rather too high than too low" in said.group()
    assert "it is only known what account_id is today, not what it was at the handoff" in html
    told = {(gap["handoff"], gap["gap"]): gap["note"] for gap in page.get("/api/handoffs").json()["gaps"]}
    assert "it is only known what account_id is today" in told["mql_to_sql", "company"]
    assert "not told apart from nothing: its interval holds zero" in html
    assert html.count("Nothing in the record shows whether this was written down: Billing terms, ") == 1
    deal = read(page, "/handoffs/closed_won_to_onboarding/")
    assert "What was handed over, or no follow-up?" in deal
    assert "eak leads" not in deal


def test_r100_early_churn_shows_the_waived_gate_and_leads_to_its_waiver(page: "Client", company: Workspace) -> None:
    waived = [(one, leave) for one in left_early(seen(company)).churned for leave in one.waived]
    assert waived  # planted
    html = unescape(read(page, "/handoffs/"))
    told = {one["account_id"]: one["waived"] for one in page.get("/api/early-churn").json()["churned"]}
    for one, leave in waived:
        cell = re.search(rf'<a href="([^"]+)">{re.escape(leave.sentence)}</a>', html)
        assert cell is not None
        rows = read(page, cell[1])
        assert "1 row</a>" in rows or "1 row<" in rows
        assert leave._asdict() in told[one.account_id]
        assert leave.by
        assert leave.reason


def test_r37_a_page_says_trigger_action_time_and_quality(page: "Client") -> None:
    html = read(page, "/handoffs/mql_to_sql/")
    terms = re.findall(
        r"<dt>([^<]+)</dt>", html[html.index('id="terms"') : html.index("</dl>", html.index('id="terms"'))]
    )
    assert terms == [
        "Gives", "Takes", "Trigger", "Expected action", "Time", "Quality standard", "Escalation", "Goes back",
        "Reasons", "Is for",
    ]  # fmt: skip
    assert "Converted after all" in html
    assert "blame" not in html
