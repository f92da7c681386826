"""From raw to record: what was deleted, what changed, and how long it stayed as it was."""

from datetime import date
from decimal import Decimal

from fairlead.record.lake import Lake
from tests.record.crm import ACCOUNT, DEAL, FEBRUARY, HISTORY, JANUARY, account, deal, move
from tests.record.lakes import land, made, recipe


def test_e48_a_deleted_deal_keeps_its_past(lake: Lake) -> None:
    land(lake, "crm", "account", [account("a")])
    land(lake, "crm", "opportunity", [deal("1"), deal("2")], JANUARY)
    land(lake, "crm", "opportunity", [], FEBRUARY, gone=[deal("2")])
    built = made(lake, recipe(ACCOUNT, DEAL))
    rows = built.rows("SELECT id, deleted_at FROM record.opportunity ORDER BY id")
    assert [tuple(row.values()) for row in rows] == [("crm:1", None), ("crm:2", FEBRUARY)]
    days = built.rows("SELECT starts_on, ends_on, is_open FROM mart.opportunity_day WHERE opportunity_id = 'crm:2'")
    assert [tuple(row.values()) for row in days] == [
        (date(2025, 6, 1), date(2026, 2, 10), True),
        (date(2026, 2, 10), None, False),
    ]


def test_differences_between_syncs_become_changes_seen_when_we_saw_them(lake: Lake) -> None:
    land(lake, "crm", "account", [account("a")])
    land(lake, "crm", "opportunity", [deal("1"), deal("2")], JANUARY)
    land(lake, "crm", "opportunity", [deal("1", stage="proposal", amount="250.00")], FEBRUARY)
    built = made(lake, recipe(ACCOUNT, DEAL))
    changes = built.rows('SELECT entity_id, field, old, new, "at" FROM record.change ORDER BY field')
    assert changes == [
        {"entity_id": "crm:1", "field": "amount", "old": "100.00", "new": "250.00", "at": FEBRUARY},
        {"entity_id": "crm:1", "field": "stage", "old": "discovery", "new": "proposal", "at": FEBRUARY},
    ]
    days = built.rows(
        "SELECT starts_on, ends_on, stage, amount FROM mart.opportunity_day WHERE opportunity_id = 'crm:1'"
    )
    assert days == [
        {
            "starts_on": date(2025, 6, 1),
            "ends_on": date(2026, 2, 10),
            "stage": "discovery",
            "amount": Decimal("100.00"),
        },
        {"starts_on": date(2026, 2, 10), "ends_on": None, "stage": "proposal", "amount": Decimal("250.00")},
    ]


def test_a_deal_that_two_looks_saw_open_and_closed_closed_on_its_closing_day(lake: Lake) -> None:
    land(lake, "crm", "account", [account("a")])
    land(lake, "crm", "opportunity", [deal("1"), deal("2")], JANUARY)
    closed = [deal("1", stage="closed_won", closes="2026-01-25"), deal("2", stage="proposal")]
    land(lake, "crm", "opportunity", closed, FEBRUARY)
    built = made(lake, recipe(ACCOUNT, DEAL))
    days = built.rows(
        "SELECT starts_on, ends_on, stage, is_open, is_won FROM mart.opportunity_day WHERE opportunity_id = 'crm:1'"
        " ORDER BY starts_on"
    )
    assert [tuple(day.values())[2:] for day in days if day["ends_on"] is None] == [("closed_won", False, True)]
    assert next(day["starts_on"] for day in days if day["is_won"]) == date(2026, 1, 25)
    assert all(day["is_open"] for day in days if day["starts_on"] < date(2026, 1, 25))
    (step,) = built.rows("SELECT old, new, day FROM record.change WHERE field = 'stage' AND entity_id = 'crm:1'")
    assert tuple(step.values()) == ("discovery", "closed_won", date(2026, 1, 25))
    (other,) = built.rows("SELECT \"at\" FROM record.change WHERE field = 'stage' AND entity_id = 'crm:2'")
    assert other["at"] == FEBRUARY


def test_a_deal_whose_outcome_was_corrected_was_open_until_it_closed(lake: Lake) -> None:
    """Lost in one export and won in the next: it was not lost from the day it was created on."""
    land(lake, "crm", "account", [account("a")])
    land(lake, "crm", "opportunity", [deal("1", stage="closed_lost", closes="2025-12-20")], JANUARY)
    land(lake, "crm", "opportunity", [deal("1", stage="closed_won", closes="2025-12-20")], FEBRUARY)
    built = made(lake, recipe(ACCOUNT, DEAL))
    days = built.rows("SELECT starts_on, stage, is_open, is_won FROM mart.opportunity_day ORDER BY starts_on")
    assert [tuple(day.values()) for day in days] == [
        (date(2025, 6, 1), None, True, False),
        (date(2025, 12, 20), "closed_won", False, True),
    ]
    assert built.column("SELECT stage FROM mart.stage_entry") == ["closed_won"]


def test_stays_in_stages_follow_the_history_and_close_with_the_deal(lake: Lake) -> None:
    land(lake, "crm", "account", [account("a")])
    land(lake, "crm", "opportunity", [deal("1", stage="closed_won", closes="2025-08-01")])
    land(lake, "crm", "history", [move("h1", "2025-06-11", "discovery", "proposal")])
    built = made(lake, recipe(ACCOUNT, DEAL, HISTORY))
    stays = built.rows(
        "SELECT sequence, stage, entered_on, left_on, next_stage, days FROM mart.stage_entry ORDER BY sequence"
    )
    assert [tuple(row.values()) for row in stays] == [
        (1, "discovery", date(2025, 6, 1), date(2025, 6, 11), "proposal", 10.0),
        (2, "proposal", date(2025, 6, 11), date(2025, 8, 1), "closed_won", 51.0),
        (3, "closed_won", date(2025, 8, 1), None, None, None),
    ]
    (facts,) = built.rows("SELECT qualified_on, days_to_close, days_in_stage FROM mart.facts_opportunity")
    assert facts == {"qualified_on": date(2025, 6, 11), "days_to_close": 61.0, "days_in_stage": None}


def test_a_state_is_what_the_last_change_made_it_and_before_that_what_the_change_found(lake: Lake) -> None:
    land(lake, "crm", "account", [account("a")])
    land(lake, "crm", "opportunity", [deal("1", amount="300.00", stage="proposal")])
    moves = [
        move("h1", "2025-07-01", "100.00", "200.00", "amount"),
        move("h2", "2025-07-20", "200.00", None, "amount"),
        move("h3", "2025-07-20", "discovery", "proposal"),
        move("h4", "2025-08-02", None, "300.00", "amount"),
    ]
    land(lake, "crm", "history", moves)
    rows = made(lake, recipe(ACCOUNT, DEAL, HISTORY)).rows(
        "SELECT starts_on, stage, amount, is_qualified FROM mart.opportunity_day ORDER BY starts_on"
    )
    assert [tuple(row.values()) for row in rows] == [
        (date(2025, 6, 1), "discovery", Decimal("100.00"), False),
        (date(2025, 7, 1), "discovery", Decimal("200.00"), False),
        (date(2025, 7, 20), "proposal", None, True),
        (date(2025, 8, 2), "proposal", Decimal("300.00"), True),
    ]
