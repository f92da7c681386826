"""What templates may say: terms with their meaning, and values as the company writes them."""

import re
from datetime import UTC, date, datetime
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from fairlead.workspace import Workspace

if TYPE_CHECKING:
    from django.test import RequestFactory


@pytest.fixture
def requests(company_desk: Workspace) -> "RequestFactory":
    from django.test import RequestFactory

    return RequestFactory()


def rendered(text: str, request: Any = None, **shown: object) -> str:
    from django.template import engines

    return str(engines["django"].from_string("{% load words %}" + text).render(shown, request))


def test_a_term_opens_its_meaning_with_unit_owner_and_its_page(company_desk: Workspace) -> None:
    html = rendered('{% term "win_rate" %}')
    metric = company_desk.model.metrics.metrics["win_rate"]
    button = re.search(r'<button type="button" class="what" popovertarget="([^"]+)" aria-label="([^"]+)">', html)
    assert button
    assert button[2] == "What is Win rate?"
    meaning = html[html.index(f'id="{button[1]}" popover') :]
    for part in (metric.definition, "percent", "VP Sales", 'href="/dictionary/win_rate/"'):
        assert part in unescape(meaning)


def test_a_meaning_is_told_once_a_page_and_opened_from_everywhere(requests: "RequestFactory") -> None:
    twice = '{% term "win_rate" %} and {% term "win_rate" label="the rate" %}'
    html = rendered(twice, requests.get("/"))
    assert html.count('id="means-win_rate"') == 1
    assert html.count('popovertarget="means-win_rate"') == 2
    assert "What is the rate?" in html
    again = rendered(twice, requests.get("/"))
    assert again.count('id="means-win_rate"') == 1  # another page tells it again


def test_a_term_may_lead_somewhere_and_note_something(company_desk: Workspace) -> None:
    html = rendered('{% term "win_rate" to=to note=note %}', to="/x/?a=1&b=2", note="C4: <both>")
    assert '<a href="/x/?a=1&amp;b=2">Win rate</a>' in html
    assert "C4: &lt;both&gt;" in html


@pytest.mark.parametrize("name", ["won", "marketing_qualified"])
def test_measures_and_stages_are_terms_too(company_desk: Workspace, name: str) -> None:
    model = company_desk.model
    measure, stage = model.measure(name), model.stage(name)
    says = measure.says if measure else stage.says if stage else ""
    assert says
    assert says in unescape(rendered(f'{{% term "{name}" %}}'))


def test_a_name_nobody_defined_is_a_label_and_nothing_to_open(company_desk: Workspace) -> None:
    assert rendered('{% term "moon_phase" %}') == "Moon phase"
    assert "What is Moon phase?" in rendered('{% term "moon_phase" says="How full it is." %}')


def test_values_periods_days_and_moments_are_worded_in_the_company_s_manner(company_desk: Workspace) -> None:
    text = '{{ a|worded:"percent" }}|{{ b|worded:"money" }}|{{ none|worded:"money" }}|'
    text += "{{ p|period }}|{{ d|day }}|{{ m|moment }}|{{ none|day }}|{{ none|period }}|{{ none|moment }}"
    moment = datetime(2026, 10, 31, 12, 0, tzinfo=UTC)
    said = rendered(text, a=0.2531, b=1_243_117.4, p="2026-09", d=date(2026, 10, 31), m=moment, none=None)
    assert company_desk.manner.locale == "en_US"
    assert said.split("|")[:5] == ["25.3%", "$1.24M", "", "Sep 2026", "Sat, Oct 31, 2026"]
    assert said.split("|")[5].startswith("Sat, Oct 31, 2026, ")
    assert said.split("|")[6:] == ["", "", ""]
