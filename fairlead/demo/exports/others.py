"""What the smaller systems would export: product use, advertising, finance's books, and support."""

from pathlib import Path

import numpy as np

from fairlead.demo import company
from fairlead.demo.clock import MONTHS, NEVER, Ints, first_day
from fairlead.demo.exports import crm_ids
from fairlead.demo.exports.deals_sheet import SOURCE_LABELS
from fairlead.demo.exports.salesforce import SEGMENT_LABELS
from fairlead.demo.exports.sheet import Column, Columns, Rows, constant, days, ids, iso, money, pick, whole, write
from fairlead.demo.finance import EARLIEST
from fairlead.demo.world import World

LEDGER_LABELS = ("Revenue", "Cost of revenue", "Marketing cost", "Sales cost", "Headcount", "Cash in")


def write_product(folder: Path, world: World) -> None:
    used = world.usage
    rows = np.arange(len(used.account))

    def columns(at: Rows) -> Columns:
        r = at.of(rows)
        return {
            "workspace_id": ids("ws-", used.account[r], "", 7),
            "crm_account_id": crm_ids.account(used.account[r]),
            "feature": pick(company.FEATURES, used.feature[r]),
            "day": days(used.day[r]),
            "active_users": whole(used.people[r]),
            "events": whole(used.events[r]),
        }

    write(folder / "usage.csv", len(rows), columns)


def write_ads(folder: Path, world: World) -> None:
    spent = world.spend
    google, meta = np.flatnonzero(spent.channel == 1), np.flatnonzero(spent.channel == 2)
    rest = np.flatnonzero(spent.channel > 2)

    def google_columns(at: Rows) -> Columns:
        r = at.of(google)
        return {
            "campaign.id": crm_ids.ads_campaign(spent.campaign[r]),
            "campaign.name": ids("search-", spent.campaign[r], "", 3),
            "segments.date": days(spent.day[r]),
            "metrics.cost_micros": whole(spent.cents[r] * 10_000),
            "metrics.clicks": whole(spent.clicks[r]),
            "metrics.impressions": whole(spent.clicks[r] * 31 + 17),
        }

    def meta_columns(at: Rows) -> Columns:
        r = at.of(meta)
        return {
            "campaign_id": crm_ids.ads_campaign(spent.campaign[r]),
            "campaign_name": ids("social-", spent.campaign[r], "", 3),
            "date_start": days(spent.day[r]),
            "date_stop": days(spent.day[r]),
            "spend": money(spent.cents[r]),
            "inline_link_clicks": whole(spent.clicks[r]),
            "impressions": whole(spent.clicks[r] * 77 + 5),
        }

    def rest_columns(at: Rows) -> Columns:
        r = at.of(rest)
        return {
            "week_of": days(spent.day[r]),
            "channel": pick(SOURCE_LABELS, spent.channel[r]),
            "salesforce_campaign_id": crm_ids.campaign(spent.campaign[r]),
            "amount_usd": money(spent.cents[r]),
        }

    write(folder / "google_ads.csv", len(google), google_columns)
    write(folder / "meta_ads.csv", len(meta), meta_columns)
    write(folder / "other_spend.csv", len(rest), rest_columns)


def write_finance(folder: Path, world: World) -> None:
    books, table = world.ledger, world.rates.thousandths
    rows = np.arange(len(books.month))
    currency, month = (axis.ravel() for axis in np.meshgrid([1, 2], np.arange(MONTHS - EARLIEST), indexing="ij"))

    def books_columns(at: Rows) -> Columns:
        r = at.of(rows)
        return {
            "month": days(_first_days(books.month[r])),
            "line": pick(LEDGER_LABELS, books.line[r]),
            "segment": pick(SEGMENT_LABELS, books.segment[r]),
            "amount": money(books.cents[r]),
            "currency": constant("USD", r),
        }

    def rates_columns(at: Rows) -> Columns:
        c, m = at.of(currency), at.of(month)
        return {
            "currency": pick(company.CURRENCIES, c),
            "valid_from": days(_first_days(m + EARLIEST)),
            "usd_per_unit": _thousandths(table[c, m]),
        }

    write(folder / "ledger.csv", len(rows), books_columns)
    write(folder / "rates.csv", len(currency), rates_columns)


def _first_days(month: Ints) -> Ints:
    return np.array([first_day(int(m)) for m in month], np.int64)


def _thousandths(rate: Ints) -> Column:
    return pick([f"{i / 1000:.3f}" for i in range(2001)], rate)


def write_support(folder: Path, world: World) -> None:
    surveys, tickets, begun = world.surveys, world.tickets, world.onboardings

    def survey_columns(at: Rows) -> Columns:
        r = at.of(np.arange(len(surveys.account)))
        return {
            "response_id": ids("nps-", r, "", 7),
            "crm_account_id": crm_ids.account(surveys.account[r]),
            "score": whole(surveys.score[r]),
            "submitted_at": iso(surveys.at[r]),
        }

    def ticket_columns(at: Rows) -> Columns:
        r = at.of(np.arange(len(tickets.account)))
        return {
            "id": whole(r + 1),
            "organization.external_id": crm_ids.account(tickets.account[r]),
            "priority": pick(("", "urgent", "high", "normal", "low"), tickets.score[r]),
            "status": pick(("open", "solved"), (tickets.resolved_at[r] != NEVER).astype(np.int64)),
            "created_at": iso(tickets.at[r]),
            "solved_at": iso(tickets.resolved_at[r]),
        }

    def milestone_columns(at: Rows) -> Columns:
        row = at.of(np.arange(2 * len(begun.account)))
        r, last = row // 2, row % 2
        done = np.where(last == 1, begun.done_at[r], begun.kickoff_at[r])
        return {
            "milestone_id": ids("ms-", row, "", 7),
            "crm_account_id": crm_ids.account(begun.account[r]),
            "milestone": pick(("Kickoff", "Onboarding complete"), last),
            "started_at": iso(begun.kickoff_at[r]),
            "completed_at": iso(done),
        }

    write(folder / "nps.csv", len(surveys.account), survey_columns)
    write(folder / "tickets.csv", len(tickets.account), ticket_columns)
    write(folder / "onboarding.csv", 2 * len(begun.account), milestone_columns)
