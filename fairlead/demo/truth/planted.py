"""truth/planted.csv: every fault that was planted, with the file and the record it is in."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

from fairlead.demo import company
from fairlead.demo.billing import STATUSES, UNCOLLECTIBLE, VOID
from fairlead.demo.cancelling import FAILED, FEEDBACK
from fairlead.demo.clock import DAY, NEVER, Ints, day_of
from fairlead.demo.exports import crm_ids
from fairlead.demo.exports.deals_sheet import EXTRA_FAULTS, extras
from fairlead.demo.exports.hubspot import contact_ids
from fairlead.demo.exports.sheet import Column, constant, days, ids, join, pick, where, whole
from fairlead.demo.faults import STAGE_DRIFTS, Faults, drifted
from fairlead.demo.recycling import turns
from fairlead.demo.truth.deals import passes
from fairlead.demo.truth.demand import unfolded
from fairlead.demo.truth.flow import Planted, flow
from fairlead.demo.work import LATE, MEETING
from fairlead.demo.world import World

SLOW_HOURS = 24


def write(file: Path, world: World, faults: Faults) -> Mapping[str, tuple[int, str]]:
    """Write the list and return, by kind, how many there are and what it means."""
    counts: dict[str, tuple[int, str]] = {}
    with file.open("wb") as out:
        out.write(b"fault,system,file,record,detail\n")
        for found in (
            *_rows(world, faults),
            *_drift(world),
            *_deals(world, faults),
            *_slipped(world),
            *flow(world),
            *_people(world),
            *_customers(world, faults),
            *_invoices(world),
            *_lines(),
        ):
            count = len(found.records)
            columns = [constant(text, found.records) for text in (found.kind, found.system, found.file)]
            table = pa.table(
                [*columns, found.records, found.details], names=["fault", "system", "file", "record", "detail"]
            )
            csv.write_csv(table, out, csv.WriteOptions(include_header=False))
            counts[found.kind] = (counts.get(found.kind, (0, ""))[0] + count, found.says)
    return counts


def _rows(world: World, faults: Faults) -> Iterator[Planted]:
    people, accounts = world.people, world.accounts
    twins = len(people.account) + np.arange(len(faults.twin_people))
    fate = where(
        unfolded(world, faults),
        "counts as a person, marked as duplicate",
        "folds into the person Salesforce knows by this email",
    )
    yield Planted(
        "duplicate_person",
        "hubspot",
        "contacts.csv",
        "A contact entered twice, with its email in capitals.",
        contact_ids(twins),
        join("twin of ", contact_ids(faults.twin_people), "; ", fate),
    )
    doubles = len(accounts.segment) + np.arange(len(faults.twin_accounts))
    yield Planted(
        "duplicate_account",
        "salesforce",
        "Account.csv",
        "An account entered twice, with the same website spelt differently.",
        crm_ids.account(doubles),
        join("twin of ", crm_ids.account(faults.twin_accounts)),
    )
    done = world.activities
    for file, prefix, rows in (
        ("Task.csv", "00THc", np.flatnonzero((done.logged_at - done.at >= LATE) & (done.kind != MEETING))),
        ("Event.csv", "00UHc", np.flatnonzero((done.logged_at - done.at >= LATE) & (done.kind == MEETING))),
    ):
        yield Planted(
            "late_activity",
            "salesforce",
            file,
            "An activity logged more than two weeks after it happened.",
            ids(prefix, rows, "QAE"),
            join("logged ", whole((done.logged_at[rows] - done.at[rows]) // DAY), " days later"),
        )


def _drift(world: World) -> Iterator[Planted]:
    says = "A picklist value in the spelling of some month on; the mapping knows both."
    industries, stages, sources = (np.flatnonzero(flags) for flags in drifted(world))
    yield Planted(
        "picklist_drift",
        "salesforce",
        "Account.csv",
        says,
        crm_ids.account(industries),
        constant("Industry FinServ is Financial Services", industries),
    )
    yield Planted(
        "picklist_drift",
        "salesforce",
        "Opportunity.csv",
        says,
        crm_ids.deal(stages),
        constant("StageName Proposal/Price Quote is Proposal", stages),
    )
    yield Planted(
        "picklist_drift",
        "hubspot",
        "contacts.csv",
        says,
        contact_ids(sources),
        constant("lead_source Social (Paid) is Paid Social", sources),
    )
    moves = world.paths.stages
    named = np.unique(moves.deal[((moves.new == 3) | (moves.old == 3)) & (moves.at >= STAGE_DRIFTS)])
    yield Planted(
        "picklist_drift",
        "salesforce",
        "OpportunityFieldHistory.csv",
        says,
        crm_ids.deal(named),
        constant("old or new StageName Proposal/Price Quote is Proposal", named),
    )


def _deals(world: World, faults: Faults) -> Iterator[Planted]:
    paths, deals = world.paths, world.deals

    def planted(kind: str, rows: Ints, says: str, details: Column | str) -> Planted:
        told = constant(details, rows) if isinstance(details, str) else details
        return Planted(kind, "salesforce", "Opportunity.csv", says, crm_ids.deal(rows), told)

    overdue = np.flatnonzero(paths.overdue)
    yield planted(
        "overdue_deal",
        overdue,
        "An open deal whose close date has passed.",
        join("close date ", days(paths.close_day[overdue])),
    )
    yield planted(
        "skipped_stage",
        np.flatnonzero(paths.skipped),
        "A deal that went from discovery straight to evaluation or beyond.",
        "qualification skipped",
    )
    yield planted(
        "reopened_deal",
        np.flatnonzero(paths.reopened),
        "A deal that was lost, opened again and won.",
        "lost once, then won",
    )
    yield planted(
        "created_closed",
        np.flatnonzero(deals.imported),
        "A deal of before the window, entered the moment it was won.",
        "created and won at the same time",
    )
    yield planted(
        "won_not_invoiced", faults.unbilled, "A won deal that billing never heard of.", "no subscription and no invoice"
    )
    amounts = join("CRM ", whole(paths.amount[faults.wrong_amount]), ", contract ", whole(faults.true_amount))
    yield planted(
        "wrong_amount", faults.wrong_amount, "A won deal whose amount is not what the contract says.", amounts
    )
    yield planted(
        "churned_but_open",
        faults.left_open,
        "A renewal still open in the CRM though billing has ended the subscription.",
        "lost, never closed in the CRM",
    )
    more = extras(faults)
    kinds = np.array([EXTRA_FAULTS.index(kind) for kind, _ in more])
    says = (
        "A deal in a currency that has no rate; set aside.",
        "A deal on an account that is not exported; set aside.",
        "A deal in a stage nobody agreed on; set aside.",
    )
    for number, kind in enumerate(EXTRA_FAULTS):
        rows = len(deals.account) + np.flatnonzero(kinds == number)
        yield planted(kind, rows, says[number], "not in any true value")


def _slipped(world: World) -> Iterator[Planted]:
    found = passes(world)
    bare = np.flatnonzero(found.no_next_step)
    yield Planted(
        "slipped_gate",
        "salesforce",
        "Opportunity.csv",
        "A deal that left a stage without the next step that the stage asks for.",
        crm_ids.deal(found.deal[bare]),
        join("no next step on leaving ", pick(company.STAGES, found.stage[bare])),
    )


def _people(world: World) -> Iterator[Planted]:
    handed = turns(world.funnel, world.earlier)
    minutes = handed.response_minutes
    slow = np.flatnonzero(minutes > SLOW_HOURS * 60)
    never = np.flatnonzero(handed.responded_at == NEVER)
    says = "An MQL whom no human answered within a day."
    late = (np.where(minutes[slow] > 0, minutes[slow], 0)).astype(np.int64)
    yield Planted(
        "slow_response",
        "hubspot",
        "contacts.csv",
        says,
        contact_ids(handed.person[slow]),
        join("answered after ", whole(late), " minutes"),
    )
    yield Planted(
        "slow_response",
        "hubspot",
        "contacts.csv",
        says,
        contact_ids(handed.person[never]),
        constant("never answered", never),
    )
    yield from _recycled(world)
    poor = np.array([company.WORTHLESS])
    leads = int((world.people.channel == company.WORTHLESS).sum())
    yield Planted(
        "worthless_channel",
        "hubspot",
        "contacts.csv",
        "A channel that costs money and brings leads, none of whom ever bought.",
        pick([c.name for c in company.CHANNELS], poor),
        constant(f"{leads} leads, 0 deals won", poor),
    )


def _recycled(world: World) -> Iterator[Planted]:
    """Returns for a reason of somebody's own, and those who came back."""
    funnel, before = world.funnel, world.earlier
    own = np.flatnonzero((funnel.recycled_at != NEVER) & (funnel.recycle_reason >= company.AGREED_REASONS))
    yield Planted(
        "unagreed_reason",
        "hubspot",
        "contacts.csv",
        "A lead that sales last returned for a reason that nobody agreed on.",
        contact_ids(own),
        pick(company.RECYCLE_REASONS, funnel.recycle_reason[own]),
    )
    qualified = funnel.sql_at[before.person] != NEVER
    yield Planted(
        "came_back",
        "hubspot",
        "contact_history.csv",
        "A lead that sales had returned and that was marketing qualified once more.",
        contact_ids(before.person),
        join(days(day_of(before.until)), where(qualified, ", qualified after all", ", not qualified yet")),
    )


def _customers(world: World, faults: Faults) -> Iterator[Planted]:
    begun, accounts = world.onboardings, world.accounts
    slow = np.flatnonzero(accounts.region[begun.account] == company.SLOW_REGION)
    yield Planted(
        "slow_handoff",
        "support",
        "onboarding.csv",
        "A customer in the region whose kickoffs come weeks after the deal is won.",
        crm_ids.account(begun.account[slow]),
        join("EMEA, kickoff ", days(day_of(begun.kickoff_at[slow]))),
    )
    early = np.flatnonzero(world.lines.lost_early)
    gone = world.lines.ends[early] - world.lines.starts[early]
    yield Planted(
        "early_churn",
        "stripe",
        "subscription_items.csv",
        "A customer who left within ninety days of starting.",
        ids("si_Hc", early),
        join("left after ", whole(gone), " days"),
    )
    left = world.cancellations
    failed = left.feedback == FAILED
    yield Planted(
        "failed_payment",
        "stripe",
        "subscription_items.csv",
        "A customer who left because a charge failed.",
        ids("si_Hc", left.line[failed]),
        constant("payment_failed", left.line[failed]),
    )
    yield Planted(
        "cancellation",
        "stripe",
        "subscription_items.csv",
        "A customer who cancelled, with the reason that was given.",
        ids("si_Hc", left.line[~failed]),
        pick(FEEDBACK, left.feedback[~failed]),
    )


def _invoices(world: World) -> Iterator[Planted]:
    status = world.invoices.status
    undone = np.flatnonzero((status == VOID) | (status == UNCOLLECTIBLE))
    yield Planted(
        "undone_invoice",
        "stripe",
        "invoices.csv",
        "An invoice that was voided or written off, and never issued again.",
        ids("in_Hc", undone),
        join(pick(STATUSES, status[undone]), ", of ", ids("sub_Hc", world.invoices.line[undone])),
    )


def _lines() -> Iterator[Planted]:
    one, two = np.zeros(1, np.int64), np.arange(2)
    yield Planted(
        "repeated_header",
        "salesforce",
        "Task.csv",
        "The header once more, amid the rows; set aside.",
        constant("Id", one),
        constant("a second header row", one),
    )
    yield Planted(
        "ragged_row",
        "salesforce",
        "Task.csv",
        "A row with too few or too many cells; set aside.",
        constant("00THc9999999999QAE", two),
        pick(("too few cells", "too many cells"), two),
    )


def readme(counts: Mapping[str, tuple[int, str]]) -> str:
    """truth/README.md."""
    rows = "\n".join(f"| {kind} | {count} | {says} |" for kind, (count, says) in counts.items())
    return f"""# What is true about {company.NAME}

{company.NAME} is simulated. This folder says what really happened, worked out from the simulation itself and not
from the exports in `data/`, so that any program that reads the exports can be held to it.

- `metrics.csv`: the value of each measure and metric of the starter model, by month and by fiscal quarter, in all and
  by one dimension (`dimension`, `member`). An empty value is undefined, which is not 0. Money is in USD, to the cent.
- `planted.csv`: each fault that was planted, with the system, file and record it is in.
- `leaks.csv`: what late answers and kickoffs without a day cost in USD, by the odds of the simulation: `expected_loss`
  is what leads lost would have brought, at what qualified leads brought, and customers who were not onboarded, at what
  onboarded ones had bought; `in_full` also has the deals that were harder to win.
- `clocks.csv`: clocks that stood still or changed hands: the seconds that pauses took out, and each colleague's share
  of the time that counted.

Rows that cannot be trusted (the kinds below that say "set aside") are in no value of `metrics.csv`. Two faults are in
the CRM's own numbers, because that is what the CRM says: `wrong_amount` (bookings use the CRM's amount, recurring
revenue the contract's) and `churned_but_open` (the deal counts as open pipeline).

| fault | records | what it is |
|---|---|---|
{rows}

"""
