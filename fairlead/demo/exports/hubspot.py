"""What HubSpot would export: everybody who came forward, how far and how often they came, and whom marketing met."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fairlead.demo import company, naming
from fairlead.demo.clock import NEVER, Ints
from fairlead.demo.credit import synced
from fairlead.demo.exports import crm_ids
from fairlead.demo.exports.deals_sheet import ROLE_LABELS, SOURCE_LABELS
from fairlead.demo.exports.salesforce import titles
from fairlead.demo.exports.sheet import (
    Column,
    Columns,
    Rows,
    constant,
    empty,
    flags,
    ids,
    iso,
    join,
    millis,
    pick,
    where,
    whole,
    write,
)
from fairlead.demo.faults import Faults, drifted
from fairlead.demo.funnel import CLICK, EVENT, FORM, VISIT
from fairlead.demo.words import FIRST_NAMES, LAST_NAMES
from fairlead.demo.world import World

TRAFFIC = (
    "ORGANIC_SEARCH",
    "PAID_SEARCH",
    "PAID_SOCIAL",
    "OFFLINE",
    "OFFLINE",
    "OFFLINE",
    "REFERRALS",
    "OTHER_CAMPAIGNS",
)
LIFECYCLE = ("lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer")
PROPERTY = ["contactId", "property", "previousValue", "value", "timestamp"]
CONTACT_BASE = 10_000_000  # all keys equally long


def write_all(folder: Path, world: World, faults: Faults) -> None:
    """Every file of the folder but mapping.yaml."""
    _contacts(folder / "contacts.csv", world, faults)
    _history(folder / "contact_history.csv", world)
    _forms(folder / "form_submissions.csv", world)
    _clicks(folder / "email_events.csv", world)
    _visits(folder / "page_sessions.csv", world)
    _attendance(folder / "event_attendance.csv", world)


def contact_ids(rows: Ints) -> Column:
    return whole(np.where(rows < 0, -1, rows + CONTACT_BASE))


def addresses(world: World, rows: Ints) -> Column:
    people = world.people
    account = people.account[rows]
    return naming.emails(
        account, world.accounts.industry[account], people.first[rows], people.last[rows], people.twin[rows]
    )


def _contacts(file: Path, world: World, faults: Faults) -> None:
    people, funnel = world.people, world.funnel
    count = len(people.account)
    rows = np.concatenate([np.arange(count), faults.twin_people])  # twins come last, under keys of their own
    keys = np.arange(len(rows))
    created = np.concatenate([people.created_at, faults.twin_people_at])
    in_crm = np.zeros(count, bool)
    in_crm[synced(world)] = True
    drifts = drifted(world)[2]
    place = [c[0] for region in company.REGIONS for c in (*region.countries, *[("", "")] * (8 - len(region.countries)))]
    stage = _lifecycle(world)

    def columns(at: Rows) -> Columns:
        r, key = at.of(rows), at.of(keys)
        twin = key >= count
        email = addresses(world, r)

        def reached(when: Ints) -> Column:
            return iso(np.where(twin, NEVER, when[r]))

        account = crm_ids.account(people.account[r])
        status = np.where(
            twin,
            0,
            np.where(
                funnel.recycled_at[r] != NEVER, 3, np.where(funnel.sal_at[r] != NEVER, 2, np.minimum(stage[r], 1))
            ),
        )
        source = where(drifts[r], "Social (Paid)", pick(SOURCE_LABELS, people.channel[r]))
        return {
            "hs_object_id": contact_ids(key),
            "email": where(twin, _shouted(email), email),
            "firstname": pick(FIRST_NAMES, people.first[r]),
            "lastname": pick(LAST_NAMES, people.last[r]),
            "jobtitle": titles(people.persona[r], people.title[r]),
            "hs_persona": pick(ROLE_LABELS, people.persona[r]),
            "phone": where(r % 3 == 0, naming.phones(r), None),
            "country": pick(place, people.country[r]),
            "salesforceaccountid": account,
            "salesforcecontactid": crm_ids.contact(np.where(in_crm[r] & ~twin, r, -1)),
            "lifecyclestage": where(twin, "lead", pick(LIFECYCLE, stage[r])),
            "hs_lead_status": pick(("NEW", "OPEN", "IN_PROGRESS", "BAD_TIMING"), status),
            "hs_analytics_source": pick(TRAFFIC, people.channel[r]),
            "lead_source": source,
            "original_campaign_id": crm_ids.campaign(people.campaign[r]),
            "fit_score": whole(people.fit[r]),
            "createdate": iso(at.of(created)),
            "engaged_date": reached(funnel.engaged_at),
            "hs_v2_date_entered_marketingqualifiedlead": reached(funnel.mql_at),
            "sales_accepted_date": reached(funnel.sal_at),
            "hs_v2_date_entered_salesqualifiedlead": reached(funnel.sql_at),
            "recycled_date": reached(funnel.recycled_at),
            "recycle_reason": pick(
                company.RECYCLE_REASONS, np.where(twin | (funnel.recycled_at[r] == NEVER), -1, funnel.recycle_reason[r])
            ),
            "hs_email_optout": flags(r % 17 == 0),
        }

    write(file, len(rows), columns)


def _history(file: Path, world: World) -> None:
    """What the dates of those who came back were before they were overwritten."""
    before, funnel = world.earlier, world.funnel
    who = before.person
    again = (funnel.recycled_at[who] > before.until) & (funnel.recycled_at[who] != NEVER)
    accepted = (before.sal_at != NEVER) & (funnel.sal_at[who] > before.until)
    dates = {
        "hs_v2_date_entered_marketingqualifiedlead": (np.ones(len(who), bool), before.mql_at, funnel.mql_at[who]),
        "sales_accepted_date": (accepted, before.sal_at, funnel.sal_at[who]),
        "recycled_date": (again, before.recycled_at, funnel.recycled_at[who]),
    }
    parts = [
        pa.table(
            [contact_ids(who[rows]), constant(name, rows), iso(old[rows]), iso(new[rows]), iso(new[rows])], PROPERTY
        )
        for name, (changed, old, new) in dates.items()
        if len(rows := np.flatnonzero(changed))
    ]
    rows = np.flatnonzero(again)
    reasons = [pick(company.RECYCLE_REASONS, some[rows]) for some in (before.reason, funnel.recycle_reason[who])]
    at = iso(funnel.recycled_at[who][rows])
    parts.append(pa.table([contact_ids(who[rows]), constant("recycle_reason", rows), *reasons, at], PROPERTY))
    told = pa.concat_tables(parts)
    keys = pc.binary_join_element_wise(told["property"], told["contactId"], told["timestamp"], "-")
    every = told.append_column("id", keys)
    write(file, len(every), lambda at: {n: every[n].slice(at.start, at.stop - at.start) for n in every.column_names})


def _lifecycle(world: World) -> Ints:
    """How far HubSpot says each person came: an index of LIFECYCLE."""
    funnel, count = world.funnel, len(world.people.account)
    on_deal, won = np.zeros(count, bool), np.zeros(count, bool)
    on_deal[world.roles.person] = True
    won[world.roles.person[world.paths.is_won[world.roles.deal] == 1]] = True
    stage = (funnel.mql_at != NEVER).astype(np.int64)
    return np.where(won, 4, np.where(on_deal, 3, np.where(funnel.sql_at != NEVER, 2, stage)))


def _shouted(email: Column) -> Column:
    return pc.utf8_upper(email)


def _kind(world: World, kind: int) -> Ints:
    return np.flatnonzero(world.touches.kind == kind)


def _channel(world: World, r: Ints) -> Column:
    return pick((*SOURCE_LABELS, "Email Marketing"), world.touches.channel[r])


def _forms(file: Path, world: World) -> None:
    met, rows = world.touches, _kind(world, FORM)

    def columns(at: Rows) -> Columns:
        r = at.of(rows)
        return {
            "conversionId": ids("cv-", r),
            "contactId": contact_ids(met.person[r]),
            "title": pick(("Demo request", "Planning guide", "Newsletter", "Webinar sign-up"), r % 4),
            "pageUrl": join("https://www.", company.DOMAIN, pick(("/demo", "/guide", "/news", "/webinar"), r % 4)),
            "channel": _channel(world, r),
            "campaignId": crm_ids.campaign(met.campaign[r]),
            "timestamp": millis(met.at[r]),
        }

    write(file, len(rows), columns)


def _clicks(file: Path, world: World) -> None:
    met, rows = world.touches, _kind(world, CLICK)

    def columns(at: Rows) -> Columns:
        r = at.of(rows)
        return {
            "id": ids("ev-", r),
            "type": constant("CLICK", r),
            "recipient": addresses(world, met.person[r]),
            "emailCampaignId": whole(40_000 + met.at[r] // 2_592_000),
            "created": millis(met.at[r]),
        }

    write(file, len(rows), columns)


def _visits(file: Path, world: World) -> None:
    met, rows = world.touches, _kind(world, VISIT)

    def columns(at: Rows) -> Columns:
        r = at.of(rows)
        return {
            "sessionId": ids("se-", r),
            "contactId": contact_ids(met.person[r]),
            "channel": _channel(world, r),
            "campaignId": crm_ids.campaign(met.campaign[r]),
            "pageViews": pick(("1", "2", "3", "5", "8"), r % 5),
            "startedAt": iso(met.at[r]),
        }

    write(file, len(rows), columns)


def _attendance(file: Path, world: World) -> None:
    met, rows = world.touches, _kind(world, EVENT)

    def columns(at: Rows) -> Columns:
        r = at.of(rows)
        return {
            "attendanceId": ids("at-", r),
            "contactId": contact_ids(met.person[r]),
            "state": constant("ATTENDED", r),
            "campaignId": crm_ids.campaign(met.campaign[r]),
            "interactionDateTime": iso(met.at[r]),
            "note": empty(r),
        }

    write(file, len(rows), columns)
