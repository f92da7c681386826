"""How fresh sources and numbers are: from what was looked at, against what was agreed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fairlead.actions.sources import SourceState, freshness, sources
from fairlead.actions.syncing import sync
from fairlead.problem import Refused
from fairlead.workspace import Workspace, open_workspace
from tests.actions.companies import ACCOUNTS, DEALS, small_company
from tests.shelf import from_shelf

MONDAY = datetime(2026, 3, 30, 9, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def company(tmp_path: Path) -> Workspace:
    """Not pinned to a day; deals and accounts are two sources."""
    return two_sources(tmp_path / "small")


@pytest.fixture
def synced(tmp_path: Path) -> Workspace:
    """The same, synced on Monday."""
    return open_workspace(
        from_shelf("two-sources", lambda made: sync(two_sources(made), now=MONDAY), tmp_path / "synced")
    )


def two_sources(root: Path) -> Workspace:
    small_company(root)
    data, mapping = root / "data", (root / "data" / "mapping.yaml").read_text()
    head, accounts, deals = mapping.partition("files:\n")[0], *_entries(mapping)
    for name, entry, text in (("crm", deals, DEALS), ("registry", accounts, ACCOUNTS)):
        file = f"{'deals' if name == 'crm' else 'accounts'}.csv"
        (data / name).mkdir()
        (data / name / file).write_text(text)
        (data / name / "mapping.yaml").write_text(f"{head}files:\n{entry}")
        (data / file).unlink()
    (data / "mapping.yaml").unlink()
    settings(root, "today: 2026-03-31\n", "")
    return open_workspace(root)


def _entries(mapping: str) -> tuple[str, str]:
    first, second = mapping.partition("files:\n")[2].split("  - file: deals.csv")
    elsewhere = second.replace("account_id: Account", "account_id: {column: Account, source: registry}")
    return first, f"  - file: deals.csv{elsewhere}"


def settings(root: Path, old: str, new: str) -> Workspace:
    file = root / "fairlead.yaml"
    file.write_text(file.read_text().replace(old, new))
    return open_workspace(root)


def by_name(company: Workspace, now: datetime) -> dict[str, SourceState]:
    return {s.name: s for s in sources(company, now=now)}


def test_before_the_first_sync_every_source_is_there_and_was_never_looked_at(company: Workspace) -> None:
    found = sources(company, now=MONDAY)
    assert [(s.name, s.seen_at, s.age, s.tables, s.is_stale) for s in found] == [
        ("crm", None, None, (), True),
        ("registry", None, None, (), True),
    ]
    assert "Never looked at" in found[0].says
    assert freshness(company, ["win_rate"], now=MONDAY)["win_rate"].seen_at is None


def test_a_source_tells_its_tables_rows_and_records(synced: Workspace) -> None:
    crm = by_name(synced, MONDAY)["crm"]
    (deals,) = crm.tables
    assert (deals.name, deals.rows, deals.exports, deals.files) == ("deals", 6, 1, ("data/crm/deals.csv",))
    assert (crm.folder, crm.records, crm.files) == ("data/crm", ("opportunity",), ("data/crm/deals.csv",))
    assert (crm.seen_at, crm.changed_at, crm.age, crm.is_stale) == (MONDAY, MONDAY, timedelta(0), False)


def test_looking_without_news_keeps_it_fresh_and_not_changed(synced: Workspace) -> None:
    (synced.root / "data" / "crm" / "deals.csv").write_text(DEALS.replace("900.00", "901.00"))
    sync(synced, now=MONDAY + DAY)
    found = by_name(synced, MONDAY + 2 * DAY)
    assert {n: (s.seen_at, s.changed_at) for n, s in found.items()} == {
        "crm": (MONDAY + DAY, MONDAY + DAY),
        "registry": (MONDAY + DAY, MONDAY),
    }
    assert [s.tables[0].exports for s in found.values()] == [2, 2]


@pytest.mark.parametrize(
    ("later", "stale"), [(timedelta(hours=47), False), (2 * DAY, False), (2 * DAY + timedelta(seconds=1), True)]
)
def test_two_days_are_agreed_when_nothing_else_is(synced: Workspace, later: timedelta, stale: bool) -> None:
    found = by_name(synced, MONDAY + later)["crm"]
    assert (found.age, found.stale_after, found.is_stale) == (later, 2 * DAY, stale)
    assert ("stale" in found.says) is stale


def test_the_workspace_and_a_source_may_agree_otherwise(synced: Workspace) -> None:
    listed = "sources:\n  - {name: crm, folder: crm, stale_after: 3 hours}\n  - {name: registry, folder: registry}\n"
    agreed = settings(synced.root, "data: data", f"stale_after: 30 days\n{listed}data: data")
    found = by_name(agreed, MONDAY + DAY)
    assert {n: (s.stale_after, s.is_stale) for n, s in found.items()} == {
        "crm": (timedelta(hours=3), True),
        "registry": (30 * DAY, False),
    }


@pytest.mark.parametrize("words", ["2 working days", "soon", "0 days", "-1 days"])
def test_an_age_is_time_by_the_clock(company: Workspace, words: str) -> None:
    with pytest.raises(Refused, match=r"fairlead\.yaml"):
        settings(company.root, "data: data", f"stale_after: {words}\ndata: data")


def test_a_pinned_day_is_the_day_it_is_stale_on(synced: Workspace) -> None:
    pinned = settings(synced.root, "data: data", "today: 2026-04-05\ndata: data")
    found = by_name(pinned, MONDAY)["crm"]
    assert found.age == datetime(2026, 4, 6, tzinfo=UTC) - MONDAY
    assert found.is_stale
    past = settings(synced.root, "today: 2026-04-05", "today: 2026-01-31")
    assert by_name(past, MONDAY)["crm"].age == timedelta(0)


def test_a_number_is_as_fresh_as_the_oldest_source_behind_it(synced: Workspace) -> None:
    listed = "sources:\n  - {name: crm, folder: crm, stale_after: 3 hours}\n  - {name: registry, folder: registry}\n"
    agreed = settings(synced.root, "data: data", f"{listed}data: data")
    found = freshness(agreed, ["win_rate", "won", "nrr", "nothing"], now=MONDAY + DAY)
    assert set(found) == {"win_rate", "won", "nrr"}
    win_rate = found["win_rate"]
    assert (win_rate.sources, win_rate.seen_at, win_rate.is_stale, win_rate.stale) == (("crm",), MONDAY, True, ("crm",))
    assert "1 day ago" in win_rate.says
    assert "3 hours" in win_rate.says
    assert (found["nrr"].sources, found["nrr"].is_stale) == ((), False)


def test_what_was_landed_and_not_built_makes_no_number_fresh(synced: Workspace) -> None:
    """A sync that lands one source and refuses at another publishes nothing: the number is as old as its build."""
    (synced.root / "data" / "crm" / "deals.csv").write_text(DEALS.replace("900.00", "901.00"))
    (synced.root / "data" / "registry" / "mapping.yaml").write_text("files: [\n")
    with pytest.raises(Refused):
        sync(open_workspace(synced.root), now=MONDAY + DAY)
    assert by_name(synced, MONDAY + DAY)["crm"].seen_at == MONDAY + DAY
    assert freshness(synced, ["win_rate"], now=MONDAY + DAY)["win_rate"].seen_at == MONDAY
