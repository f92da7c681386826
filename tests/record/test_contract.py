"""What the record's own SQL gives is held to the tables as declared: what breaks them is set aside with a reason."""

from pathlib import Path

import pytest

from fairlead.actions.building import contract_problems
from fairlead.record import build as building
from fairlead.record.lake import Lake, manifest
from fairlead.record.models import sql_models, steps
from fairlead.record.recipe import TableCount
from tests.record.lakes import Built, land, made, recipe, stage

ACCOUNT = stage("account", {"name": "name", "created_at": "created"})
ROWS = [{"key": key, "name": f"Account {key}", "created": "2025-01-01"} for key in "abc"]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / ".fairlead")
    land(lake, "crm", "account", ROWS)
    return lake


def built_with(lake: Lake, monkeypatch: pytest.MonkeyPatch, **instead: str) -> Built:
    """A build in which some marts have been given another SQL."""
    others = {f"mart.{name}": sql for name, sql in instead.items()}
    monkeypatch.setattr(building, "steps", lambda derived, computed: {**steps(derived, computed), **others})
    return made(lake, recipe(ACCOUNT))


def set_aside(built: Built) -> list[tuple[object, ...]]:
    rows = built.rows("SELECT table_name, reason, detail FROM quality.set_aside ORDER BY ALL")
    return [tuple(row.values()) for row in rows]


@pytest.mark.parametrize("few", [building.FEW, 4, 0])  # read from memory, at first from its file, only from there
def test_a_row_whose_grain_is_there_already_is_set_aside(lake: Lake, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(building, "FEW", few)
    sql = sql_models()["mart.facts_account"]
    twice = f"SELECT * FROM ({sql}) UNION ALL SELECT * FROM ({sql}) WHERE id <> 'crm:a'"
    built = built_with(lake, monkeypatch, facts_account=twice)
    assert built.column("SELECT id FROM mart.facts_account ORDER BY id") == ["crm:a", "crm:b", "crm:c"]
    assert set_aside(built) == [
        ("facts_account", "repeated-grain", "crm:b"),
        ("facts_account", "repeated-grain", "crm:c"),
    ]


def test_a_row_without_what_is_required_is_set_aside(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    sql = sql_models()["mart.facts_account"]
    nameless = f"SELECT * REPLACE (CASE WHEN id <> 'crm:b' THEN name END AS name) FROM ({sql})"
    built = built_with(lake, monkeypatch, facts_account=nameless)
    assert built.column("SELECT id FROM mart.facts_account") == ["crm:a", "crm:c"]
    assert set_aside(built) == [("facts_account", "required", "name is empty")]


def test_sound_tables_are_left_as_they_are(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    built = built_with(lake, monkeypatch)
    assert set_aside(built) == []
    assert len(built.column("SELECT id FROM mart.facts_account")) == 3


@pytest.mark.parametrize(
    ("kept", "aside", "codes"),
    [(100, 0, []), (95, 5, []), (94, 6, ["much-set-aside"]), (94, 5, ["not-balanced"]), (0, 0, ["not-balanced"])],
)
def test_counts_that_do_not_add_up_or_leave_much_out_are_told(
    lake: Lake, kept: int, aside: int, codes: list[str]
) -> None:
    path = made(lake, recipe(ACCOUNT)).path
    (count,) = (TableCount(**c) for c in manifest(path)["tables"] if c["table"] == "account")
    found = contract_problems(path, [count._replace(rows_in=100, kept=kept, set_aside=aside)])
    assert [p.code for p in found] == codes
