"""Every edge case of recurring revenue with its numbers: what moved, on which day, and of which kind."""

from datetime import date
from typing import Any

import pytest

from fairlead.analysis.revenue_report import lens_steps
from fairlead.model.revenue import Switches
from fairlead.values import Query
from tests.analysis.counted import Book, line


def rates(*told: tuple[str, float]) -> list[dict[str, object]]:
    """Rates of the euro from these days on."""
    return [
        {"id": f"r{n}", "currency": "EUR", "starts_on": date.fromisoformat(f"2026-{on}"), "rate": rate}
        for n, (on, rate) in enumerate(told)
    ]


def test_e3_a_second_subscription_is_expansion() -> None:
    counted = Book(line("1", "01-10"), line("2", "03-01", mrr=40)).counted()
    assert counted.told == [("01-10", "new", 100), ("03-01", "expansion", 40)]


def test_e4_cancelling_one_of_several_is_contraction_and_the_last_one_churn() -> None:
    counted = Book(line("1", "01-10", "06-01"), line("2", "03-01", "05-01", mrr=40)).counted()
    assert counted.told[2:] == [("05-01", "contraction", -40), ("06-01", "churn", -100)]


def test_e5_a_return_after_churn_is_reactivation() -> None:
    counted = Book(line("1", "01-10", "04-01"), line("2", "06-01", mrr=70)).counted()
    assert counted.told == [("01-10", "new", 100), ("04-01", "churn", -100), ("06-01", "reactivation", 70)]


def test_e6_a_day_is_one_net_change_of_the_customer_and_its_products_still_add_up() -> None:
    """One product gives way to a dearer one: the customer grew by 50, and 100 went from one product to the other."""
    counted = Book(
        line("1", "01-01", "05-01", product_id="basic"), line("2", "05-01", mrr=150, product_id="pro")
    ).counted()
    assert counted.told == [("01-01", "new", 100), ("05-01", "expansion", 50), ("05-01", "transfer", 0)]
    columns = "product_id, kind, CAST(amount_converted AS DOUBLE) AS money"
    sql = f"SELECT {columns} FROM lens_movement WHERE moved_on = '2026-05-01'"
    rows = {(row["product_id"], row["kind"]): row["money"] for row in counted.rows(sql)}
    assert rows == {("basic", "transfer"): -100, ("pro", "transfer"): 100, ("pro", "expansion"): 50}


def test_e6_a_net_change_is_spread_to_the_cent() -> None:
    """A loss of 10.00 by three products of one size: 3.33, 3.34, 3.33, and not a cent is left."""
    lines = [line(f"{n}", "01-01", "05-01", mrr=20, product_id=f"p{n}") for n in range(3)]
    counted = Book(*lines, line("4", "05-01", mrr=50, product_id="q"), line("5", "01-01")).counted()
    sql = "SELECT product_id, CAST(amount_converted AS VARCHAR) AS money FROM lens_movement WHERE kind = 'contraction'"
    found = {row["product_id"]: row["money"] for row in counted.rows(sql)}
    assert found == {"p0": "-3.33", "p1": "-3.34", "p2": "-3.33"}
    assert counted.summed("05-01") == counted.mrr("05-01") == 150


def test_e7_what_happens_within_the_window_is_of_one_kind_and_revenue_stays_the_same() -> None:
    """The old line ends a day before the dearer one starts: churn and return, or, within three days, expansion."""
    book = Book(line("1", "01-01", "05-10"), line("2", "05-11", mrr=150))
    apart, together = book.counted(), book.counted(group_days=3)
    assert apart.told[1:] == [("05-10", "churn", -100), ("05-11", "reactivation", 150)]
    assert together.told[1:] == [("05-10", "expansion", -100), ("05-11", "expansion", 150)]
    assert [c.summed("05-10") for c in (apart, together)] == [0, 0]
    assert [c.summed("05-11") for c in (apart, together)] == [150, 150]
    assert book.counted(group_days=1).told == apart.told


@pytest.mark.parametrize(
    ("policy", "on"), [("service_end", "06-30"), ("billing_end", "05-31"), ("when_scheduled", "04-12")]
)
def test_e8_churn_counts_on_the_day_that_was_decided_and_all_three_are_kept(policy: str, on: str) -> None:
    book = Book(line("1", "01-01", "06-30", billing_ends_on="05-31", cancelled_on="04-12", cancel_reason="price"))
    counted = book.counted(churn_date=policy)
    assert counted.told == [("01-01", "new", 100), (on, "churn", -100)]
    lost = counted.movements[-1]
    days = [lost[name].strftime("%m-%d") for name in ("service_end_on", "billing_end_on", "scheduled_on")]
    assert days == ["06-30", "05-31", "04-12"]
    assert lost["reason"] == "price"


def test_e8_a_cancelled_line_without_an_end_ends_when_it_was_cancelled() -> None:
    counted = Book(line("1", "01-01", cancelled_on="04-12", status="canceled")).counted()
    assert counted.told == [("01-01", "new", 100), ("04-12", "churn", -100)]


def test_e10_past_due_counts_until_cancelled_or_for_so_many_days() -> None:
    book = Book(line("1", "01-01", "09-01", past_due_on="05-02", status="past_due"))
    assert book.counted().told == [("01-01", "new", 100), ("09-01", "churn", -100)]
    lapsed = book.counted(past_due={"after_days": 30})
    assert lapsed.told == [("01-01", "new", 100), ("06-01", "churn", -100)]
    assert (lapsed.movements[-1]["churn_kind"], lapsed.movements[-1]["reason"]) == ("involuntary", "not paid")
    states = lapsed.rows("SELECT state FROM lens_span ORDER BY starts_on")
    assert [row["state"] for row in states] == ["active", "past_due"]


def test_e10_unpaid_has_left() -> None:
    counted = Book(line("1", "01-01", past_due_on="05-02", status="unpaid")).counted()
    assert counted.told == [("01-01", "new", 100), ("05-02", "churn", -100)]


PAUSED = line("1", "01-01", paused_on="03-01", resumes_on="05-01")
PAUSED_FOR_GOOD = line("1", "01-01", "11-01", paused_on="03-01")


def test_e11_a_pause_is_its_own_movement_and_no_churn() -> None:
    counted = Book(PAUSED).counted()
    assert counted.told == [("01-01", "new", 100), ("03-01", "pause", -100), ("05-01", "resume", 100)]
    assert [counted.mrr(on) for on in ("02-28", "03-01", "04-30", "05-01")] == [100, 0, 0, 100]
    assert all(row["is_customer"] for row in counted.movements)


def test_e11_a_pause_past_the_limit_is_churn_and_its_end_a_return() -> None:
    """61 days: with a limit of 30 the pause of March 1 is churn on March 31, and nothing is counted twice."""
    counted = Book(PAUSED).counted(paused={"counts_as": "own", "limit_days": 30})
    assert counted.told == [
        ("01-01", "new", 100), ("03-01", "pause", -100), ("03-31", "churn", -100), ("03-31", "pause", 100),
        ("05-01", "reactivation", 100),
    ]  # fmt: skip


def test_e11_a_paused_line_that_ends_is_churn_of_what_was_paused() -> None:
    counted = Book(line("1", "01-01", "04-01", paused_on="03-01")).counted()
    assert counted.told[1:] == [("03-01", "pause", -100), ("04-01", "churn", -100), ("04-01", "pause", 100)]
    assert counted.summed("04-01") == 0


def test_e11_a_line_that_starts_paused_has_not_begun() -> None:
    counted = Book(line("1", "03-01", paused_on="03-01", resumes_on="04-01")).counted()
    assert counted.told == [("04-01", "new", 100)]


@pytest.mark.parametrize(
    ("counts_as", "told"),
    [("churn", [("03-01", "churn", -100), ("05-01", "reactivation", 100)]), ("counts", [])],
)
def test_e11_other_tools_call_a_pause_churn_or_nothing(counts_as: str, told: list[tuple[str, str, float]]) -> None:
    assert Book(PAUSED).counted(paused={"counts_as": counts_as}).told[1:] == told


@pytest.mark.parametrize(("free", "kind"), [("contraction", "contraction"), ("churn", "churn")])
def test_e12_going_free_is_contraction_or_churn(free: str, kind: str) -> None:
    """After June the line is given away; in September it is paid for again."""
    book = Book(line("1", "01-01", "06-01"), line("2", "06-01", "09-01", mrr=0), line("3", "09-01", mrr=80))
    back = "expansion" if free == "contraction" else "reactivation"
    assert book.counted(free=free).told == [("01-01", "new", 100), ("06-01", kind, -100), ("09-01", back, 80)]


def test_e12_a_discount_of_all_of_it_is_no_churn_and_who_never_paid_is_new_when_they_do() -> None:
    away = Book(line("1", "01-01", mrr=0, before=100, discount_lasts="repeating", discount_ends_on="03-01"))
    assert away.counted(discounts="all").told == [("03-01", "new", 100)]
    assert away.counted().told == [("01-01", "new", 100)], "a discount that ends does not reduce it by our own switch"


@pytest.mark.parametrize(
    ("lasts", "ends", "policy", "told"),
    [
        ("forever", None, "forever", [("01-01", "new", 80)]),
        ("forever", None, "none", [("01-01", "new", 100)]),
        ("once", None, "forever", [("01-01", "new", 100)]),
        ("once", None, "all", [("01-01", "new", 80), ("02-01", "expansion", 20)]),
        ("repeating", "04-01", "forever", [("01-01", "new", 100)]),
        ("repeating", "04-01", "all", [("01-01", "new", 80), ("04-01", "expansion", 20)]),
        (None, None, "forever", [("01-01", "new", 80)]),
        (None, "04-01", "forever", [("01-01", "new", 100)]),
    ],
)
def test_e13_stripe_and_chartmogul_disagree_on_discounts(
    lasts: str | None, ends: str | None, policy: str, told: list[tuple[str, str, float]]
) -> None:
    book = Book(line("1", "01-01", mrr=80, before=100, discount_lasts=lasts, discount_ends_on=ends))
    assert book.counted(discounts=policy).told == told


def test_e13_a_discount_that_is_added_is_contraction() -> None:
    given = {"discount_lasts": "repeating", "discount_starts_on": "03-01", "discount_ends_on": "06-01"}
    counted = Book(line("1", "01-01", mrr=80, before=100, **given)).counted(discounts="all")
    assert counted.told == [("01-01", "new", 100), ("03-01", "contraction", -20), ("06-01", "expansion", 20)]


def test_e14_a_trial_counts_nothing_however_often_it_starts() -> None:
    """Three trials, the last one turns into a customer when it is over; only then is there anything."""
    counted = Book(
        line("1", "01-01", "01-15", trial_ends_on="01-15"),
        line("2", "02-01", "02-15", status="trialing"),
        line("3", "03-01", trial_ends_on="03-15"),
    ).counted()
    assert counted.told == [("03-15", "new", 100)]
    assert counted.mrr("03-14") == 0


def test_e15_fees_and_what_is_sold_once_are_not_recurring() -> None:
    lines = (line("1", "01-01"), line("2", "01-01", mrr=500, kind="one_time"), line("3", "01-01", mrr=7, kind="fee"))
    assert Book(*lines).counted().told == [("01-01", "new", 100)]


def test_e16_usage_is_left_out_unless_opted_in_and_is_a_series_of_its_own() -> None:
    book = Book(line("1", "01-01"), line("2", "02-01", mrr=400, kind="usage"))
    assert book.counted().told == [("01-01", "new", 100)]
    assert book.counted(usage="included").told == [("01-01", "new", 100), ("02-01", "expansion", 400)]
    told = book.counted().rows("SELECT CAST(monthly AS DOUBLE) AS monthly, mrr FROM lens_span WHERE state = 'usage'")
    assert [(row["monthly"], float(row["mrr"])) for row in told] == [(400, 0)]


REFUND = {
    "id": "y",
    "invoice_id": "i",
    "kind": "refund",
    "amount": 900,
    "day": date(2026, 4, 20),
    "status": "succeeded",
}


@pytest.mark.parametrize(("policy", "on"), [("ignored", "12-01"), ("early_annual", "04-20")])
def test_e17_a_refund_counts_for_yearly_lines_cancelled_early_and_by_its_own_day(policy: str, on: str) -> None:
    yearly = line("1", "01-01", "12-01", billing_interval="year", subscription="s", cancelled_on="04-15")
    bill = [{"id": "i", "account_id": "a", "subscription": "s", "amount": 1200}]
    book = Book(yearly, invoice=bill, payment=[REFUND])
    assert book.counted(refunds=policy).told == [("01-01", "new", 100), (on, "churn", -100)]
    changed = Book(yearly, line("2", "12-01", mrr=150), invoice=bill, payment=[REFUND])
    assert changed.counted(refunds=policy).told[1:] == [("12-01", "expansion", 50)], "it was changed, not cancelled"
    monthly = Book({**yearly, "billing_interval": "month"}, invoice=bill, payment=[REFUND])
    assert monthly.counted(refunds=policy).told[-1][0] == "12-01"


def test_e19_new_and_gone_within_a_month_is_grouped_counted_or_hidden() -> None:
    """One customer comes and goes in March, another one grows by 50 and shrinks by 20."""
    book = Book(
        line("1", "03-05", "03-20", account_id="b"), line("2", "01-01"), line("3", "03-03", mrr=50),
        line("4", "01-01", "03-25", mrr=20),
    )  # fmt: skip
    march = {policy: book.counted(same_month=policy).months()["03"] for policy in ("grouped", "counted", "hidden")}
    ends = {"opening": 120, "closing": 150}
    assert march["grouped"] == {**ends, "expansion": 30}
    assert march["counted"] == {**ends, "new": 100, "churned": 100, "expansion": 50, "contraction": 20}
    assert march["hidden"] == {**ends, "expansion": 50, "contraction": 20}
    assert book.counted().told == book.counted(same_month="hidden").told, "each day's movements are the same"


EURO = {"currency": "EUR"}


def test_e20_currency_is_its_own_movement_and_never_expansion() -> None:
    """100 EUR at 1.10 is renewed as 150 EUR at 1.20: 50 EUR more at 1.20 is expansion, 100 EUR x 0.10 is currency."""
    lines = (line("1", "01-01", "05-01", rate="1.10", **EURO), line("2", "05-01", mrr=150, rate="1.20", **EURO))
    told = [("01-01", "new", 110), ("05-01", "expansion", 60), ("05-01", "fx", 10)]
    assert Book(*lines).counted().told == told
    assert Book(*lines).counted(fx={"apart": False}).told[1:] == [("05-01", "expansion", 70)]
    own = [(row["kind"], float(row["amount"]), row["currency"]) for row in Book(*lines).counted().movements]
    assert own == [("new", 100, "EUR"), ("expansion", 50, "EUR"), ("fx", 0, "EUR")]


def test_e20_a_change_of_product_is_one_agreement_and_its_currency_is_apart() -> None:
    lines = (
        line("1", "01-01", "05-01", rate="1.10", product_id="p", **EURO),
        line("2", "05-01", rate="1.20", product_id="q", **EURO),
    )
    assert Book(*lines).counted().told[1:] == [("05-01", "fx", 10), ("05-01", "transfer", 0)]


def test_e20_period_end_rates_revalue_every_month() -> None:
    told = rates(("01-01", 1.10), ("01-31", 1.20), ("02-15", 1.15))
    counted = Book(line("1", "01-10", rate="1.10", **EURO), rate=told).counted(fx={"rate": "period_end"})
    assert counted.told == [("01-10", "new", 120), ("02-01", "fx", -5)]
    assert (counted.mrr("01-31"), counted.mrr("02-01")) == (120, 115)


def test_e20_constant_currency_has_no_currency_in_it() -> None:
    told = rates(("01-01", 1.10), ("05-01", 1.20))
    lines = (line("1", "01-01", "05-01", rate="1.10", **EURO), line("2", "05-01", mrr=150, rate="1.20", **EURO))
    counted = Book(*lines, rate=told).counted(fx={"constant_on": "2026-05-01"})
    assert counted.told == [("01-01", "new", 120), ("05-01", "expansion", 60)]


def test_e21_a_rate_that_a_later_one_may_replace_is_provisional() -> None:
    lines = (line("1", "02-10", rate="1.10", **EURO), line("2", "05-20", rate="1.20", **EURO))
    counted = Book(*lines, rate=rates(("02-01", 1.10), ("05-01", 1.20))).counted()
    assert [(row["kind"], row["is_provisional"]) for row in counted.movements] == [("new", False), ("expansion", True)]
    known = Book(*lines, rate=rates(("02-01", 1.10), ("05-01", 1.20), ("06-01", 1.21))).counted()
    assert not any(row["is_provisional"] for row in known.movements)


def test_e22_proration_does_not_touch_it() -> None:
    """An upgrade in mid-month is billed as 125 and credited by 50; recurring revenue goes from 100 to 250."""
    counted = Book(
        line("1", "01-01", "03-16"), line("2", "03-16", mrr=250),
        line("3", "03-16", "04-01", mrr=125, kind="one_time"), line("4", "03-16", "04-01", mrr=-50, kind="one_time"),
    ).counted()  # fmt: skip
    assert counted.told == [("01-01", "new", 100), ("03-16", "expansion", 150)]
    assert counted.mrr("03-31") == 250


@pytest.mark.parametrize(("starts", "told"), [("05-01", []), ("05-12", []), ("04-20", [])])
def test_e23_a_migration_is_neither_churn_nor_new(starts: str, told: list[tuple[str, str, float]]) -> None:
    """The old system's line ends on May 1, the new one's starts before, then or after: nothing moved."""
    book = Book(line("1", "01-01", "05-01"), line("2", starts, source_system="chargebee"))
    counted = book.counted()
    assert counted.told[1:] == told
    assert [counted.mrr(on) for on in ("04-25", "05-05", "06-01")] == [100, 100, 100]
    plain = book.counted(migration={"within_days": 0})
    if starts == "05-12":
        assert plain.told[1:] == [("05-01", "churn", -100), ("05-12", "reactivation", 100)]
    assert plain.summed("06-01") == 100


def test_e23_a_second_system_that_was_there_before_is_no_migration() -> None:
    lines = (line("1", "01-01", "05-01"), line("2", "01-01", "03-01", mrr=30, source_system="chargebee"))
    late = line("3", "05-10", mrr=30, source_system="chargebee")
    assert Book(*lines, late).counted().told[-2:] == [("05-01", "churn", -100), ("05-10", "reactivation", 30)]


def test_e23_a_line_that_says_what_it_replaces_takes_its_place() -> None:
    """Signed ten days late, at another price; named within the same source by its key, or in full."""
    for name in ("1", "crm:1"):
        book = Book(line("1", "01-01", "05-01"), line("2", "05-11", mrr=120, replaces_id=name))
        assert book.counted().told == [("01-01", "new", 100), ("05-11", "expansion", 20)]


@pytest.mark.parametrize(
    ("follower", "told"),
    [
        ({}, [("06-30", "expansion", 20)]),
        ({"replaces_id": "1", "product_id": "core"}, [("06-30", "expansion", 20)]),
        ({"replaces_id": "1", "starts": "07-08"}, [("07-08", "expansion", 20)]),  # signed late
        ({"product_id": "core"}, [("04-12", "churn", -100), ("06-30", "reactivation", 120)]),
        ({"starts": "07-08"}, [("04-12", "churn", -100), ("07-08", "reactivation", 120)]),
        ({"account_id": "b"}, [("04-12", "churn", -100), ("06-30", "new", 120)]),
    ],
)
def test_e23_e36_an_end_that_was_entered_early_and_is_followed_by_its_renewal_is_no_cancellation(
    follower: dict[str, Any], told: list[tuple[str, str, float]]
) -> None:
    """Its end on June 30 was entered on April 12, and what comes next was another line."""
    first = line("1", "01-01", "06-30", cancelled_on="04-12", product_id="suite")
    given: dict[str, Any] = {"starts": "06-30", "product_id": "suite", "mrr": 120, **follower}
    second = line("2", **given)
    counted = Book(first, second).counted(churn_date="when_scheduled")
    assert [row for row in counted.told[1:] if row[1] != "transfer"] == told
    assert counted.summed("12-31") == 120


def test_e26_what_lies_in_the_future_is_scheduled_and_in_no_revenue() -> None:
    book = Book(line("1", "01-01", "09-01"), line("2", "08-01", mrr=30), as_of=date(2026, 6, 30))
    rows = [(row["kind"], row["is_scheduled"]) for row in book.counted().movements]
    assert rows == [("new", False), ("expansion", True), ("contraction", True)]
    assert book.counted().summed("06-30") == 100
    assert book.counted().months().keys() == {"01", "02", "03", "04", "05", "06"}


def test_e26_a_cancellation_that_is_asked_for_is_scheduled_on_the_day_it_takes_effect() -> None:
    book = Book(line("1", "01-01", cancels_on="09-01", cancelled_on="06-10"), as_of=date(2026, 6, 30))
    assert [(m["kind"], m["is_scheduled"]) for m in book.counted().movements] == [("new", False), ("churn", True)]
    assert book.counted(churn_date="when_scheduled").summed("06-30") == 0


def test_e28_voids_credits_and_disputes_move_cash_and_not_recurring_revenue() -> None:
    """Stated effects: none on revenue, which is what was agreed; invoice and payment have them."""
    bills = [
        {"id": "i", "account_id": "a", "subscription": "s", "amount": 1200, "status": "void"},
        {"id": "j", "account_id": "a", "subscription": "s", "amount": -300, "status": "paid"},
    ]
    credit = {**REFUND, "kind": "credit"}
    yearly = line("1", "01-01", billing_interval="year", subscription="s", cancelled_on="04-15")
    for policy in ("ignored", "early_annual"):
        counted = Book(yearly, invoice=bills, payment=[credit]).counted(refunds=policy)
        assert counted.told == [("01-01", "new", 100)]


@pytest.mark.parametrize(
    ("policy", "told"), [("apart", ("05-01", "escalator", 5)), ("expansion", ("05-01", "expansion", 5))]
)
def test_e29_a_price_step_sold_in_advance_is_no_expansion(policy: str, told: tuple[str, str, float]) -> None:
    book = Book(line("1", "01-01", "05-01"), line("2", "05-01", mrr=105, is_escalator=True))
    assert book.counted(escalator=policy).told == [("01-01", "new", 100), told]


def test_e29_seats_that_come_with_the_step_are_expansion() -> None:
    book = Book(line("1", "01-01", "05-01"), line("2", "05-01", mrr=105, is_escalator=True), line("3", "05-01", mrr=40))
    assert book.counted().told[1:] == [("05-01", "escalator", 5), ("05-01", "expansion", 40)]


def test_e30_a_daughter_that_leaves_is_churn_of_the_account_and_contraction_of_the_parent() -> None:
    """A contract moves from one daughter to another: churn and new by account, nothing at all by parent."""
    accounts = [{"id": "top"}, {"id": "a", "parent_id": "top"}, {"id": "b", "parent_id": "a"}]
    book = Book(
        line("1", "01-01", "05-01"), line("2", "05-01", account_id="b"), line("3", "02-01", mrr=10, account_id="top"),
        line("4", "01-01", "08-01", mrr=7, account_id="b"), account=accounts,
    )  # fmt: skip
    by_account = [m for m in book.counted().told if m[0] >= "05-01"]
    assert by_account == [("05-01", "churn", -100), ("05-01", "expansion", 100), ("08-01", "contraction", -7)]
    by_parent = book.counted(customer="parent")
    assert [m for m in by_parent.told if m[0] >= "02-01"] == [
        ("02-01", "expansion", 10), ("05-01", "transfer", 0), ("08-01", "contraction", -7),
    ]  # fmt: skip
    assert {row["customer_id"] for row in by_parent.movements} == {"top"}


def test_e31_churn_is_voluntary_or_involuntary_as_the_source_says_or_as_it_was_not_paid() -> None:
    counted = Book(
        line("1", "01-01", "05-01", cancel_kind="voluntary"),
        line("2", "01-01", "05-02", cancel_kind="involuntary", account_id="b"),
        line("3", "01-01", past_due_on="05-03", status="unpaid", account_id="c"),
        line("4", "01-01", "05-04", account_id="d"),
    ).counted()
    kinds = [row["churn_kind"] for row in counted.movements if row["kind"] == "churn"]
    assert kinds == ["voluntary", "involuntary", "involuntary", None]


def test_what_does_not_balance_is_a_row() -> None:
    """A movement that went missing is told as unbalanced, of its account and day, also where it is over by now."""
    gone = (line("2", "02-01", mrr=40, account_id="b"), line("3", "03-01", "05-01", mrr=7, account_id="c"))
    counted = Book(line("1", "01-01"), *gone).counted()
    counted.make("lens_movement")
    unit = counted.given["lens_mrr_unit"]
    given = {**counted.given, "lens_mrr_unit": unit.filter([name == "a" for name in unit["account_id"].to_pylist()])}
    sql = next(step.sql for step in lens_steps(Switches()) if step.name == "lens_movement")
    rows = counted.book.reader.rows(Query("again", sql), given).to_pylist()
    told = [(row["account_id"], row["kind"], float(row["amount_converted"]), row["moved_on"]) for row in rows]
    assert sorted(told) == [
        ("a", "new", 100, date(2026, 1, 1)), ("b", "unbalanced", 40, date(2026, 2, 1)),
        ("c", "unbalanced", -7, date(2026, 5, 1)), ("c", "unbalanced", 7, date(2026, 3, 1)),
    ]  # fmt: skip
