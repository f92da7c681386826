"""The SQL by hand that the bench compares with says what ours does, of lines that the bench does not have as well.

It is written apart from ours, for the default switches; so each is a check on the other.
"""

import random
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from bench import revenue as bench
from bench import revenue_by_hand as hand
from fairlead.model.tables import TABLES
from fairlead.values import Query
from tests.analysis.test_movements_replay import RATE_DAYS, book_of, some_line
from tests.record.test_lines import OF_A_BUILD

AS_OF = date(2027, 6, 30)  # that of the book
LATER = datetime(2027, 8, 1, 9, tzinfo=UTC)  # seen after the day that is asked about
WORDS = ("Unpaid", "paused", "On Hold", " Trialing ", "Incomplete", "trial-ended", "EXPIRED", "non_renewing")


def some_lines(seed: int) -> list[dict[str, Any]]:
    """Lines of forty accounts, some of which replace another one or were sold by a deal."""
    dice = random.Random(seed)
    found = [some_line(dice, n, RATE_DAYS) for n in range(240)]
    for n, one in enumerate(found):
        one["account_id"] += str(n // 18)
        one["opportunity_id"] = dice.choice([None, None, "o1", "o2"])
        if dice.random() < 0.2:
            seen = datetime(2026, dice.randint(1, 12), 9, tzinfo=UTC) if dice.random() < 0.8 else LATER
            one |= {"status": dice.choice(WORDS), "seen_at": seen}
        one["replaces_id"] = str(max(0, n - dice.randint(1, 4))) if dice.random() < 0.15 else None
    return found


def test_the_bench_compares_what_is_the_same_and_sees_what_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = bench.prepared(tmp_path, 300)
    bench.same(connection)
    monkeypatch.setattr(bench, "AS_OF", date(2025, 11, 30))  # the day by hand, not ours
    with pytest.raises(AssertionError, match="differ"):
        bench.same(connection)


@pytest.mark.parametrize("seed", [1, 2])
def test_movements_and_months_by_hand_are_the_same_to_the_last_column(seed: int) -> None:
    lines = some_lines(seed)
    book = book_of(lines)
    ours = book.counted()
    said = hand.words("record.contract_line", AS_OF, {name: f"hand_{name}" for name in hand.STEPS})
    for name, sql in hand.STEPS.items():
        ours.given[f"hand_{name}"] = book.reader.rows(Query(name, sql.format(**said)), ours.given)
    for mine, theirs, mart in (
        ("lens_movement", "hand_movement", "mrr_movement"),
        ("lens_account_month", "hand_month", "account_month"),
    ):
        columns = ", ".join(column.name for column in TABLES[mart].columns if column.name not in OF_A_BUILD)
        rows = ours.rows(f"SELECT {columns} FROM {mine} ORDER BY ALL")
        assert len(rows) > 200
        assert rows == ours.rows(f"SELECT {columns} FROM {theirs} ORDER BY ALL")
    kinds = {row["kind"] for row in ours.movements}
    assert kinds >= {
        "new",
        "expansion",
        "contraction",
        "churn",
        "reactivation",
        "transfer",
        "pause",
        "resume",
        "escalator",
    }
