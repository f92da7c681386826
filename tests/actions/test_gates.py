"""One deal at its gate, a waiver from the first refusal to the report, and the report of all gates."""

import re
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fairlead.actions.at_gate import Need, Proof
from fairlead.actions.building import named, set_aside
from fairlead.actions.gate_report import gates_report, report_table
from fairlead.actions.gates import gate, record_named
from fairlead.actions.lacking import find, items_of, lacking_table, who_lacks
from fairlead.actions.reporting import report
from fairlead.actions.syncing import sync
from fairlead.actions.waiving import NotWaived, waive, withdraw
from fairlead.actions.whence import Whence
from fairlead.connect.desk import act, land_act
from fairlead.problem import Refused
from fairlead.record.engine import Reader
from fairlead.values import Query
from fairlead.workspace import Workspace, open_workspace
from tests.actions.companies import gated_company, small_company

NOW = datetime(2026, 3, 31, 15, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company in which Alice is the sales manager, Bob sells, and Charlie is neither."""
    holders = {"sales_manager": "Alice Archer", "account_executive": "bob@acme.com", "sdr_manager": "Charlie Cole"}
    company = gated_company(tmp_path_factory.mktemp("gates") / "acme", holders)
    sync(company, now=NOW)
    return company.root


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
    assert (amount.proof, amount.written_at, amount.is_newer) == (None, None, False)  # nobody did anything yet
    source = next(n for n in asks.needs if n.column == "source")
    assert (source.comes_from.fills, source.comes_from.system) == ((), "Salesforce")
    assert [(c.text, c.holds, dict(c.values)) for c in asks.criteria] == [
        ("meetings >= 1", False, {"meetings": 0}),
        ("contacts >= 1", False, {"contacts": 0}),
    ]
    assert [r.name for r in asks.may_waive][:3] == ["account_executive", "sales_manager", "vp_sales"]


def test_a_field_that_was_written_after_the_customer_was_last_heard_is_told_apart() -> None:
    met = Proof("meeting", NOW, "Bob Baker")
    after, nowhere = NOW + timedelta(days=1), Whence("", "", (), "", "", "")
    need = Need("amount", "Amount", 9, "", 1, 1, True, False, met, after, nowhere)
    assert need.is_newer
    assert not need._replace(grade=3).is_newer
    assert not need._replace(proof=None).is_newer


def test_on_the_way_to_a_later_stage_every_gate_between_is_asked(company: Workspace) -> None:
    found = gate(company, "opportunity", "d2", to="evaluation", now=NOW)
    assert [one.stage for one in found.asks] == ["discovery", "qualification"]
    assert found.asks[1].missing == ("next_step",)
    won = gate(company, "opportunity", "d2", to="closed_won", now=NOW)
    assert [one.stage for one in won.asks][-2:] == ["negotiation", "closed_won"]
    assert [c.text for c in won.entry] == ["amount is not null"]
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


def test_a_record_in_no_stage_is_told_why_and_what_to_ask(tmp_path: Path, made: Path) -> None:
    company = open_workspace(Path(shutil.copytree(made, tmp_path / "acme")))
    with pytest.raises(Refused) as early:
        gate(company, "opportunity", "d2", as_of="2026-01-20", now=NOW)
    (told,) = early.value.problems
    assert told.message == "opportunity files:d2 is in no stage as of 2026-01-20."
    assert told.hint == "Ask as of a later day: it had not come into one by then."
    assert gate(company, "opportunity", "d2", as_of="2026-02-20", now=NOW).stage == "discovery"
    with pytest.raises(Refused) as never:
        gate(company, "account", "a3", now=NOW)
    assert never.value.problems[0].hint == "It has not come into one yet: nothing in the record says when."


def test_whoever_is_no_colleague_is_told_apart_from_one_who_may_not(company: Workspace) -> None:
    for by, is_unknown in (("Charlie Cole", False), ("u99", True)):
        with pytest.raises(NotWaived) as refused:
            waive(company, "opportunity", "d2", **{**GOOD, "by": by}, now=NOW)
        (told,) = refused.value.problems
        assert told.message == f"{by} may not waive the gate of discovery."
        assert ("No one colleague goes by that name, email or id." in str(told.hint)) is is_unknown
        assert "people.yaml" not in str(told.hint)


def test_where_nobody_holds_a_role_that_may_waive_people_yaml_is_named(tmp_path: Path, made: Path) -> None:
    folder = Path(shutil.copytree(made, tmp_path / "acme"))
    people = folder / "model/people.yaml"
    people.write_text(re.sub(r"holders: \[[^]]*\], ", "", people.read_text()))
    with pytest.raises(NotWaived) as refused:
        waive(open_workspace(folder), "opportunity", "d2", **GOOD, now=NOW)
    assert "Nobody holds any of these roles: name them under `holders:`" in str(refused.value)


GOOD = {"stage": "discovery", "reason": "Known from the last deal.", "by": "Bob Baker", "until": "2026-04-15"}


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"reason": "  "}, "bad-waiver", "reason"),
        ({"reason": "x" * 2001}, "bad-waiver", "reason"),
        ({"until": "2026-03-30"}, "bad-waiver", "until"),
        ({"until": "soon"}, "bad-waiver", "until"),
        ({"what": "colour"}, "bad-waiver", "what"),
        ({"stage": "sold"}, "bad-gate", ""),
        ({"by": "Charlie Cole"}, "may-not-waive", "by"),
        ({"by": "Somebody Else"}, "may-not-waive", "by"),
        ({"by": ""}, "may-not-waive", "by"),
    ],
)
def test_a_waiver_is_refused(company: Workspace, change: dict[str, str], code: str, field: str) -> None:
    with pytest.raises(Refused) as refused:
        waive(company, "opportunity", "d2", **{**GOOD, **change}, now=NOW)
    assert [p.code for p in refused.value.problems] == [code]
    assert getattr(refused.value, "fields", ("",)) == (field,)
    if code == "may-not-waive":
        assert "Alice Archer" in str(refused.value)
    assert not list(company.lake.raw.glob("desk/waiver/*"))


def test_a_stage_without_a_gate_is_refused_in_plain_words(company: Workspace) -> None:
    with pytest.raises(Refused) as refused:
        waive(company, "opportunity", "d2", **{**GOOD, "stage": "prospecting"}, now=NOW)
    told = refused.value.problems[0]
    assert "No gate of an opportunity is called 'prospecting'." in told.message
    known = (told.hint or "").rstrip(".").partition(": ")[2].split(", ")
    assert len(known) == len(set(known))
    assert {"sales.closed_won", "lifecycle.closed_won"} <= set(known)


def test_of_two_gates_of_one_name_the_one_that_is_waived_has_to_be_named(company: Workspace) -> None:
    with pytest.raises(Refused) as refused:
        waive(company, "opportunity", "d1", **{**GOOD, "stage": "closed_won"}, now=NOW)
    assert str(refused.value).endswith(
        "There are two gates called 'closed_won'. Name one: lifecycle.closed_won or sales.closed_won."
    )
    assert not list(company.lake.raw.glob("desk/waiver/*"))


def test_a_stage_to_go_to_may_have_its_flow_before_it(company: Workspace) -> None:
    for to, flow in (("sales.closed_won", "sales"), ("lifecycle.closed_won", "lifecycle")):
        found = gate(company, "opportunity", "d1", to=to, now=NOW)
        assert (found.flow, found.to) == (flow, "closed_won")
    with pytest.raises(Refused) as refused:
        gate(company, "opportunity", "d1", to="onboarding", now=NOW)
    known = (refused.value.problems[0].hint or "").rstrip(".").partition(": ")[2].split(", ")
    assert len(known) == len(set(known))
    assert {"sales.closed_won", "lifecycle.closed_won"} <= set(known)


def test_before_the_first_build_every_verb_names_the_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(small_company(tmp_path / "acme").root)
    company = open_workspace(Path())
    asks: tuple[Callable[[], object], ...] = (
        lambda: record_named(company, "opportunity", "d2"),
        lambda: gate(company, "opportunity", "d2", now=NOW),
        lambda: gates_report(company, now=NOW),
        lambda: waive(company, "opportunity", "d2", **GOOD, now=NOW),
        lambda: withdraw(company, "desk:x", by="Bob Baker", now=NOW),
        lambda: report(company, html=tmp_path / "report.html", now=NOW),
    )
    for asked in asks:
        with pytest.raises(Refused) as refused:
            asked()
        (told,) = refused.value.problems
        assert (told.code, told.message) == ("no-build", f"There is no build in {tmp_path / 'acme'} yet.")
        assert "fairlead sync" in str(told.hint)


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
    assert (discovery.waived, discovery.waiting_waived) == (0, 1)  # d2 is still there, and may go
    assert {x.item: (x.waived, x.stopped) for x in discovery.lacks} == {
        "source": (1, 1), "exit": (1, 1), "amount": (0, 1)
    }  # fmt: skip
    assert {x.item: x.lacked for x in discovery.lacks} == {"source": 2, "exit": 2, "amount": 1}


def test_a_waiver_that_is_taken_back_counts_no_longer_and_what_passed_by_it_has(tmp_path: Path, made: Path) -> None:
    folder = Path(shutil.copytree(made, tmp_path / "acme"))
    company = open_workspace(folder)
    given = waive(company, "opportunity", "d2", **GOOD, now=NOW)
    assert waive(company, "opportunity", "d2", **GOOD, now=NOW.replace(minute=1)).id == given.id  # sent twice: one
    assert len(gate(company, "opportunity", "d2", now=NOW).asks[0].waivers) == 1
    with pytest.raises(NotWaived) as refused:
        withdraw(company, given.id, by="Charlie Cole", now=NOW)
    assert [p.code for p in refused.value.problems] == ["may-not-waive"]
    assert gate(company, "opportunity", "d2", now=NOW).may_go
    sync(company, now=NOW.replace(minute=2))
    back = withdraw(company, given.id, by="alice@acme.com", now=NOW.replace(minute=3))
    assert back.withdrawn_by == "Alice Archer"
    assert withdraw(company, given.id, by="alice@acme.com", now=NOW.replace(minute=4)) == back
    for _ in ("before the next build", "after it"):
        found = gate(company, "opportunity", "d2", now=NOW)
        assert not found.may_go
        assert [(w.counts, w.withdrawn_by) for w in found.asks[0].waivers] == [(False, "Alice Archer")]
        sync(company, now=NOW.replace(minute=5))
    assert [
        r["is_waived"] for r in _rows(company, "SELECT is_waived FROM mart.gate WHERE subject_id = 'files:d2'")
    ] == [False]
    again = waive(company, "opportunity", "d2", **GOOD, now=NOW.replace(minute=6))
    assert again.id != given.id
    assert gate(company, "opportunity", "d2", now=NOW).may_go
    with pytest.raises(Refused) as unknown:
        withdraw(company, "desk:nope", by="Alice Archer", now=NOW)
    assert [p.code for p in unknown.value.problems] == ["unknown-record"]


def test_the_same_waiver_sent_four_times_at_once_is_one(tmp_path: Path, made: Path) -> None:
    company = open_workspace(Path(shutil.copytree(made, tmp_path / "acme")))
    with ThreadPoolExecutor(4) as threads:
        sent = [
            threads.submit(waive, company, "opportunity", "d2", **GOOD, now=NOW.replace(second=n)) for n in range(4)
        ]
    assert len({one.result().id for one in sent}) == 1
    assert len(gate(company, "opportunity", "d2", now=NOW).asks[0].waivers) == 1


def test_a_waiver_taken_back_by_two_at_once_is_taken_back_once(tmp_path: Path, made: Path) -> None:
    company = open_workspace(Path(shutil.copytree(made, tmp_path / "acme")))
    given = waive(company, "opportunity", "d2", **GOOD, now=NOW)
    people = ("Alice Archer", "Bob Baker", "alice@acme.com", "bob@acme.com")
    with ThreadPoolExecutor(4) as threads:
        sent = [
            threads.submit(withdraw, company, given.id, by=by, now=NOW.replace(minute=n + 1))
            for n, by in enumerate(people)
        ]
    told = {(one.result().withdrawn_by, one.result().withdrawn_at) for one in sent}
    assert len(told) == 1  # whoever comes later is told who has done it
    assert len(list(company.lake.raw.glob("desk/waiver/*.parquet"))) == 2
    (kept,) = gate(company, "opportunity", "d2", now=NOW).asks[0].waivers
    assert (kept.withdrawn_by, kept.withdrawn_at) == next(iter(told))


SECOND = """
stages:
  closed_won:
    {label: Closed won, subject: opportunity, owner: account_executive, enters: closed_at, enter_when: is_won,
     required: [product_id]}
"""


def test_of_two_gates_of_one_name_each_is_waived_by_its_own(tmp_path: Path, made: Path) -> None:
    """A deal that is won is at the gate of its pipeline and at that of the lifecycle, and neither answers for both."""
    folder = Path(shutil.copytree(made, tmp_path / "acme"))
    agreed = folder / "model/lifecycle.yaml"
    agreed.write_text(agreed.read_text() + SECOND)
    company = open_workspace(folder)
    assert [gate(company, "opportunity", "d1", flow=flow, now=NOW).flow for flow in (None, "lifecycle", "sales")] == [
        "sales", "lifecycle", "sales",
    ]  # fmt: skip
    assert set(gate(company, "opportunity", "d1", now=NOW).flows) == {"sales", "lifecycle"}
    waived = []
    for stage in ("lifecycle.closed_won", "sales.closed_won"):
        assert waive(company, "opportunity", "d1", **{**GOOD, "stage": stage}, now=NOW).stage == stage
        found = {
            flow: gate(company, "opportunity", "d1", flow=flow, now=NOW).asks[0] for flow in ("lifecycle", "sales")
        }
        assert [one.called for one in found.values()] == ["lifecycle.closed_won", "sales.closed_won"]
        assert all("product_id" in one.missing for one in found.values())
        waived.append({flow for flow, one in found.items() if one.is_waived})
        assert [len(one.waivers) for one in found.values()] == [1, len(waived) - 1]
    assert waived == [{"lifecycle"}, {"lifecycle", "sales"}]
    back = gate(company, "opportunity", "d1", flow="lifecycle", now=NOW).asks[0].waivers[0]
    withdraw(company, back.id, by="Alice Archer", now=NOW.replace(minute=3))
    told = [gate(company, "opportunity", "d1", flow=flow, now=NOW).may_go for flow in ("lifecycle", "sales")]
    assert told == [False, True]
    with pytest.raises(Refused) as refused:
        gate(company, "opportunity", "d1", flow="partners", now=NOW)
    assert [p.code for p in refused.value.problems] == ["unknown-flow"]


def test_a_waiver_that_has_run_out_since_the_build_is_in_force_no_longer(tmp_path: Path, made: Path) -> None:
    folder = Path(shutil.copytree(made, tmp_path / "acme"))
    waive(open_workspace(folder), "opportunity", "d2", **{**GOOD, "until": "2026-04-01"}, now=NOW)
    settings = folder / "fairlead.yaml"
    told = {}
    for today in ("2026-04-01", "2026-04-02"):
        lines = [line for line in settings.read_text().splitlines() if not line.startswith("today:")]
        settings.write_text("\n".join([*lines, f"today: {today}", ""]))
        found = gate(open_workspace(folder), "opportunity", "d2", now=NOW)
        leave = found.asks[0].waivers[0]
        told[today] = (found.may_go, leave.counts, leave.has_run_out, str(leave.until))
    assert told == {
        "2026-04-01": (True, True, False, "2026-04-01"),
        "2026-04-02": (False, False, True, "2026-04-01"),
    }
    assert gate(open_workspace(folder), "opportunity", "d2", as_of="2026-03-31", now=NOW).may_go  # it held then


def test_a_waiver_of_today_counts_at_once_where_the_build_is_of_an_earlier_day(tmp_path: Path, made: Path) -> None:
    folder = Path(shutil.copytree(made, tmp_path / "acme"))
    settings = folder / "fairlead.yaml"
    settings.write_text("".join(x for x in settings.read_text().splitlines(keepends=True) if "today:" not in x))
    company, later = open_workspace(folder), NOW.replace(month=4, day=2)
    given = waive(company, "opportunity", "d2", **GOOD, now=later)
    assert given.at == later
    assert gate(company, "opportunity", "d2", now=later).may_go
    assert not gate(company, "opportunity", "d2", as_of="2026-03-31", now=later).may_go  # it was not given by then
    withdraw(company, given.id, by="Bob Baker", now=later.replace(hour=16))
    assert not gate(company, "opportunity", "d2", now=later).may_go


def test_who_cannot_go_on_is_listed_and_everybody_is_found_by_name(company: Workspace) -> None:
    found = who_lacks(company, flow="sales", now=NOW).records
    assert [(r.subject_id, r.owner, r.days, items_of(r)) for r in found] == [
        ("files:d2", "Bob Baker", 39, ("source", "exit")),
        ("files:d3", "Bob Baker", 38, ("amount", "source", "exit")),
    ]
    assert lacking_table(who_lacks(company, flow="sales", now=NOW)).num_rows == 2
    assert {r.flow for r in who_lacks(company, now=NOW).records} >= {"sales"}
    assert [f.subject_id for f in find(company, "d2", now=NOW)] == ["files:d2"]
    assert find(company, "nobody at all", now=NOW) == ()
    with pytest.raises(Refused):
        who_lacks(company, flow="nope", now=NOW)


def test_the_report_is_cut_and_its_parts_add_up(company: Workspace) -> None:
    whole = gates_report(company, flow="sales", now=NOW)
    cut = gates_report(company, flow="sales", by="segment", per="month", start="2026-01", now=NOW)
    assert cut.by == "account.segment"
    for gate_of_all in whole.gates:
        parts = [p for p in cut.parts if p.stage == gate_of_all.stage]
        assert sum(p.came for p in parts) == gate_of_all.came
    assert report_table(whole).num_rows == len(whole.gates)
    assert report_table(cut).num_rows == len(cut.parts)
    for wrong in ({"by": "colour"}, {"per": "decade"}, {"flow": "nope"}, {"start": "2026-03", "end": "2026-01"}):
        with pytest.raises(Refused):
            gates_report(company, **wrong, now=NOW)  # type: ignore[arg-type]


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
