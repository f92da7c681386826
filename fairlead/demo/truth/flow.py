"""What was planted in the flow of deals and leads: pauses, changes of hands, waivers, and what nobody wrote down."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from fairlead.demo import company, waiving
from fairlead.demo.clock import NEVER, Flags, Ints
from fairlead.demo.exports import crm_ids
from fairlead.demo.exports.sheet import Column, constant, join, pick
from fairlead.demo.promising import TEXTS
from fairlead.demo.standstill import WAYS
from fairlead.demo.world import World

FATES = ("waived_gate", "waiver_run_out", "waiver_taken_back", "waived_then_churned")
SAYS = (
    "A waiver of a gate that let a deal pass without the next step.",
    "A waiver that had run out when the deal passed without the next step.",
    "A waiver that was taken back before the deal passed without the next step.",
    "A waiver of a gate on the deal of a customer who left within ninety days.",
)


class Planted(NamedTuple):
    """One kind of fault: its records and what is to be known about each. `says` is for the README."""

    kind: str
    system: str
    file: str
    says: str
    records: Column
    details: Column


def flow(world: World) -> Iterator[Planted]:
    """All of it."""
    yield from _clocks(world)
    yield from _waivers(world)
    yield from _unwritten(world)


def _clocks(world: World) -> Iterator[Planted]:
    pauses, history = world.pauses, "OpportunityFieldHistory.csv"
    says = "A deal whose evaluation stood still for a while."
    yield Planted("paused_clock", "salesforce", history, says, crm_ids.deal(pauses.deal), pick(WAYS, pauses.way))
    says = "A deal or lead that a colleague took over while its clock ran."
    deals, leads = np.unique(world.hands.deals.who), np.unique(world.hands.leads.who)
    told = constant("handed on during the evaluation", deals)
    yield Planted("changed_hands", "salesforce", history, says, crm_ids.deal(deals), told)
    told = constant("handed on before it was returned", leads)
    yield Planted("changed_hands", "salesforce", "ContactHistory.csv", says, crm_ids.contact(leads), told)


def _waivers(world: World) -> Iterator[Planted]:
    given = world.waivers
    for fate, kind in enumerate(FATES):
        rows = np.flatnonzero(given.fate == fate)
        stage = pick(company.STAGES, given.stage[rows])
        told = join(crm_ids.deal(given.deal[rows]), ", ", stage, ": ", pick(waiving.REASONS, given.reason[rows]))
        yield Planted(kind, "salesforce", "Gate_Waiver__c.csv", SAYS[fate], crm_ids.waiver(rows), told)


def _unwritten(world: World) -> Iterator[Planted]:
    """Of won deals of new customers; the scope of every deal won."""
    promised, deals = world.promised, world.deals
    won = world.paths.is_won == 1
    new = won & (deals.kind == company.NEW)
    known = np.zeros(len(won), bool)
    known[world.roles.deal] = True
    lacks: dict[str, tuple[str, Flags]] = {
        item: ("Opportunity.csv", (won if item == "scope" else new) & (getattr(promised, item) < 0)) for item in TEXTS
    }
    lacks["kickoff_date"] = ("Opportunity.csv", new & (promised.kickoff_day == NEVER))
    lacks["contacts_at_customer"] = ("OpportunityContactRole.csv", new & ~known)
    for item, (file, which) in lacks.items():
        yield _one_unwritten("deciders" if item == "stakeholders" else item, file, np.flatnonzero(which))


def _one_unwritten(item: str, file: str, rows: Ints) -> Planted:
    says = "A deal won without something that was promised to whoever takes the customer over."
    return Planted("not_written_down", "salesforce", file, says, crm_ids.deal(rows), constant(item, rows))
