"""One deal at its gate, a waiver from the first refusal to the report, and the report of all gates."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fairlead.actions.building import named, set_aside
from fairlead.actions.gate_report import gates_report
from fairlead.actions.gates import gate
from fairlead.actions.syncing import sync
from fairlead.actions.waiving import waive
from fairlead.connect.desk import act, land_act
from fairlead.problem import Refused
from fairlead.record.engine import Reader
from fairlead.values import Query
from fairlead.workspace import Workspace, open_workspace
from tests.actions.companies import small_company

NOW = datetime(2026, 3, 31, 15, tzinfo=UTC)
MEMBERS = """\
Id,Name,Email
u1,Alice Archer,alice@acme.com
u2,Bob Baker,bob@acme.com
u3,Charlie Cole,charlie@acme.com
"""
DEALS = """\
Id,Account,Stage,Amount,Created,Closed,Owner,Next
d1,a1,Closed Won,1000.00,2026-01-05,2026-01-20,u1,
d2,a2,Discovery,900.00,2026-02-20,2026-04-30,u2,
d3,a3,Discovery,,2026-02-21,2026-04-30,u2,Call
"""
MAPPING = """\
dates: iso
files:
  - file: members.csv
    key: [Id]
    tables:
      - table: member
        columns: {name: Name, email: Email}
  - file: accounts.csv
    key: [Id]
    tables:
      - table: account
        columns: {name: Name, segment: Segment, country: Country}
  - file: deals.csv
    key: [Id]
    tables:
      - table: opportunity
        columns:
          account_id: Account
          owner_id: Owner
          stage: {column: Stage, values: {Closed Won: closed_won, Closed Lost: closed_lost, Discovery: discovery}}
          amount: Amount
          next_step: Next
          created_at: Created
          close_date: Closed
          is_won: {sql: "Stage = 'Closed Won'"}
          is_closed: {sql: "Stage in ('Closed Won', 'Closed Lost')"}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company in which Alice is the sales manager, Bob sells, and Charlie is neither."""
    folder = tmp_path_factory.mktemp("gates") / "acme"
    small_company(folder)
    (folder / "data/members.csv").write_text(MEMBERS)
    (folder / "data/deals.csv").write_text(DEALS)
    (folder / "data/mapping.yaml").write_text(MAPPING)
    people = folder / "model/people.yaml"
    held = people.read_text().replace("sales_manager: {", "sales_manager: {holders: [Alice Archer], ", 1)
    held = held.replace("account_executive: {", "account_executive: {holders: [bob@acme.com], ", 1)
    people.write_text(held.replace("sdr_manager: {", "sdr_manager: {holders: [Charlie Cole], ", 1))
    sync(open_workspace(folder), now=NOW)
    return folder


@pytest.fixture
def company(made: Path) -> Workspace:
    return open_workspace(made)


def test_a_deal_is_told_what_it_lacks_and_from_where_it_should_come(company: Workspace) -> None:
    found = gate(company, "opportunity", "d3", now=NOW)
    assert (found.flow, found.stage, found.may_go) == ("sales", "discovery", False)
    asks = found.asks[0]
    assert set(asks.missing) == {"amount", "source"}
    amount = next(n for n in asks.needs if n.column == "amount")
    assert (amount.value, amount.grade, amount.is_met) == (None, 0, False)
    fills = [(f.source, f.files, f.columns) for f in amount.comes_from.fills]
    assert fills == [("files", ("data/deals.csv",), ("Amount",))]
    assert amount.comes_from.owner == "VP Sales"
    source = next(n for n in asks.needs if n.column == "source")
    assert (source.comes_from.fills, source.comes_from.system) == ((), "Salesforce")
    assert [(c.text, c.holds, dict(c.values)) for c in asks.criteria] == [
        ("meetings >= 1", False, {"meetings": 0}),
        ("contacts >= 1", False, {"contacts": 0}),
    ]
    assert [r.name for r in asks.may_waive][:3] == ["account_executive", "sales_manager", "vp_sales"]


def test_on_the_way_to_a_later_stage_every_gate_between_is_asked(company: Workspace) -> None:
    found = gate(company, "opportunity", "d2", to="evaluation", now=NOW)
    assert [one.stage for one in found.asks] == ["discovery", "qualification"]
    assert found.asks[1].missing == ("next_step",)
    won = gate(company, "opportunity", "d2", to="closed_won", now=NOW)
    assert [one.stage for one in won.asks][-2:] == ["negotiation", "closed_won"]
    assert [c.text for c in won.entry] == ["NOT amount IS NULL"]
    assert gate(company, "opportunity", "files:d1", to="discovery", now=NOW).asks == ()


@pytest.mark.parametrize(
    ("subject", "key", "to", "code"),
    [
        ("deal", "d2", None, "unknown-record"),
        ("opportunity", "d9", None, "unknown-record"),
        ("opportunity", "d2", "sold", "bad-gate"),
        ("account", "a1", "discovery", "bad-gate"),
    ],
)
def test_what_there_is_not_is_refused(company: Workspace, subject: str, key: str, to: str | None, code: str) -> None:
    with pytest.raises(Refused) as refused:
        gate(company, subject, key, to=to, now=NOW)
    assert refused.value.problems[0].code == code


GOOD = {"stage": "discovery", "reason": "Known from the last deal.", "by": "Bob Baker", "until": "2026-04-15"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"reason": "  "}, "bad-waiver"),
        ({"until": "2026-03-30"}, "bad-waiver"),
        ({"until": "soon"}, "bad-waiver"),
        ({"what": "colour"}, "bad-waiver"),
        ({"stage": "sold"}, "bad-gate"),
        ({"by": "Charlie Cole"}, "may-not-waive"),
        ({"by": "Somebody Else"}, "may-not-waive"),
        ({"by": ""}, "may-not-waive"),
    ],
)
def test_a_waiver_is_refused(company: Workspace, change: dict[str, str], code: str) -> None:
    with pytest.raises(Refused) as refused:
        waive(company, "opportunity", "d2", **{**GOOD, **change}, now=NOW)
    assert [p.code for p in refused.value.problems] == [code]
    assert not list(company.lake.raw.glob("desk/waiver/*"))


def test_a_waiver_counts_at_once_and_in_the_report_of_the_next_build(tmp_path: Path, made: Path) -> None:
    folder = Path(shutil.copytree(made, tmp_path / "acme"))
    company = open_workspace(folder)
    assert not gate(company, "opportunity", "d2", now=NOW).may_go
    done = waive(company, "opportunity", "d2", **GOOD, now=NOW)
    assert (done.subject_id, done.by) == ("files:d2", "Bob Baker")
    waive(company, "opportunity", "d3", **{**GOOD, "by": "alice@acme.com", "what": "amount"}, now=NOW)
    found = gate(company, "opportunity", "d2", now=NOW)
    assert found.may_go
    assert found.asks[0].is_waived
    assert [(w.reason, w.by, str(w.until), w.counts) for w in found.asks[0].waivers] == [
        ("Known from the last deal.", "Bob Baker", "2026-04-15", True)
    ]
    assert not gate(company, "opportunity", "d3", now=NOW).may_go  # only the amount is waived

    sync(company, now=NOW)
    rows = _rows(
        company, "SELECT subject_id, is_waived, waived_by, is_stopped FROM mart.gate WHERE stage = 'discovery'"
    )
    assert sorted(tuple(r.values()) for r in rows) == [
        ("files:d2", True, "Bob Baker", False),
        ("files:d3", False, None, True),
    ]
    assert gate(company, "opportunity", "d2", now=NOW).may_go
    assert len(gate(company, "opportunity", "d2", now=NOW).asks[0].waivers) == 1
    discovery = next(g for g in gates_report(company, now=NOW).gates if g.name == "sales.discovery")
    assert (discovery.came, discovery.passed, discovery.stopped) == (2, 0, 1)
    assert {x.item: x.lacked for x in discovery.lacks} == {"source": 2, "exit": 2, "amount": 1}


def test_a_waiver_in_a_company_whose_day_is_pinned_is_given_on_that_day(tmp_path: Path, made: Path) -> None:
    company = open_workspace(Path(shutil.copytree(made, tmp_path / "acme")))
    years_later = NOW.replace(year=2027)
    waive(company, "opportunity", "d2", **GOOD, now=years_later)
    assert gate(company, "opportunity", "d2", now=years_later).may_go


def test_a_waiver_for_a_stage_nobody_knows_is_set_aside_with_its_reason(tmp_path: Path, made: Path) -> None:
    company = open_workspace(Path(shutil.copytree(made, tmp_path / "acme")))
    plain: dict[str, str | None] = {
        "subject": "opportunity", "subject_id": "files:d2", "stage": "discovery", "waiver_reason": "So.",
        "waived_by": "Bob", "at": NOW.isoformat(), "expires_on": "2026-04-01",
    }  # fmt: skip
    bad: tuple[dict[str, str | None], ...] = (
        {"stage": "sold"},
        {"subject": "deal"},
        {"subject_id": "files:d99"},
        {"waiver_reason": " "},
        {"waived_by": None},
        {"expires_on": "2026-03-30"},
    )
    for n, change in enumerate((*bad, {})):
        at = NOW.replace(second=n)
        land_act(company.lake, act("waiver", {**plain, **change}, at), at)
    sync(company, now=NOW.replace(minute=30))
    reasons = {one.reason: one.rows for one in set_aside(company, named(company, None)) if one.table == "waiver"}
    assert reasons == {
        "unknown-stage": 1, "unknown-subject": 1, "dangling-reference": 1, "no-reason": 1, "nobody-waived": 1,
        "ends-before-start": 1,
    }  # fmt: skip
    assert len(_rows(company, "SELECT id FROM record.waiver")) == 1


def _rows(company: Workspace, sql: str) -> list[dict[str, object]]:
    build = company.lake.current()
    assert build is not None
    reader = Reader(build)
    try:
        found: list[dict[str, object]] = reader.rows(Query("test", sql)).to_pylist()
        return found
    finally:
        reader.close()
