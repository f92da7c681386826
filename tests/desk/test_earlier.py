"""Pages and answers of an earlier day: looking makes no build; once it is made, everything is as of that day."""

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from fairlead.actions.asking import ask
from fairlead.actions.building import of_the_past
from fairlead.actions.pasts import State, past
from fairlead.workspace import Workspace
from tests.actions.companies import synced_company

if TYPE_CHECKING:
    from django.test import Client

    from fairlead.desk.people.models import User

PAGES = ("", "rows/", "why/")
FILES = ("series.csv", "series.xlsx", "rows.csv", "rows.xlsx", "why.csv", "why.xlsx")
CHARTS = ("metric/win_rate.svg", "metric/win_rate.json", "why/win_rate.svg", "versions/win_rate.json")
QUESTIONS = (
    "/api/ask?metrics=win_rate&",
    "/api/why?metric=win_rate&from=2026-01&to=2026-02&",
    "/api/metrics/win_rate/rows?",
    "/api/scoreboard?",
    "/api/tree?",
)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """In place of the demo company: a small one, whose builds are made in a second."""
    return synced_company(tmp_path_factory.mktemp("earlier") / "small")


@pytest.fixture
def page(client: "Client", company_desk: Workspace, bob: "User") -> "Client":
    client.force_login(bob)
    return client


def made(workspace: Workspace) -> list[str]:
    return sorted(path.name for path in workspace.lake.builds.iterdir())


def test_looking_at_days_makes_no_build(page: "Client", company: Workspace) -> None:
    before = made(company)
    for day in ("2026-02-01", "2026-02-02", "2026-02"):
        for part in PAGES:
            answer = page.get(f"/metrics/win_rate/{part}", {"as_of": day})
            assert (answer.status_code, "It is not made yet" in answer.content.decode()) == (200, True), part
        for file in FILES:
            assert page.get(f"/metrics/win_rate/{file}", {"as_of": day}).status_code == 409, file
        for chart in CHARTS:
            asked = {"as_of": day, "from": "2026-01", "to": "2026-02"}
            assert page.get(f"/charts/{chart}", asked).status_code == 409, chart
    assert made(company) == before


@pytest.mark.parametrize("address", QUESTIONS)
@pytest.mark.parametrize("when", ["as_of=2026-02-03", "as_of=2026-W06"])
def test_the_api_says_that_a_day_is_not_made(page: "Client", company: Workspace, address: str, when: str) -> None:
    before = made(company)
    answer = page.get(address + when)
    assert answer.status_code == 409, answer.content
    (problem,) = answer.json()["problems"]
    assert problem["code"] == "not-made"
    assert "--as-of 2026-02-" in problem["message"]
    assert made(company) == before


def test_what_was_known_at_a_moment_is_not_made_either(page: "Client", company: Workspace) -> None:
    """The moment of the only export, as of an earlier day."""
    before = made(company)
    moment = company.lake.loads()[-1].seen_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    answer = page.get(f"/api/ask?metrics=win_rate&as_of=2026-02-05&known_at={moment}")
    (problem,) = answer.json()["problems"]
    assert (answer.status_code, problem["code"]) == (409, "not-made")
    assert "--as-of 2026-02-05 --known-at 20" in problem["message"]
    assert made(company) == before


def test_the_api_documents_it(page: "Client") -> None:
    paths = page.get("/api/openapi.json").json()["paths"]
    for address in ("/api/ask", "/api/why", "/api/metrics/{name}/rows", "/api/scoreboard", "/api/tree"):
        assert "earlier day" in paths[address]["get"]["responses"]["409"]["description"]


def test_a_wrong_name_is_told_before_the_day_is(page: "Client", company: Workspace) -> None:
    before = made(company)
    assert page.get("/metrics/win_rat/", {"as_of": "2026-02-04"}).status_code == 404
    assert page.get("/metrics/win_rat/series.csv", {"as_of": "2026-02-04"}).status_code == 404
    answer = page.get("/api/ask?metrics=win_rat&as_of=2026-02-04")
    assert (answer.status_code, answer.json()["problems"][0]["code"]) == (400, "unknown-metric")
    assert made(company) == before


@pytest.mark.parametrize("part", PAGES)
def test_a_day_is_made_from_the_page_that_offers_it(page: "Client", company: Workspace, part: str) -> None:
    day = date(2026, 1, 10 + PAGES.index(part))
    address = f"/metrics/win_rate/{part}?as_of={day}"
    assert f'name="back" value="{address}"' in page.get(address).content.decode()
    answer = page.post("/as-of/", {"day": str(day), "back": address})
    assert (answer.status_code, answer["Location"]) == (302, address)
    while past(company, day).state is State.MAKING:
        assert page.get(address).status_code == 200
    assert past(company, day).state is State.READY
    assert "It is not made yet" not in page.get(address).content.decode()


@pytest.mark.parametrize(
    "back", ["https://example.com/", "//example.com/", "/\\example.com", "javascript:alert(1)", ""]
)
def test_nobody_is_led_away(page: "Client", back: str) -> None:
    assert page.post("/as-of/", {"day": "2026-03-31", "back": back})["Location"] == "/?as_of=2026-03-31"


@pytest.mark.parametrize("part", PAGES)
def test_without_a_period_a_page_shows_the_last_month_of_that_day(
    page: "Client", company: Workspace, now: datetime, part: str
) -> None:
    """The published build is of March 31; as of February 28 the last whole month is February."""
    of_the_past(company, None, date(2026, 2, 28), now=now)
    answer = page.get(f"/metrics/win_rate/{part}", {"as_of": "2026-02-28"})
    html = answer.content.decode()
    assert answer.status_code == 200
    assert 'datetime="2026-02-28"' in html or "Feb 28, 2026" in html
    assert "Mar 31, 2026" not in html
    assert "Feb 2026" in html
    assert 'value="2026-03"' not in html


@pytest.mark.parametrize("file", FILES)
def test_without_a_period_a_file_is_of_that_day_too(
    page: "Client", company: Workspace, now: datetime, file: str
) -> None:
    of_the_past(company, None, date(2026, 2, 28), now=now)
    assert page.get(f"/metrics/win_rate/{file}", {"as_of": "2026-02-28"}).status_code == 200


def test_a_build_that_is_there_answers_the_api(page: "Client", company: Workspace, now: datetime) -> None:
    of_the_past(company, None, date(2026, 2, 28), now=now)
    answer = page.get("/api/ask?metrics=win_rate&as_of=2026-02-28&from=2026-02&to=2026-02")
    given = ask(company, "win_rate", start="2026-02", end="2026-02", as_of="2026-02-28").table
    assert answer.status_code == 200
    assert [row["value"] for row in answer.json()["items"]] == given["value"].to_pylist()


def test_charlie_is_offered_none(client: "Client", company_desk: Workspace, charlie: "User") -> None:
    client.force_login(charlie)
    answer = client.post("/as-of/", {"day": "2026-01-05", "back": "/metrics/win_rate/?as_of=2026-01-05"})
    assert answer.status_code == 403
    assert past(company_desk, date(2026, 1, 5)).state is State.ABSENT


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)
