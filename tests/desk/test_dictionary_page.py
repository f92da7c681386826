"""The dictionary: every word has its page, what it shows is what the verbs say, and a dispute goes into the model."""

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.actions.dictionary import Term, term, terms
from fairlead.actions.disputing import contested
from fairlead.actions.explaining import explain
from fairlead.desk.disputing import number
from fairlead.model.load import load
from fairlead.picture.wording import Manner
from fairlead.workspace import Workspace, open_workspace
from tests.desk.conftest import write_workspace
from tests.desk.copies import browsing, copied, edited
from tests.desk.reader import HOSTILE, links, read, text, with_column

if TYPE_CHECKING:
    from django.test import Client


def listed(html: str) -> list[str]:
    """The names of the words in the list, in its order."""
    found = re.search(r'<div class="sheet dictionary".*?</table>', html, re.DOTALL)
    return [link.split("/")[2] for link in links(found[0]) if "#" not in link] if found else []


def test_every_word_has_its_page_which_says_what_it_means(page: "Client", company: Workspace) -> None:
    every = terms(company)
    assert {t.kind for t in every} == {"metric", "measure", "stage", "definition", "deal_stage", "value"}
    for one in every:
        said = text(read(page, f"/dictionary/{one.ref}/"))
        assert one.label in said
        assert one.says in said


def test_other_names_lead_to_the_one_page(page: "Client") -> None:
    for name in ("M10", "close rate", "metric:win_rate", "CLOSE RATE"):
        answer = page.get(f"/dictionary/{name}/")
        assert (answer.status_code, answer["Location"]) == (302, "/dictionary/win_rate/"), name


def test_an_unknown_word_is_answered_with_the_nearest(page: "Client") -> None:
    html = read(page, "/dictionary/win_rat/", 404)
    assert "Did you mean" in text(html)
    assert "/dictionary/win_rate/" in links(html)
    html = read(page, "/dictionary/%3Cscript%3Ealert(1)%3C/script%3E/", 404)
    assert "<script>alert" not in html


def test_the_list_has_every_word_that_is_not_fine_print(page: "Client", company: Workspace) -> None:
    every = terms(company)
    assert listed(read(page, "/dictionary/")) == [t.ref for t in every if t.kind not in ("measure", "value")]
    assert listed(read(page, "/dictionary/?kind=all")) == [t.ref for t in every]
    assert f"{len(every)} words" in text(read(page, "/dictionary/"))


@pytest.mark.parametrize("search", ["win", "M10", "close rate", "deals won", "zzzz"])
def test_a_search_finds_what_the_verb_finds_in_its_order(page: "Client", company: Workspace, search: str) -> None:
    html = read(page, f"/dictionary/?q={search}")
    assert listed(html) == [t.ref for t in terms(company, search=search)]
    if not terms(company, search=search):
        assert "No word fits" in text(html)


@pytest.mark.parametrize(
    ("asked", "fits"),
    [
        ("owner=vp_sales", lambda t: t.owner == "vp_sales" and t.kind not in ("measure", "value")),
        ("tier=1", lambda t: t.tier == 1),
        ("group=demand_quality", lambda t: t.group == "demand_quality"),
        ("kind=stage", lambda t: t.kind == "stage"),
        ("kind=metric&state=waiting", lambda t: t.kind == "metric" and t.needs),
        ("state=none", lambda t: t.status_of_examples == "none"),
        ("kind=metric&tier=2&owner=vp_sales", lambda t: t.tier == 2 and t.owner == "vp_sales"),
    ],
)
def test_filters_narrow_the_list(page: "Client", company: Workspace, asked: str, fits: object) -> None:
    assert callable(fits)
    assert listed(read(page, f"/dictionary/?{asked}")) == [t.ref for t in terms(company) if fits(t)]


@pytest.mark.parametrize("asked", ["kind=nope", "tier=9", "owner=nobody_at_all", "group=x", "state=x", "view=x"])
def test_a_filter_that_there_is_not_is_told_with_those_there_are(page: "Client", asked: str) -> None:
    said = text(read(page, f"/dictionary/?{asked}", 400))
    name, _, value = asked.partition("=")
    assert f"'{value}' is no {name}." in said
    assert "It may be " in said


def test_what_is_typed_is_searched_at_once_and_kept_in_the_form(page: "Client") -> None:
    html = read(page, "/dictionary/?q=win%20%3Cb%3E&tier=2")
    form = html[html.index('role="search"') :].partition("</form>")[0]
    assert 'hx-get="/dictionary/"' in form
    assert "from:#q" in form
    assert 'value="win &lt;b&gt;"' in form
    assert re.search(r'<option value="2" selected>', form)
    assert '<div id="terms">' in html


def test_who_owns_what_names_every_owner_with_their_words(page: "Client", company: Workspace) -> None:
    html = read(page, "/dictionary/?view=owners&kind=all")
    expected: dict[str, list[Term]] = {}
    for one in terms(company):
        expected.setdefault(one.owner, []).append(one)
    for role, words in expected.items():
        part = html[html.index(f'aria-labelledby="of-{role or "nobody"}"') :].partition("</section>")[0]
        assert [link for link in links(part) if link.startswith("/dictionary/")] == [
            f"/dictionary/{t.ref}/" for t in words
        ]
        for holder in company.model.people.roles[role].holders if role else ():
            assert holder in text(part)


def test_a_metric_is_told_with_all_there_is_to_know(page: "Client", company: Workspace) -> None:
    html = read(page, "/dictionary/win_rate/")
    said = text(html).replace("\xa0", " ")
    found = term(company, "win_rate")
    assert found.metric
    for part in ("M10", "VP Sales", "Astrid Weiss", "at least 22.0%", found.metric.plan, "close rate"):
        assert part in said, part
    for one in (*found.looked_at, *found.claims):
        assert getattr(one, "label", None) or getattr(one, "says", "") in said
    assert found.decision
    for position in found.decision.positions:
        assert position.who in said
        assert position.says in said
    assert found.decision.decision in said
    assert {"/dictionary/won/", "/dictionary/closed/", "/metrics/win_rate/"} <= set(links(html))


def test_examples_show_what_the_engine_gives(page: "Client", company: Workspace) -> None:
    shown = with_column(read(page, "/dictionary/win_rate/"), "It gives")
    assert [cell.text for cell in shown.column("It gives")] == ["25%", "0%", "undefined"]
    assert [cell.text for cell in shown.column("It should give")] == ["25%", "0%", "undefined"]
    assert all("yes" in cell.text for cell in shown.column("Holds"))


def test_an_example_that_fails_is_seen_on_the_page_and_in_the_list(company: Workspace, tmp_path: Path) -> None:
    place = copied(company, tmp_path / "acme", lake=False)
    edited(
        place.root,
        "model/metrics.yaml",
        ("{given: {won: 1, closed: 4}, gives: 0.25}", "{given: {won: 1, closed: 4}, gives: 0.5}"),
    )
    with browsing(place) as client:
        shown = with_column(read(client, "/dictionary/win_rate/"), "It gives")
        assert [("no" in c.text) for c in shown.column("Holds")] == [True, False, False]
        assert shown.column("It should give")[0].text == "50%"
        html = read(client, "/dictionary/")
        assert "1 definition does not give what its example says: Win rate" in text(html).replace(" .", ".")
        assert listed(read(client, "/dictionary/?state=broken")) == ["win_rate"]


def test_lineage_reaches_the_file_and_the_column(page: "Client", company: Workspace) -> None:
    shown = with_column(read(page, "/dictionary/win_rate/"), "Its columns")
    origins = explain(company, "win_rate").lineage
    assert origins
    assert [(row[1].text, row[2].text, row[3].text) for row in shown.rows] == [
        (f"{o.table}.{o.column}", o.source, "".join(o.files)) for o in origins
    ]


def test_a_disputed_claim_is_flagged(company: Workspace, tmp_path: Path) -> None:
    place = copied(company, tmp_path / "acme", lake=False)
    edited(
        place.root,
        "model/decisions.yaml",
        ("note: The same figures are given to two different sources.}", "note: Twice., metrics: [win_rate]}"),
    )
    with browsing(place) as client:
        said = text(read(client, "/dictionary/win_rate/"))
        assert (
            "15 percent more profitable. attributed to Forrester, Boston Consulting Group, 2023 attribution disputed"
            in said
        )


def test_a_word_that_waits_for_data_says_so(page: "Client", company: Workspace) -> None:
    one = next(t for t in terms(company) if t.kind == "metric" and t.needs)
    said = text(read(page, f"/dictionary/{one.ref}/"))
    assert "It cannot be computed yet" in said
    assert one.needs[0] in said


# Disputes


@pytest.fixture
def small(company: Workspace, tmp_path: Path) -> Workspace:
    return copied(company, tmp_path / "acme", lake=False)


@pytest.fixture
def browser(small: Workspace) -> Iterator["Client"]:
    with browsing(small) as client:
        yield client


WIN_RATE = "/dictionary/win_rate/"


def test_a_dispute_goes_into_the_model_and_onto_the_page(browser: "Client", small: Workspace) -> None:
    file = small.root / "model" / "decisions.yaml"
    before = file.read_text()
    sent = {
        "says": "Merged deals are not lost.",
        "given.won": "1",
        "given.closed": "4",
        "gives": "33 %",
        "raised_in": "QBR",
    }
    answer = browser.post(WIN_RATE, sent)
    assert (answer.status_code, answer["Location"]) == (302, "/dictionary/win_rate/?recorded#disputes")
    assert file.read_text().startswith(before.rstrip("\n"))
    (one,) = contested(open_workspace(small.root), "win_rate")
    assert (one.dispute.says, one.dispute.raised_by, one.dispute.raised_in) == (sent["says"], "Bob Okafor", "QBR")
    assert (dict(one.dispute.given), one.dispute.gives, one.found, one.holds) == (
        {"won": 1, "closed": 4},
        0.33,
        0.25,
        False,
    )
    said = text(read(browser, answer["Location"].split("#")[0]))
    assert "Recorded." in said
    assert "open Merged deals are not lost. Bob Okafor" in said
    assert re.search(r"it should give 33% ; today it gives 25%", said)
    assert "not as claimed" in said


def test_a_dispute_without_an_example_and_about_a_word_that_is_no_number(browser: "Client", small: Workspace) -> None:
    assert browser.post("/dictionary/qualified_lead/", {"says": "Twice is once too often."}).status_code == 302
    (one,) = contested(open_workspace(small.root), "qualified_lead")
    assert (one.dispute.says, dict(one.dispute.given)) == ("Twice is once too often.", {})
    assert "Twice is once too often." in text(read(browser, "/dictionary/qualified_lead/"))


@pytest.mark.parametrize(
    ("sent", "at", "problem"),
    [
        ({"says": ""}, "says", "Say what is wrong with it."),
        ({"says": "x", "given.won": "one", "given.closed": "4"}, "given.won", "This is no number."),
        ({"says": "x", "given.won": "1"}, "given.closed", "An example gives a value to each of these."),
        ({"says": "x", "gives": "0.5"}, "given.won", "An example gives a value to each of these."),
        ({"says": "x", "given.won": "1", "given.closed": "2", "gives": "1e999"}, "gives", "This is no number."),
        ({"says": "x", "given.won": "nan", "given.closed": "2"}, "given.won", "This is no number."),
    ],
)
def test_a_problem_stands_at_its_field_and_what_was_typed_is_kept(
    browser: "Client", small: Workspace, sent: dict[str, str], at: str, problem: str
) -> None:
    before = (small.root / "model" / "decisions.yaml").read_bytes()
    answer = browser.post(WIN_RATE, sent | {"raised_in": "the <council>"})
    html = answer.content.decode()
    assert answer.status_code == 400
    wrong = re.search(rf'id="wrong-{re.escape(at)}">(.*?)<', html)
    assert wrong
    assert wrong[1] == problem
    assert f'aria-describedby="wrong-{at}"' in html
    assert 'value="the &lt;council&gt;"' in html
    for name, value in sent.items():
        kept = rf'name="{re.escape(name)}"[^>]*value="{re.escape(value)}"' if name != "says" else re.escape(value)
        assert re.search(kept, html), name
    assert "<details" in html
    assert re.search(r'id="dispute" open', html)
    assert (small.root / "model" / "decisions.yaml").read_bytes() == before


def test_the_form_is_folded_until_somebody_wants_it(browser: "Client") -> None:
    assert 'id="dispute">' in read(browser, WIN_RATE)
    assert "?dispute#dispute" in links(read(browser, WIN_RATE))
    assert 'id="dispute" open>' in read(browser, f"{WIN_RATE}?dispute")


def test_what_the_verb_refuses_is_said_above_the_form(browser: "Client") -> None:
    sent = {"says": "Just this."}
    assert browser.post(WIN_RATE, sent).status_code == 302
    again = browser.post(WIN_RATE, sent)
    assert again.status_code == 400
    assert "Just this is disputed already." in text(again.content.decode())


@pytest.mark.parametrize(
    "says",
    [
        HOSTILE,
        "settled: yes\n- term: nrr\n  says: injected",
        "# not a comment",
        "*alias &anchor !tag %directive @at `tick",
        "'quoted' \"doubly\" \\n \\x00",
        "zeile eins\r\nzeile zwei\ttab\u2028sep",
        "قيمة 指標 🙂",
        "{a: 1} [b] | > ? : - ",
    ],
)
def test_hostile_words_stay_words(browser: "Client", small: Workspace, says: str) -> None:
    assert browser.post(WIN_RATE, {"says": says, "given.nope": "1", "term": "nrr", "by": "Eve"}).status_code == 302
    model, problems = load(small.root / "model")
    assert not [p for p in problems if p.is_error]
    (one,) = model.decisions.disputes
    assert (one.term, one.raised_by, one.settled, dict(one.given)) == ("win_rate", "Bob Okafor", "", {})
    assert one.says == " ".join(says.split())
    html = read(browser, WIN_RATE)
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert one.says in text(html)


def test_too_much_is_refused(browser: "Client", small: Workspace) -> None:
    assert browser.post(WIN_RATE, {"says": "x" * 100_000}).status_code == 400
    assert contested(open_workspace(small.root)) == ()


def test_without_the_form_token_nothing_is_recorded(small: Workspace) -> None:
    with browsing(small, strict=True) as client:
        assert client.post(WIN_RATE, {"says": "Forged."}).status_code == 403
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', read(client, WIN_RATE))
        assert token
        assert client.post(WIN_RATE, {"says": "Meant.", "csrfmiddlewaretoken": token[1]}).status_code == 302
    assert [one.dispute.says for one in contested(open_workspace(small.root))] == ["Meant."]


def test_charlie_disputes_nothing(small: Workspace) -> None:
    with browsing(small, "none") as client:
        assert client.get(WIN_RATE).status_code == 403
        assert client.post(WIN_RATE, {"says": "Let me in."}).status_code == 403
    assert contested(open_workspace(small.root)) == ()


def test_a_workspace_without_a_model_of_its_own_says_why_there_is_no_form(tmp_path: Path) -> None:
    place = write_workspace(tmp_path / "acme")
    (place.root / "model" / "people.yaml").unlink()
    (place.root / "model").rmdir()
    with browsing(open_workspace(place.root)) as client:
        html = read(client, WIN_RATE)
        assert "this workspace has none of its own" in text(html)
        assert 'name="says"' not in html
        assert client.post(WIN_RATE, {"says": "x"}).status_code == 400
    assert not (place.root / "model").exists()


def test_a_settled_dispute_says_how(browser: "Client", small: Workspace) -> None:
    edited(
        small.root,
        "model/decisions.yaml",
        (
            "\nclaims:",
            "\ndisputes:\n  - {term: close rate, says: Renewals too., settled: Theirs., settled_by: Bodil}\n\nclaims:",
        ),
    )
    said = text(read(browser, WIN_RATE))
    assert "settled Renewals too." in said
    assert "Settled: Theirs. Bodil" in said


def test_an_empty_dictionary_says_where_words_are_written(tmp_path: Path) -> None:
    with browsing(write_workspace(tmp_path / "acme")) as client:
        assert "The dictionary is empty" in text(read(client, "/dictionary/"))


# Numbers as people type them


@given(st.floats(-1e12, 1e12), st.sampled_from(["en_US", "de_DE", "fr_FR", "de_CH"]))
def test_a_number_is_read_as_the_company_writes_it(value: float, locale: str) -> None:
    from babel.numbers import format_decimal

    typed = format_decimal(value, format="#,##0.######", locale=locale)
    assert math.isclose(number(typed, Manner(locale=locale)), value, rel_tol=1e-12, abs_tol=1e-6)


@given(st.text(max_size=30))
def test_text_is_a_number_or_refused(typed: str) -> None:
    try:
        assert math.isfinite(number(typed, Manner()))
    except ValueError as fault:
        assert str(fault) == "This is no number."  # noqa: PT017
