"""What is committed after a day: what is known to come, and of a day that has passed only what was known by then."""

from datetime import UTC, date, datetime

from fairlead.analysis import revenue_report as report
from fairlead.values import Grain
from tests.analysis.counted import Book, asked, line


def test_e26_only_what_was_asked_for_or_seen_by_a_past_day_is_committed_after_it() -> None:
    """In March a asked to leave in May and d had been seen to begin in July; b's and c's future came as a surprise.

    Under another lens that is no less so; and as of the day the lines are of, all that they say of later is committed.
    """
    seen, late = (datetime(2026, month, 20, 9, tzinfo=UTC) for month in (3, 12))
    book = Book(
        line("1", "01-01", "05-01", mrr=100, account_id="a", cancelled_on="03-10", seen_at=late),
        line("2", "01-01", "06-01", mrr=70, account_id="b", cancelled_on="04-10", seen_at=late),
        line("3", "01-01", "04-15", mrr=20, currency="EUR", rate="1.0", account_id="c", seen_at=late),
        line("4", "04-15", mrr=50, currency="EUR", rate="1.5", account_id="c", seen_at=late),
        line("5", "07-01", mrr=40, account_id="d", seen_at=seen),
        as_of=date(2026, 4, 30),
    )
    counted = book.counted()

    def kinds(last: str, seen_in: str | None = "UTC") -> dict[str, float]:
        rows = counted.asked(report.committed(asked("03-01", last, Grain.DAY), report.LENS, seen_in=seen_in))
        return {row["kind"]: float(row["money"]) for row in rows}

    assert kinds("03-31") == {"churn": -100, "new": 40}
    assert kinds("03-15") == {"churn": -100}, "d was not heard of by then"
    assert kinds("03-05") == {}
    assert kinds("04-30") == {"churn": -170, "new": 40}
    assert kinds("04-30", None) == {"churn": -170, "new": 40}
    assert kinds("04-10", None)["fx"] == 10, "what a build of the past would tell if all it holds had been known"
