"""What Salesforce would export: accounts, contacts, deals with their field history and people, tasks, events, users.

This company works without Lead records: whoever is marketing qualified is a Contact.
"""

from pathlib import Path

import numpy as np

from fairlead.demo import company, naming
from fairlead.demo.clock import DAY, NEVER, Ints, first_day
from fairlead.demo.credit import synced
from fairlead.demo.exports import crm_ids, deals_sheet
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
    line,
    pick,
    units,
    where,
    whole,
    write,
)
from fairlead.demo.faults import Faults, drifted
from fairlead.demo.staff import ROLES
from fairlead.demo.waiving import REASONS
from fairlead.demo.words import FIRST_NAMES, LAST_NAMES, TITLES
from fairlead.demo.work import CALL, DIRECTIONS, DISPOSITIONS, MEETING, disposition
from fairlead.demo.world import World

SEGMENT_LABELS = ("SMB", "Mid-Market", "Enterprise")
CHANNEL_TYPES = (
    "Organic",
    "Search Advertising",
    "Social Advertising",
    "Trade Show",
    "Partners",
    "Outbound",
    "Referral Program",
    "Content Syndication",
)
TIME = ".000+0000"


def write_all(folder: Path, world: World, faults: Faults) -> None:
    """Every file of the folder but mapping.yaml."""
    _users(folder / "User.csv", world)
    _accounts(folder / "Account.csv", world, faults)
    _contacts(folder / "Contact.csv", world)
    _contact_history(folder / "ContactHistory.csv", world)
    _campaigns(folder / "Campaign.csv", world)
    _products(folder / "Product2.csv")
    deals_sheet.write_deals(folder, world, faults)
    _waivers(folder / "Gate_Waiver__c.csv", world)
    _tasks(folder / "Task.csv", world)
    _events(folder / "Event.csv", world)


def _users(file: Path, world: World) -> None:
    staff = world.staff
    rows = np.arange(len(staff.role))
    role = staff.role

    def columns(at: Rows) -> Columns:
        r = at.of(rows)
        first, last = pick(FIRST_NAMES, staff.first[r]), pick(LAST_NAMES, staff.last[r])
        login = join("user", whole(r), "@", company.DOMAIN)
        return {
            "Id": crm_ids.user(r),
            "Username": login,
            "FirstName": first,
            "LastName": last,
            "Name": join(first, " ", last),
            "Email": login,
            "Title": pick([x.title for x in ROLES], role[r]),
            "Department": pick([x.function for x in ROLES], role[r]),
            "Team__c": pick([x.team for x in ROLES], role[r]),
            "UserRole.Name": pick([x.crm_role for x in ROLES], role[r]),
            "ManagerId": crm_ids.user(staff.boss[r]),
            "TimeZoneSidKey": constant("America/New_York", r),
            "IsActive": flags(staff.left[r] == 0),
            "CreatedDate": iso(staff.hired_at[r], TIME),
        }

    write(file, len(rows), columns)


def _accounts(file: Path, world: World, faults: Faults) -> None:
    accounts = world.accounts
    count = len(accounts.segment)
    rows = np.concatenate([np.arange(count), faults.twin_accounts])  # twins come last, under keys of their own
    keys = np.arange(len(rows))
    created = np.concatenate([accounts.created_at, faults.twin_accounts_at])
    finserv = drifted(world)[0]

    def columns(at: Rows) -> Columns:
        r, key = at.of(rows), at.of(keys)
        twin = key >= count
        name, domain = naming.company_names(r, accounts.industry[r]), naming.domains(r, accounts.industry[r])
        place = [
            c[0] for region in company.REGIONS for c in (*region.countries, *[("", "")] * (8 - len(region.countries)))
        ]
        country = pick(place, accounts.region[r] * 8 + accounts.country[r])
        industry = where(finserv[r], "FinServ", pick(company.INDUSTRIES, accounts.industry[r]))
        return {
            "Id": crm_ids.account(key),
            "Name": where(twin, join(name, " (new)"), name),
            "Website": where(twin, join("http://", domain, "/home"), join("https://www.", domain)),
            "Industry": industry,
            "NumberOfEmployees": whole(accounts.employees[r]),
            "BillingCountryCode": country,
            "Segment__c": pick(SEGMENT_LABELS, accounts.segment[r]),
            "Region__c": pick([x.name for x in company.REGIONS], accounts.region[r]),
            "Type": where(accounts.legacy[r] == 1, "Customer", "Prospect"),
            "OwnerId": crm_ids.user(accounts.owner[r]),
            "ParentId": empty(r),
            "CreatedDate": iso(at.of(created), TIME),
            "IsDeleted": constant("false", r),
        }

    write(file, len(rows), columns)


def _contacts(file: Path, world: World) -> None:
    people, funnel = world.people, world.funnel
    owner = world.hands.owners(funnel.rep)
    rows = synced(world)
    first = funnel.mql_at.copy()
    first[world.earlier.person] = world.earlier.mql_at
    entered = np.where(first != NEVER, first + 60, people.created_at + DAY)

    def columns(at: Rows) -> Columns:
        r = at.of(rows)
        account = people.account[r]
        return {
            "Id": crm_ids.contact(r),
            "AccountId": crm_ids.account(account),
            "FirstName": pick(FIRST_NAMES, people.first[r]),
            "LastName": pick(LAST_NAMES, people.last[r]),
            "Email": naming.emails(
                account, world.accounts.industry[account], people.first[r], people.last[r], people.twin[r]
            ),
            "Title": titles(people.persona[r], people.title[r]),
            "Phone": naming.phones(r),
            "OwnerId": crm_ids.user(owner[r]),
            "CreatedDate": iso(entered[r], TIME),
            "IsDeleted": constant("false", r),
        }

    write(file, len(rows), columns)


def _contact_history(file: Path, world: World) -> None:
    """Whose leads became a colleague's."""
    handed = world.hands.leads
    rows = np.arange(len(handed.who))

    def columns(at: Rows) -> Columns:
        r = at.of(rows)
        return {
            "Id": ids("017Hd", r, "AAG"),
            "ContactId": crm_ids.contact(handed.who[r]),
            "Field": constant("OwnerId", r),
            "OldValue": crm_ids.user(handed.old[r]),
            "NewValue": crm_ids.user(handed.new[r]),
            "CreatedDate": iso(handed.at[r], TIME),
            "CreatedById": crm_ids.user(handed.old[r]),
        }

    write(file, len(rows), columns)


def _waivers(file: Path, world: World) -> None:
    given = world.waivers
    rows = np.arange(len(given.deal))

    def columns(at: Rows) -> Columns:
        r = at.of(rows)
        gone = given.withdrawn_at[r] != NEVER
        return {
            "Id": crm_ids.waiver(r),
            "Opportunity__c": crm_ids.deal(given.deal[r]),
            "Stage__c": pick(company.STAGE_LABELS, given.stage[r]),
            "Reason__c": pick(REASONS, given.reason[r]),
            "OwnerId": crm_ids.user(given.by[r]),
            "CreatedDate": iso(given.at[r], TIME),
            "Expires_On__c": days(given.expires[r]),
            "Withdrawn_At__c": iso(given.withdrawn_at[r], TIME),
            "Withdrawn_By__c": crm_ids.user(np.where(gone, given.by[r], -1)),
            "IsDeleted": constant("false", r),
        }

    write(file, len(rows), columns)


def titles(persona: Ints, title: Ints) -> Column:
    words = [t for p in company.PERSONAS for t in TITLES[p]]
    return pick(words, persona * 3 + title)


def _campaigns(file: Path, world: World) -> None:
    found = world.campaigns
    rows = np.arange(len(found.channel))

    def columns(at: Rows) -> Columns:
        r = at.of(rows)
        channel, month = found.channel[r], found.first_month[r]
        start = np.array([first_day(m) for m in month])
        name = join(
            pick(CHANNEL_TYPES, channel),
            " ",
            pick([f"{2023 + (m + 10) // 12} Q{(m + 10) % 12 // 3 + 1}" for m in range(36)], month),
        )
        spent = np.bincount(world.spend.campaign, world.spend.cents, len(rows)).astype(np.int64)[r] // 100
        return {
            "Id": crm_ids.campaign(r),
            "Name": name,
            "Type": pick(CHANNEL_TYPES, channel),
            "Status": where(month < 33, "Completed", "In Progress"),
            "StartDate": days(start),
            "EndDate": days(np.array([first_day(m + 3) - 1 for m in month])),
            "BudgetedCost": units(spent // 500 * 500 + 500),
            "IsActive": flags(month >= 33),
            "Google_Ads_Id__c": crm_ids.ads_campaign(np.where(channel == 1, r, -1)),
            "Meta_Ads_Id__c": crm_ids.ads_campaign(np.where(channel == 2, r, -1)),
        }

    write(file, len(rows), columns)


def _products(file: Path) -> None:
    rows = np.arange(len(company.PRODUCTS))

    def columns(at: Rows) -> Columns:
        r = at.of(rows)
        return {
            "Id": crm_ids.product(r),
            "Name": pick([p.name for p in company.PRODUCTS], r),
            "Family": pick([p.family for p in company.PRODUCTS], r),
            "List_Price__c": units(np.array([p.list_price for p in company.PRODUCTS])[r]),
            "IsActive": constant("true", r),
        }

    write(file, len(rows), columns)


TASK_HEADER = (
    "Id",
    "WhoId",
    "WhatId",
    "AccountId",
    "OwnerId",
    "Subject",
    "Type",
    "TaskSubtype",
    "Direction__c",
    "Status",
    "ActivityDate",
    "CallDisposition",
    "CompletedDateTime",
    "CreatedDate",
    "IsDeleted",
)


def _tasks(file: Path, world: World) -> None:
    done = world.activities
    rows = np.flatnonzero(done.kind != MEETING)

    def columns(at: Rows) -> Columns:
        r = at.of(rows)
        kind = done.kind[r]
        cells = (
            _keys("00THc", r),
            crm_ids.contact(done.person[r]),
            crm_ids.deal(done.deal[r]),
            crm_ids.account(done.account[r]),
            crm_ids.user(done.member[r]),
            pick(("Call", "Email: following up", "Prepare next step"), kind),
            pick(("Call", "Email", "Other"), kind),
            where(done.automated[r] == 1, "ListEmail", pick(("Call", "Email", "Task"), kind)),
            pick(("", "Inbound", "Outbound"), done.direction[r]),
            constant("Completed", r),
            days(done.at[r] // DAY),
            where(
                (kind == CALL) & (done.direction[r] == DIRECTIONS.index("outbound")),
                pick(DISPOSITIONS, disposition(world.activities, r)),
                None,
            ),
            iso(done.at[r], TIME),
            iso(done.logged_at[r], TIME),
            constant("false", r),
        )
        return dict(zip(TASK_HEADER, cells, strict=True))

    ragged = line(["00THc9999999999QAE", "", "", "", "", "Call, not quoted", "Call", "Call", "Outbound", "Completed"])
    write(file, len(rows), columns, extra=(line(TASK_HEADER), ragged, f"{ragged},2025-01-07,,,,,,,,,"))


def _keys(prefix: str, rows: Ints) -> Column:
    return ids(prefix, rows, "QAE")


def _events(file: Path, world: World) -> None:
    done = world.activities
    rows = np.flatnonzero(done.kind == MEETING)

    def columns(at: Rows) -> Columns:
        r = at.of(rows)
        return {
            "Id": _keys("00UHc", r),
            "WhoId": crm_ids.contact(done.person[r]),
            "WhatId": crm_ids.deal(done.deal[r]),
            "AccountId": crm_ids.account(done.account[r]),
            "OwnerId": crm_ids.user(done.member[r]),
            "Subject": where(
                done.deal[r] >= 0, "Deal meeting", where(done.person[r] >= 0, "Introduction", "Business review")
            ),
            "StartDateTime": iso(done.at[r], TIME),
            "DurationInMinutes": pick(("30", "45", "60"), r % 3),
            "Outcome__c": constant("Held", r),
            "CreatedDate": iso(done.logged_at[r], TIME),
            "IsDeleted": constant("false", r),
        }

    write(file, len(rows), columns)
