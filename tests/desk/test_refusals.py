"""Every page of a workspace that cannot be read: the problem in words, and never a fault of ours."""

import json
from collections.abc import Iterator
from html import unescape
from typing import TYPE_CHECKING, NamedTuple

import pytest

from fairlead.problem import Law, Refused, Severity, Where
from fairlead.workspace import Workspace
from tests.desk.copies import browsing, copied, edited
from tests.desk.test_access import addresses

if TYPE_CHECKING:
    from django.test import Client

# What needs none of the workspace; a program that draws whatever the workspace is like; and what is sent, not asked.
WITHOUT = {"sign-in", "sign-in-link", "sign-out", "account", "palette", "chart-program"}
# A damaged lake is no hindrance to reading what was agreed.
AGREED = {"model", "subject"}


class Broken(NamedTuple):
    """A desk on a workspace with a fault, what its pages must say, and the pages that may be shown all the same."""

    client: "Client"
    says: str
    build: str
    shown: frozenset[str]

    def asked(self) -> dict[str, str]:
        """Every page, those of builds about one that is there."""
        return {
            name: address.replace("/builds/2026/", f"/builds/{self.build}/")
            .replace("/builds/1/2/", f"/builds/{self.build}/{self.build}/")
            .replace("/lifecycle/win_rate/", "/lifecycle/engaged/")
            .replace("/lifecycle/win_rate.csv", "/lifecycle/funnel.csv")
            .replace("/handoffs/win_rate.csv", "/handoffs/gaps.csv")
            .replace("/handoffs/win_rate/", "/handoffs/mql_to_sql/")
            .replace("/renewals/win_rate.csv", "/renewals/renewals.csv")
            .replace("/reconciliation/win_rate.csv", "/reconciliation/open-items.csv")
            .replace("/charts/metric/win_rate.csv", "/charts/metric/win_rate.svg")
            for name, address in addresses().items()
            if name not in WITHOUT
        }


@pytest.fixture(scope="module", params=["settings", "build"])
def broken(
    request: pytest.FixtureRequest, company: Workspace, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Broken]:
    """With a key nobody knows in the settings; or with a published build whose build.json is no JSON."""
    copy = copied(company, tmp_path_factory.mktemp("broken") / "halyard")
    build = copy.lake.current()
    assert build is not None
    with browsing(copy, "owner") as client:
        if request.param == "settings":
            edited(copy.root, "fairlead.yaml", ("company:", "nonsens: 1\ncompany:"))
            yield Broken(client, "nonsens", build.name, frozenset())
        else:
            edited(build, "build.json", ("{", "{{"))
            yield Broken(client, "build.json", build.name, frozenset(AGREED))


def test_every_page_says_what_is_wrong_and_that_it_is_not_the_question(broken: Broken) -> None:
    wrong = {}
    for name, address in broken.asked().items():
        answer = broken.client.get(address, follow=True)
        if answer.status_code == 405 or (name in broken.shown and answer.status_code == 200):
            continue
        if answer.status_code != 503 or broken.says not in answer.content.decode():
            wrong[name] = (answer.status_code, address)
    assert wrong == {}


def test_it_is_said_to_mend_it(broken: Broken) -> None:
    page = unescape(broken.client.get("/metrics/win_rate/").content.decode())
    assert "This cannot be shown now" in page
    assert "fairlead check" in page


def test_a_chart_says_it_in_the_form_asked_for(broken: Broken) -> None:
    answer = broken.client.get("/charts/metric/win_rate.json")
    assert answer.status_code == 503
    assert broken.says in " ".join(json.loads(answer.content)["problems"])


def test_a_question_of_a_form_that_is_at_fault_does_not_hide_it(broken: Broken) -> None:
    """With a day that cannot be read the number is shown as of today; which cannot be shown either."""
    answer = broken.client.get("/metrics/win_rate/?as_of=nonsense")
    assert answer.status_code == 503
    assert broken.says in answer.content.decode()


@pytest.mark.parametrize(
    ("codes", "file", "status"),
    [
        (["lake-damaged"], None, 503),
        (["no-workspace"], None, 503),
        (["bad-setting"], "fairlead.yaml", 503),
        (["unknown-key"], "fairlead.yaml", 503),
        (["unknown-metric", "lake-damaged"], None, 503),
        (["unknown-metric"], None, 404),
        (["no-build"], None, 404),
        (["unknown-metric", "unknown-dimension"], None, 400),
        (["bad-question"], None, 400),
        (["a-law-of-tomorrow"], None, 400),
    ],
)
def test_one_table_says_what_a_problem_answers_with(codes: list[str], file: str | None, status: int) -> None:
    from fairlead.desk.refusals import status_of

    where = Where(file, 1) if file else None
    said = [Law(code, Severity.ERROR, why="", mend="").broken("wrong", where) for code in codes]
    assert status_of(Refused(said).problems) == status
