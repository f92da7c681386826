"""Salesforce's deals: Opportunity.csv, its field history, and the people on each deal. Some rows are planted.

Extra deals come after the real ones, with keys of their own: in a currency without a rate, on an account that
is not exported, and in a stage that nobody agreed on. A sync sets them aside.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from fairlead.demo import company, naming
from fairlead.demo.clock import NEVER, Flags, Ints, first_day, noonish
from fairlead.demo.credit import sources
from fairlead.demo.exports import crm_ids
from fairlead.demo.exports.sheet import (
    Column,
    Columns,
    Rows,
    constant,
    days,
    empty,
    flags,
    ids,
    iso,
    join,
    pick,
    units,
    where,
    whole,
    write,
)
from fairlead.demo.faults import STAGE_DRIFTS, Faults, drifted
from fairlead.demo.paths import Moves
from fairlead.demo.promising import TEXTS
from fairlead.demo.world import World

KIND_LABELS = ("New Business", "Expansion", "Renewal")
CATEGORY_LABELS = ("Pipeline", "Best Case", "Commit", "Omitted", "Closed")
SOURCE_LABELS = (
    "Organic Search",
    "Paid Search",
    "Paid Social",
    "Event",
    "Partner",
    "Outbound",
    "Referral",
    "Content Syndication",
)
ROLE_LABELS = ("Champion", "Decision Maker", "Evaluator", "End User")
DRIFTED_STAGE = "Proposal/Price Quote"
UNAGREED_STAGE = "Verbal Commit"
TIME = ".000+0000"
NOT_EXPORTED = 9_000_000_000  # accounts that Account.csv does not hold
EXTRA_FAULTS = ("currency_without_rate", "orphan_deal", "unagreed_stage")


def extras(faults: Faults) -> tuple[tuple[str, int], ...]:
    """(fault, account) of the planted deals, in the order of their keys after the real ones."""
    return tuple((EXTRA_FAULTS[i % 3], int(account)) for i, account in enumerate(faults.stray))


HISTORY = ("created", "StageName", "CloseDate", "Amount", "ForecastCategoryName", "NextStep", "OwnerId")
STEP_LABELS = (*company.NEXT_STEPS, company.WAITING)


def write_deals(folder: Path, world: World, faults: Faults) -> None:
    _opportunities(folder / "Opportunity.csv", world, faults)
    _history(folder / "OpportunityFieldHistory.csv", world)
    _roles(folder / "OpportunityContactRole.csv", world)


class Deals(NamedTuple):
    """What every cell of Opportunity.csv is made from."""

    world: World
    source: Ints
    campaign: Ints
    drifts: Flags
    more: tuple[tuple[str, int], ...]


def _opportunities(file: Path, world: World, faults: Faults) -> None:
    count = len(world.deals.account)
    told = Deals(world, *sources(world), drifted(world)[1], extras(faults))

    def columns(at: Rows) -> Columns:
        rows = np.arange(at.start, min(at.stop, count))
        extra = np.arange(max(at.start, count), at.stop)
        parts = ([_real(told, rows)] if len(rows) else []) + ([_planted(told, extra)] if len(extra) else [])
        return {name: pa.concat_arrays([_plain(part[name]) for part in parts]) for name in parts[0]}

    write(file, count + len(told.more), columns)


def _real(told: Deals, r: Ints) -> Columns:
    """Deals that happened."""
    deals, paths, promised, world = told.world.deals, told.world.paths, told.world.promised, told.world
    account = deals.account[r]
    stage = where(told.drifts[r], DRIFTED_STAGE, pick(company.STAGE_LABELS, paths.stage[r]))
    name = join(
        naming.company_names(account, world.accounts.industry[account]), " - ", pick(KIND_LABELS, deals.kind[r])
    )
    lost = paths.stage[r] == company.LOST
    return {
        "Id": crm_ids.deal(r),
        "Name": name,
        "AccountId": crm_ids.account(account),
        "Type": pick(KIND_LABELS, deals.kind[r]),
        "StageName": stage,
        "Amount": units(paths.amount[r]),
        "CurrencyIsoCode": pick(company.CURRENCIES, world.accounts.currency[account]),
        "CloseDate": days(paths.close_day[r]),
        "ForecastCategoryName": pick(CATEGORY_LABELS, paths.category[r]),
        "OwnerId": crm_ids.user(deals.owner[r]),
        "LeadSource": pick(SOURCE_LABELS, told.source[r]),
        "CampaignId": crm_ids.campaign(told.campaign[r]),
        "Product__c": crm_ids.product(world.accounts.segment[account]),
        "NextStep": pick(STEP_LABELS, paths.next_step[r]),
        "CreatedDate": iso(deals.created_at[r], TIME),
        "Qualified_At__c": iso(paths.qualified_at[r], TIME),
        "Closed_At__c": iso(paths.closed_at[r], TIME),
        "IsClosed": flags(paths.stage[r] >= company.WON),
        "IsWon": flags(paths.is_won[r] == 1),
        "Loss_Reason__c": pick(company.LOST_REASONS, paths.lost_reason[r]),
        "Competitor__c": pick(company.COMPETITORS, np.where(lost, paths.competitor[r], -1)),
        "Goals__c": pick(TEXTS["goals"], promised.goals[r]),
        "Commitments__c": pick(TEXTS["commitments"], promised.commitments[r]),
        "Scope__c": pick(TEXTS["scope"], promised.scope[r]),
        "Stakeholders__c": pick(TEXTS["stakeholders"], promised.stakeholders[r]),
        "Kickoff_Date__c": days(promised.kickoff_day[r]),
        "IsDeleted": constant("false", r),
    }


def _planted(told: Deals, rows: Ints) -> Columns:
    """Deals that no sync should count."""
    count, world = len(told.world.deals.account), told.world
    picked = [told.more[i - count] for i in rows]
    account = np.array([a for _, a in picked], np.int64)
    fault = np.array([EXTRA_FAULTS.index(f) for f, _ in picked])
    home = np.where(fault == 1, NOT_EXPORTED + account, account)
    at = noonish(np.array([first_day(18 + i % 12) + 9 for i in range(len(rows))]))
    blank = empty(rows)
    return {
        "Id": crm_ids.deal(rows),
        "Name": join("Special case ", whole(rows)),
        "AccountId": crm_ids.account(home),
        "Type": constant("New Business", rows),
        "StageName": where(fault == 2, UNAGREED_STAGE, "Proposal"),
        "Amount": constant("24000.00", rows),
        "CurrencyIsoCode": where(fault == 0, company.NO_RATE, "USD"),
        "CloseDate": constant("2026-12-15", rows),
        "ForecastCategoryName": constant("Best Case", rows),
        "OwnerId": crm_ids.user(world.accounts.owner[account]),
        "LeadSource": blank,
        "CampaignId": blank,
        "Product__c": blank,
        "NextStep": blank,
        "CreatedDate": iso(at, TIME),
        "Qualified_At__c": blank,
        "Closed_At__c": blank,
        "IsClosed": constant("false", rows),
        "IsWon": constant("false", rows),
        "Loss_Reason__c": blank,
        "Competitor__c": blank,
        "Goals__c": blank,
        "Commitments__c": blank,
        "Scope__c": blank,
        "Stakeholders__c": blank,
        "Kickoff_Date__c": blank,
        "IsDeleted": constant("false", rows),
    }


def _plain(column: Column) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _history(file: Path, world: World) -> None:
    """All fields' changes in order of time, as one file; creations are rows too, with neither old nor new value."""
    paths, deals = world.paths, world.deals
    created = Moves(
        np.arange(len(deals.account)),
        np.zeros(len(deals.account), np.int64),
        np.zeros(len(deals.account), np.int64),
        deals.created_at,
    )
    owners = Moves(*world.hands.deals)
    tables = (created, paths.stages, paths.dates, paths.amounts, paths.categories, paths.next_steps, owners)
    field = np.concatenate([np.full(len(t.deal), i) for i, t in enumerate(tables)])
    row = np.concatenate([np.arange(len(t.deal)) for t in tables])
    at = np.concatenate([t.at for t in tables])
    order = np.lexsort((row, field, at))
    field, row, at = field[order], row[order], at[order]
    keys = np.arange(len(order))

    def columns(cut: Rows) -> Columns:
        f, r, when, key = cut.of(field), cut.of(row), cut.of(at), cut.of(keys)
        deal, old, new = (_gathered(tables, f, r, name) for name in ("deal", "old", "new"))
        return {
            "Id": ids("017Hc", key, "AAG"),
            "OpportunityId": crm_ids.deal(deal),
            "Field": pick(HISTORY, f),
            "OldValue": _value(f, old, when),
            "NewValue": _value(f, new, when),
            "DataType": pick(("Text", "Picklist", "Date", "Currency", "Picklist", "Text", "Lookup"), f),
            "CreatedDate": iso(when, TIME),
            "CreatedById": crm_ids.user(deals.owner[deal]),
        }

    write(file, len(order), columns)


def _gathered(tables: tuple[Moves, ...], field: Ints, row: Ints, name: str) -> Ints:
    found = np.zeros(len(field), np.int64)
    for number, table in enumerate(tables):
        mine = field == number
        found[mine] = getattr(table, name)[row[mine]]
    return found


def _value(field: Ints, value: Ints, at: Ints) -> Column:
    """A field's value as text: stage label, day, amount, category label, next step or key; nothing for a creation."""
    stage = pick(company.STAGE_LABELS, np.where(field == 1, value, -1))
    stage = where((field == 1) & (value == 3) & (at >= STAGE_DRIFTS), DRIFTED_STAGE, stage)
    day = days(np.where(field == 2, value, NEVER))
    amount = where(field == 3, units(np.where(field == 3, value, 0)), None)
    category = pick(CATEGORY_LABELS, np.where(field == 4, value, -1))
    step = pick(STEP_LABELS, np.where(field == 5, value, -1))
    owner = crm_ids.user(np.where(field == 6, value, -1))
    picked = where(field == 4, category, where(field == 5, step, owner))
    return where(field == 1, stage, where(field == 2, day, where(field == 3, amount, picked)))


def _roles(file: Path, world: World) -> None:
    roles = world.roles
    rows = np.arange(len(roles.deal))

    def columns(at: Rows) -> Columns:
        r = at.of(rows)
        return {
            "Id": ids("00KHc", r, "EAQ"),
            "OpportunityId": crm_ids.deal(roles.deal[r]),
            "ContactId": crm_ids.contact(roles.person[r]),
            "Role": pick(ROLE_LABELS, roles.role[r]),
            "IsPrimary": flags(roles.primary[r] == 1),
            "CreatedDate": iso(world.deals.created_at[roles.deal[r]], TIME),
        }

    write(file, len(rows), columns)
