"""Every page of the desk, opened: no barrier that axe-core finds, nothing sideways, nothing on the console.

Half of the pages; tests/desk/test_axe_further.py has the others. PARTS and FURTHER say how pages are opened.
"""

import pytest
from playwright.sync_api import Page

from tests.desk.browser import CHROMIUM
from tests.desk.looking import MAKING, NOWHERE, Looking, found_barriers

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on this machine"),
]
# What addresses need, by the name of the part; beside the builds.
PARTS = {"name": "win_rate", "subject": "metrics", "kind": "metric", "token": "x", "form": "csv", "version": "1",
         "table": "mart.facts_opportunity", "record": "salesforce:006Hc0000000238IAR", "what": "churn"}  # fmt: skip
FURTHER = (
    "/?tier=1",
    "/?tier=3",
    "/?as_of=2026-03-31",
    f"/?as_of={MAKING}",
    "/?as_of=tomorrow",
    "/tree/?root=pipeline_velocity&measures=1",
    "/tree/?as_of=2026-03-31",
    "/follow-up/?as_of=2026-03-31",
    "/lifecycle/?flow=sales&by=source",
    "/lifecycle/marketing_qualified/",
    "/gates/?flow=sales&by=account.segment&q=group",
    "/gates/opportunity/salesforce:006Hc0000000238IAR/?to=proposal",
    "/lifecycle/marketing_qualified/who/?what=advanced",
    "/handoffs/mql_to_sql/",
    "/revenue/?by=segment&lens=chartmogul",
    "/revenue/rows/retained/?period=2026-09",
    "/cohorts/?by=segment&per=quarter&what=logos",
    "/clocks/?policy=mql_to_sql&by=segment&under=now",
    "/metrics/pipeline_velocity/why/?from=2026-09&to=2026-10",
    "/metrics/nrr/?by=segment",
    "/dictionary/?q=rate",
    "/model/handoffs/",
    "/model/decisions/",
    "/api/",
    NOWHERE,
)


class TestPages(Looking):
    part, parts, further = 0, PARTS, FURTHER

    def test_axe_would_find_one(self, page: Page) -> None:
        """That it finds nothing says something."""
        page.goto("about:blank")
        page.set_content("<html lang=en><title>x</title><main><h1>x</h1><input><p style='color:#ccc'>pale</p></main>")
        found = "\n".join(found_barriers(page))
        assert "color-contrast" in found
        assert "label" in found
