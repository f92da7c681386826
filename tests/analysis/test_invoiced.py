"""What a subscription should have been invoiced by now, case by case: one line of 100 a month, or 1,200 a year."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.analysis.reconciled import AS_OF, Row, charged_on, line, rows, run

FIRST = date(2026, 1, 5)
DAYS = charged_on(FIRST, AS_OF + timedelta(1), "month")  # ten of them, the last on 2026-10-05: too young to be missed
Told = tuple[str, str, str] | None  # due, invoiced, at stake


def monthly(**other: Any) -> Row:
    return line("l", "a", "100", FIRST, subscription="s", **{"billing_interval": "month", **other})


def yearly(starts: date, **other: Any) -> Row:
    return line("l", "a", "1200", starts, subscription="s", **other)


def bills(days: Sequence[date], amount: str = "100", **other: Any) -> list[Row]:
    """An invoice a day."""
    money = Decimal(amount)
    return [
        {"id": f"i{day}{amount}{n}", "account_id": "a", "subscription": "s", "amount": money, "amount_converted": money,
         "currency": "USD", "issued_on": day, "source_system": "billing", "status": "paid", **other}
        for n, day in enumerate(days)
    ]  # fmt: skip


def later(day: date, days: int) -> date:
    return day + timedelta(days)


CASES: dict[str, tuple[list[Row], list[Row], Told]] = {
    "as the contract says": ([monthly()], bills(DAYS), None),
    "the last one is not there yet": ([monthly()], bills(DAYS[:-1]), None),
    "each a few days late": ([monthly()], bills([later(day, 9) for day in DAYS]), None),
    "each some days early": ([monthly()], bills([later(day, -12) for day in [*DAYS, date(2026, 11, 5)]]), None),
    "at the end of each month": ([monthly()], bills(DAYS[1:]), None),
    "too little": ([monthly()], bills(DAYS, "60"), ("1000.00", "600.00", "400.00")),
    "the price of before": ([monthly()], [*bills(DAYS[:5]), *bills(DAYS[5:], "90")], ("1000.00", "950.00", "50.00")),
    "too much": ([monthly()], bills(DAYS, "101"), ("1000.00", "1010.00", "10.00")),
    "rounding": ([monthly()], bills(DAYS, "99.99"), None),
    "months are missing": ([monthly()], bills(DAYS[:1]), ("900.00", "100.00", "800.00")),
    "one month is missing": ([monthly()], bills([*DAYS[:4], *DAYS[5:]]), ("1000.00", "900.00", "100.00")),
    "one is there twice": ([monthly()], bills([*DAYS, DAYS[3]]), ("1000.00", "1100.00", "100.00")),
    "credited": ([monthly()], [*bills(DAYS), *bills([DAYS[8]], "-900")], ("1000.00", "100.00", "900.00")),
    "credited and asked for again": ([monthly()], [*bills([*DAYS, DAYS[8]]), *bills([DAYS[8]], "-100")], None),
    "void": ([monthly()], [*bills(DAYS[:8]), *bills(DAYS[8:9], status="Void")], ("900.00", "800.00", "100.00")),
    "the first one void": (
        [monthly()], [*bills(DAYS[1:]), *bills(DAYS[:1], status="void")], ("1000.00", "900.00", "100.00"),
    ),
    "written off, and asked for again": (
        [monthly()], [*bills(DAYS[1:]), *bills(DAYS[:1], status="uncollectible"), *bills(DAYS[:1])], None,
    ),
    "ended in the middle of a month": ([monthly(ends_on=date(2026, 4, 20))], bills(DAYS[:4]), None),
    "ended, and its part credited": (
        [monthly(ends_on=date(2026, 4, 20))], [*bills(DAYS[:4]), *bills([date(2026, 4, 20)], "-50")], None,
    ),
    "ended, and invoiced further": (
        [monthly(ends_on=date(2026, 4, 5))], bills(DAYS[:5]), ("300.00", "500.00", "200.00"),
    ),
    "cancelled": ([monthly(status="Canceled", cancelled_on=date(2026, 4, 5))], bills(DAYS[:3]), None),
    "to be cancelled": ([monthly(cancels_on=date(2026, 12, 5))], bills(DAYS[:5]), ("900.00", "500.00", "400.00")),
    "a trial first": ([monthly(trial_ends_on=date(2026, 3, 5))], bills(DAYS[2:]), None),
    "paused": ([monthly(paused_on=date(2026, 3, 5), resumes_on=date(2026, 6, 5))], bills([*DAYS[:2], *DAYS[5:]]), None),
    "paused, and nobody knows since when": ([monthly(status="On hold")], bills(DAYS[:6]), None),
    "unpaid, and not asked for any more": ([monthly(status="unpaid", past_due_on=DAYS[5])], bills(DAYS[:6]), None),
    "invoiced though paused": ([monthly(paused_on=date(2026, 3, 5), resumes_on=date(2026, 6, 5))], bills(DAYS), None),
    "a discount for three months": (
        [monthly(discount=Decimal(20), discount_lasts="repeating", discount_ends_on=date(2026, 4, 5))],
        [*bills(DAYS[:3], "80"), *bills(DAYS[3:])], None,
    ),
    "a discount that was given too long": (
        [monthly(discount=Decimal(20), discount_lasts="repeating", discount_ends_on=date(2026, 4, 5))],
        bills(DAYS, "80"), ("940.00", "800.00", "140.00"),
    ),
    "a discount once": (
        [monthly(discount=Decimal(20), discount_lasts="once")], [*bills(DAYS[:1], "80"), *bills(DAYS[1:])], None,
    ),
    "a first part up to the first of a month": (
        [monthly(starts_on=date(2026, 1, 17))],
        [*bills([date(2026, 1, 17)], "48.39"), *bills([date(2026, n, 1) for n in range(2, 11)])], None,
    ),
    "a year": ([yearly(date(2025, 2, 28))], bills([date(2025, 2, 28), date(2026, 2, 28)], "1200"), None),
    "its second year is missing": (
        [yearly(date(2025, 2, 28))], bills([date(2025, 2, 28)], "1200"), ("2400.00", "1200.00", "1200.00"),
    ),
    "the 31st": (
        [monthly(starts_on=date(2025, 12, 31))],
        bills(charged_on(date(2025, 12, 31), later(AS_OF, 1), "month")), None,
    ),
    "by the week": (
        [monthly(starts_on=date(2026, 8, 3), billing_interval="week")],
        bills([later(date(2026, 8, 3), 7 * n) for n in range(13)]), None,
    ),
    "weeks are missing": (
        [monthly(starts_on=date(2026, 8, 3), billing_interval="week")],
        bills([later(date(2026, 8, 3), 7 * n) for n in range(4)]), ("900.00", "400.00", "500.00"),
    ),
    "charged once": ([monthly(kind="one_time")], bills(DAYS[:1]), None),
    "charged once and not in full": ([monthly(kind="fee")], bills(DAYS[:1], "70"), ("100.00", "70.00", "30.00")),
    "use comes on top": (
        [monthly(), monthly(kind="usage") | {"id": "m", "amount": Decimal(0)}],
        [*bills(DAYS), *bills(DAYS, "33")], None,
    ),
    "two lines on one invoice": ([monthly(), monthly() | {"id": "m"}], bills(DAYS, "200"), None),
    "one of two lines": ([monthly(), monthly() | {"id": "m"}], bills(DAYS), ("2000.00", "1000.00", "1000.00")),
}  # fmt: skip


@pytest.fixture(scope="module")
def found() -> dict[str, list[Row]]:
    """The open items of each case: all of them in one record, each of an account of its own."""
    lines = [one | {"account_id": case, "id": f"{case}/{one['id']}"} for case in CASES for one in CASES[case][0]]
    invoices = [one | {"account_id": case, "id": f"{case}/{one['id']}"} for case in CASES for one in CASES[case][1]]
    connection = run(contract_line=lines, invoice=invoices)
    told = [row for row in rows(connection) if row["kind"] == "invoiced_otherwise"]
    connection.close()
    return {case: [row for row in told if row["account_id"] == case] for case in CASES}


@pytest.mark.parametrize("case", CASES)
def test_e28_a_subscription_is_an_open_item_where_its_invoices_are_not_what_it_charges(
    case: str, found: dict[str, list[Row]]
) -> None:
    told = CASES[case][2]
    said = [(str(row["due_amount"]), str(row["invoiced_amount"]), str(row["money"])) for row in found[case]]
    assert said == ([told] if told else [])


def test_it_says_what_lacks_and_since_when(found: dict[str, list[Row]]) -> None:
    said = {case: (row["says"], AS_OF - timedelta(row["age_days"])) for case, told in found.items() for row in told}
    assert said["months are missing"] == ("1 of 9 periods was invoiced, 800.00 USD less than due.", DAYS[1])
    assert said["too little"] == ("10 of 10 periods were invoiced, 400.00 USD less than due.", FIRST)
    assert said["one is there twice"] == ("11 invoices for 10 periods, 100.00 USD more than due.", DAYS[-1])
    assert said["credited"] == (
        "10 of 10 periods were invoiced, 900.00 USD less than due. Credited on 2026-09-05.", DAYS[8],
    )  # fmt: skip
    assert said["void"] == (
        "8 of 9 periods were invoiced, 100.00 USD less than due. Void, draft or uncollectible: 1.", DAYS[8],
    )  # fmt: skip
    assert said["one of two lines"][0] == "10 invoices for 2 lines, 1000.00 USD less than due."


def test_what_the_source_had_no_invoices_of_yet_is_not_missed_in_it() -> None:
    """The first invoice of all is of June; of July on every one is due."""
    started = [monthly(), monthly(account_id="b") | {"id": "m"}]
    (found,) = (
        row
        for row in rows(run(contract_line=started, invoice=[*bills(DAYS[5:]), *bills(DAYS[5:7], account_id="b")]))
        if row["kind"] == "invoiced_otherwise"
    )
    assert (found["account_id"], found["money"]) == ("b", Decimal(200))
