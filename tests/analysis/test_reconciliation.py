"""CRM against billing: worlds whose truth is known, a brute force for who belongs to whom, and totals to the cent."""

import math
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.analysis.reconciliation import ROUNDS, TERMS
from fairlead.model.reconciliation import Reconciliation
from tests.analysis.reconciled import AS_OF, Row, World, charged_on, deal, dense, line, rows, run, world

TOLD = Reconciliation()
NOTHING = Decimal(0)
OPEN = {"not_invoiced", "wrong_amount", "wrong_term", "wrong_currency", "renewed_in_billing", "no_deal", "duplicate",
        "invoiced_otherwise", "churned_in_billing", "not_used", "used_without_contract"}  # fmt: skip


def made(of: World) -> tuple[list[Row], list[Row]]:
    """(rows of mart.reconciliation, of mart.reconciled_line)."""
    connection = run(opportunity=of.deals, contract_line=of.lines, invoice=of.invoices)
    found = rows(connection), rows(connection, "SELECT * FROM mart.reconciled_line")
    connection.close()
    return found


def balances(of: World, found: list[Row], lines: list[Row]) -> None:
    """Both totals to the cent, in the company's currency and in each of the others; nobody counts twice."""
    assert len({one["entry"] for one in found}) == len(found)
    assert len({one["item"] for one in lines}) == len(lines)
    deals = sum((one["amount_converted"] for one in of.deals), NOTHING)
    assert sum((one["crm_money"] for one in found), NOTHING) == deals
    billed = NOTHING
    for one in of.lines:
        yearly = one["amount"] * (12 if one["billing_interval"] == "month" else 1)
        exact = yearly * one["amount_converted"] / one["amount"]
        billed += Decimal(math.floor(exact * 100 + Decimal("0.5"))) / 100
    with_line = {(one["account_id"], one.get("subscription")) for one in of.lines}
    loose = [one for one in of.invoices if (one["account_id"], one.get("subscription")) not in with_line]
    billed += sum((one["amount_converted"] for one in loose), NOTHING)
    assert sum((one["billing_money"] for one in found), NOTHING) == billed
    for one in found:
        assert one["crm_money"] == one["matched_money"] + one["crm_only"]
        assert one["billing_money"] == one["matched_money"] + one["billing_only"] + one["fx_money"]
        if one["kind"] == "not_invoiced":
            assert one["matched_money"] == 0
        else:
            assert min(one["crm_only"], one["billing_only"]) == 0
        assert one["is_open_item"] == (one["kind"] in OPEN)
    for currency in ("USD", "EUR", "GBP"):
        said = sum((one["crm_amount"] for one in found if one["crm_currency"] == currency), NOTHING)
        assert said == sum((one["amount"] for one in of.deals if one["currency"] == currency), NOTHING)


@settings(max_examples=12)
@given(st.integers(0, 10**9))
def test_every_sale_of_a_known_world_is_told_as_it_was(seed: int) -> None:
    known = world(seed)
    found, lines = made(known)
    assert {one["entry"]: one["kind"] for one in found} == known.kinds
    assert {one["item"]: one["opportunity_id"] for one in lines} == known.belongs
    balances(known, found, lines)
    for one in found:
        assert (one["due_amount"], one["invoiced_amount"]) == charged(one, known)


def charged(one: Row, known: World) -> tuple[Decimal | None, Decimal | None]:
    """What is due of the line of an open item, and what was invoiced of it: charge by charge, invoice by invoice."""
    if one["kind"] != "invoiced_otherwise":
        return None, None
    (it,) = (row for row in known.lines if row["id"] == one["line_id"])
    until = min(it.get("ends_on") or AS_OF + timedelta(1), AS_OF + timedelta(1))
    due = it["amount"] * len(charged_on(it["starts_on"], until, it["billing_interval"]))
    said = sum((row["amount"] for row in known.invoices if row.get("subscription") == it["subscription"]), NOTHING)
    apart = float(abs(due - said) * it["amount_converted"] / it["amount"])
    assert float(one["money"]) == pytest.approx(apart, abs=0.0051)
    assert one["says"].endswith(
        f", {abs(due - said):.2f} {it['currency']} {'less' if said < due else 'more'} than due."
    )
    return due, said


@settings(max_examples=12)
@given(st.integers(0, 10**9))
def test_who_belongs_to_whom_by_likeness_is_what_trying_all_pairs_gives(seed: int) -> None:
    known = dense(seed)
    found, lines = made(known)
    told = {one["item"].removeprefix("line/"): (one["opportunity_id"], one["score"]) for one in lines}
    wanted = pairs(known)
    assert {item: pair for item, (pair, _) in told.items() if pair} == {item: who for item, (who, _) in wanted.items()}
    assert all(told[item][1] == pytest.approx(score) for item, (_, score) in wanted.items())
    balances(known, found, lines)


def pairs(known: World) -> dict[str, tuple[str, float]]:
    """Line: (deal, score), by looking at every deal beside every line: best first, each once."""
    tried = []
    for d in known.deals:
        for n in known.lines:
            days = abs((n["starts_on"] - d["closed_on"]).days)
            if n["account_id"] != d["account_id"] or days > TOLD.like_days:
                continue
            same = n["currency"] == d["currency"]
            ours, theirs = (float(x["amount" if same else "amount_converted"]) for x in (d, n))
            used = abs(ours - theirs) / (TOLD.like_within * ours)
            term = same and any(m != 12 and alike(float(d["amount"]), float(n["amount"]) * m / 12) for m in TERMS)
            figure = not same and alike(float(d["amount"]), float(n["amount"]))
            if used <= 1 or term or figure:
                cost = math.floor(4500 * min(used, 1)) + math.floor(4500 * days / TOLD.like_days)
                tried.append((cost, days, d["id"], n["id"]))
    found: dict[str, tuple[str, float]] = {}
    for cost, _, who, what in sorted(tried):
        if what not in found and who not in {one for one, _ in found.values()}:
            found[what] = (who, (9000 - cost) / 10000)
    return found


def alike(one: float, other: float) -> bool:
    return abs(one - other) <= max(0.05, TOLD.same_within * one) + 1e-4


def test_a_chain_longer_than_the_rounds_leaves_pairs_apart_and_counts_nobody_twice() -> None:
    """Each line is a little nearer to the next deal than to its own: only the last pair is the best of both."""
    first, count = date(2024, 1, 1), 2 * ROUNDS + 2
    deals, lines, day = [], [], first
    for n in range(count):
        deals.append(deal(f"d{n:02}", "a", "1200", day))
        lines.append(line(f"l{n:02}", "a", "1200", day + timedelta(count - n + 1)))
        day += timedelta(2 * (count - n) + 1)
    known = World(deals, lines, [], {}, {})
    found, told = made(known)
    belongs = [one["opportunity_id"] for one in told if one["opportunity_id"]]
    assert len(belongs) == len(set(belongs)) > 0
    balances(known, found, told)


def one(entry: str, **given: Sequence[Row]) -> Row:
    connection = run(**given)
    (found,) = rows(connection, f"SELECT * FROM mart.reconciliation WHERE entry = '{entry}'")
    connection.close()
    return found


DAY = date(2026, 1, 10)


def test_a_line_that_is_over_on_its_first_day_is_no_contract() -> None:
    """However its end is told; what was won and taken back in billing is not there. A service of one day is."""
    day = date(2026, 3, 1)
    ends: dict[str, Row] = {
        "d1": {"ends_on": day},
        "d2": {"cancels_on": day},
        "d3": {"status": "Canceled", "cancelled_on": day - timedelta(1)},
        "d4": {"kind": "one_time", "ends_on": day},
        "d5": {"ends_on": day + timedelta(1)},
        "d6": {"cancelled_on": day},
    }
    deals = [deal(name, name, "1200", day) for name in ends]
    lines = [line(f"of {name}", name, "1200", day, opportunity_id=name, **more) for name, more in ends.items()]
    huge = line("huge", "z", "99999999999", day, ends_on=day)
    connection = run(opportunity=deals, contract_line=[*lines, huge])
    found = rows(connection, "SELECT entry, kind, billing_money FROM mart.reconciliation")
    connection.close()
    kinds = {row["entry"].split("/")[-1]: row["kind"] for row in found}
    assert {name for name, kind in kinds.items() if kind == "not_invoiced"} == {"d1", "d2", "d3"}
    assert sum(row["billing_money"] for row in found) == 3 * 1200


def test_a_difference_of_rates_is_currency_and_no_difference_of_amounts() -> None:
    """EUR 12,000 won in January at 1.09 and billed from February at 1.10: 120.00 of it is currency."""
    won = deal("d", "a", "12000", DAY, "EUR")
    found = one(
        "deal/d",
        opportunity=[won],
        contract_line=[line("l", "a", "12000", date(2026, 2, 1), "EUR", opportunity_id="d")],
    )
    assert (found["kind"], found["crm_money"], found["billing_money"]) == ("matched", Decimal(13080), Decimal(13200))
    assert (found["matched_money"], found["billing_only"], found["fx_money"]) == (Decimal(13080), NOTHING, Decimal(120))


def test_e57_a_deal_of_several_years_is_a_wrong_term_and_a_blank_one_is_worth_nothing() -> None:
    won = [deal("three years", "a", "36000", DAY), deal("blank", "b", "0", DAY), deal("less", "c", "-600", DAY)]
    lines = [line("l", "a", "12000", DAY, opportunity_id="three years")]
    found = one("deal/three years", opportunity=won, contract_line=lines)
    assert (found["kind"], found["says"]) == ("wrong_term", "The deal has the amount of 36 months.")
    assert (found["money"], found["crm_only"]) == (Decimal(24000), Decimal(24000))
    assert one("deal/blank", opportunity=won, contract_line=lines)["kind"] == "nothing_due"
    assert one("deal/less", opportunity=won, contract_line=lines)["crm_only"] == Decimal(-600)


def test_e28_a_voided_invoice_is_none() -> None:
    invoice = {"id": "i", "account_id": "a", "subscription": "s", "amount": Decimal(1200), "currency": "USD",
               "amount_converted": Decimal(1200), "issued_on": DAY, "source_system": "billing"}  # fmt: skip
    given = {"opportunity": [deal("d", "a", "1200", DAY)],
             "contract_line": [line("l", "a", "1200", DAY, opportunity_id="d", subscription="s")]}  # fmt: skip
    assert one("deal/d", **given, invoice=[invoice | {"status": "paid"}])["kind"] == "matched"
    found = one("deal/d", **given, invoice=[invoice | {"status": "void"}])
    assert (found["kind"], found["says"]) == ("not_invoiced", "It has a contract and no invoice.")
    assert (found["matched_money"], found["money"]) == (NOTHING, Decimal(1200))
    assert (found["crm_only"], found["billing_only"]) == (Decimal(1200), Decimal(1200))


def test_a_renewal_that_is_open_while_billing_has_ended_is_an_open_item_of_its_owner() -> None:
    ended = DAY + timedelta(200)
    lines = [
        line("l", "a", "1200", DAY, opportunity_id="d", ends_on=ended),
        line("m", "b", "1200", DAY, opportunity_id="e"),
    ]
    still = {
        "kind": "renewal",
        "is_won": False,
        "is_closed": False,
        "closed_at": None,
        "closed_on": None,
        "created_on": DAY,
    }
    deals = [deal("d", "a", "1200", DAY), deal("e", "b", "1200", DAY),
             deal("r", "a", "1500", DAY) | still, deal("s", "b", "1500", DAY) | still]  # fmt: skip
    found = one("open/r", opportunity=deals, contract_line=lines)
    assert (found["kind"], found["money"], found["owner_id"]) == ("churned_in_billing", Decimal(1500), "owner of r")
    assert (found["age_days"], found["crm_money"]) == ((AS_OF - ended).days, NOTHING)
    connection = run(opportunity=deals, contract_line=lines)
    assert [row["entry"] for row in rows(connection) if row["kind"] == "churned_in_billing"] == ["open/r"]
    connection.close()


def test_use_without_a_contract_and_a_contract_without_use() -> None:
    used = [{"account_id": who, "day": AS_OF - timedelta(ago), "events": 5, "people": 2}
            for who, ago in (("busy", 3), ("idle", 90), ("gone", 3), ("left", 40), ("stranger", 3))]  # fmt: skip
    deals = [deal(f"d {who}", who, "1200", DAY) for who in ("busy", "idle", "never", "gone", "left")]
    lines = [line(f"l {who}", who, "1200", DAY, opportunity_id=f"d {who}",
                  ends_on=AS_OF - timedelta(30) if who in ("gone", "left") else None)
             for who in ("busy", "idle", "never", "gone", "left")]  # fmt: skip
    connection = run(opportunity=deals, contract_line=lines, usage=used)
    found = {row["account_id"]: row for row in rows(connection) if row["entry"].startswith("use/")}
    connection.close()
    assert {who: row["kind"] for who, row in found.items()} == {
        "idle": "not_used", "never": "not_used", "gone": "used_without_contract", "stranger": "used_without_contract",
    }  # fmt: skip
    assert (found["idle"]["age_days"], found["idle"]["money"]) == (90, Decimal(1200))
    assert found["never"]["says"] == "It has never been used."


def test_without_any_billing_nothing_is_missed_in_it() -> None:
    found = one("deal/d", opportunity=[deal("d", "a", "1200", DAY)])
    assert (found["kind"], found["is_open_item"]) == ("not_due", False)
    assert found["says"] == "No source brings contracts or invoices."
