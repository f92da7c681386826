"""What a status means is the same however it is written, and the same wherever a line is read."""

from datetime import UTC, datetime
from importlib.resources import files

import pytest

from fairlead.model import line_status as status
from tests.analysis.counted import Book, line

SEEN = datetime(2026, 6, 10, 12, tzinfo=UTC)
NEW, LEFT, PAUSED = ("01-01", "new", 100.0), ("06-10", "churn", -100.0), ("06-10", "pause", -100.0)
ASKED = {"cancelled_on": "06-10"}


@pytest.mark.parametrize(
    ("words", "more", "told"),
    [
        (
            "active|Active| LIVE |activated|non_renewing|Non Renewing|past_due|Past due|soft_failure|assessing",
            {},
            [NEW],
        ),
        ("trialing|Trialing|in_trial|In Trial|trial|TRIAL ", {}, []),
        ("incomplete|Incomplete|incomplete_expired|draft|Draft|Pending Activation|PendingAcceptance", {}, []),
        ("trial_ended|Trial Ended|awaiting_signup|failed_to_create", {}, []),
        ("unpaid|Unpaid| UNPAID", {}, [NEW, LEFT]),
        ("canceled|Cancelled|expired|Expired|transferred|ended|terminated|churned", ASKED, [NEW, LEFT]),
        ("paused|Paused|on_hold|On Hold|On-hold|suspended|Suspended", {}, [NEW, PAUSED]),
        ("future|Future", {}, [NEW]),
    ],
)
def test_e10_e11_e14_a_status_means_the_same_however_it_is_written(
    words: str, more: dict[str, str], told: list[tuple[str, str, float]]
) -> None:
    """A line of 100 from January on, seen so on June 10; as of August, before the limit of a pause is up."""
    lines = [
        line(f"{n}", "01-01", account_id=f"a{n}", status=said, seen_at=SEEN, **more)
        for n, said in enumerate(words.split("|"))
    ]
    found = Book(*lines, as_of=datetime(2026, 8, 1, tzinfo=UTC).date()).counted()
    rows = found.rows("SELECT * FROM lens_movement WHERE NOT is_scheduled ORDER BY moved_on, account_id")
    each: dict[str, list[tuple[str, str, float]]] = {one["account_id"]: [] for one in lines}
    for row in rows:
        each[row["account_id"]].append((f"{row['moved_on']:%m-%d}", row["kind"], float(row["amount_converted"])))
    assert each == {one["account_id"]: told for one in lines}


def test_e11_a_pause_without_a_day_begins_where_the_trial_ended_or_when_it_was_seen() -> None:
    """Stripe pauses what was not paid for at the end of its trial: never revenue. A day that is named is that day."""
    trial = line("1", "01-01", status="paused", trial_ends_on="02-01", seen_at=SEEN, account_id="a")
    named = line("2", "01-01", status="paused", paused_on="04-01", seen_at=SEEN, account_id="b")
    found = Book(trial, named, as_of=datetime(2026, 5, 1, tzinfo=UTC).date()).counted()
    told = [(day, kind, money) for day, kind, money in found.told if day < "05-02"]
    assert told == [NEW, ("04-01", "pause", -100.0)]


def test_e11_an_export_read_later_than_the_day_asked_about_says_what_was_so_on_it() -> None:
    """With `today` in fairlead.yaml the build is as of that day; a past day knows nothing of it yet."""
    lines = [
        line(said, "01-01", account_id=said, status=said, seen_at=datetime(2026, 11, 1, tzinfo=UTC))
        for said in ("paused", "unpaid", "active")
    ]
    as_of = datetime(2026, 7, 31, tzinfo=UTC).date()
    assert Book(*lines, as_of=as_of).counted().mrr("07-31") == 100
    assert Book(*lines, as_of=as_of, is_past=True).counted().mrr("07-31") == 300


def test_the_record_calls_the_same_words_never_paid_for() -> None:
    sql = files("fairlead.record").joinpath("sql/record/contract_line.sql").read_text()
    listed = sql.split(" IN (\n")[1].split(")")[0]
    assert {each.strip().strip("'") for each in listed.split(",")} == {*status.TRIAL, *status.NOT_BEGUN}
    assert len(set(status.KNOWN)) == len(status.KNOWN)
