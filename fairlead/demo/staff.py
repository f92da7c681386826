"""The company's own people: who sells, answers, serves and leads, with their skill, in the order they were hired."""

from typing import NamedTuple

import numpy as np

from fairlead.demo.clock import DAY, START, Chance, Floats, Ints, in_office
from fairlead.demo.words import FIRST_NAMES, LAST_NAMES


class Role(NamedTuple):
    """`heads` people at scale 1 (at least `least`), reporting to the first holder of role `boss`."""

    title: str
    function: str
    team: str
    crm_role: str
    heads: float
    least: int
    boss: str
    salary: int


ROLES = (
    Role("Chief Revenue Officer", "sales", "Leadership", "CRO", 0, 1, "", 26_000),
    Role("VP Sales", "sales", "Leadership", "VP Sales", 0, 1, "CRO", 22_000),
    Role("VP Marketing", "marketing", "Leadership", "VP Marketing", 0, 1, "CRO", 21_000),
    Role("VP Customer Success", "customer_success", "Leadership", "VP Customer Success", 0, 1, "CRO", 20_000),
    Role("Chief Financial Officer", "finance", "Leadership", "CFO", 0, 1, "", 24_000),
    Role("Head of Revenue Operations", "revops", "Revenue Operations", "RevOps Lead", 0, 1, "CRO", 15_000),
    Role("Data Steward", "revops", "Revenue Operations", "Data Steward", 0, 1, "RevOps Lead", 9_000),
    Role("CRM Administrator", "revops", "Revenue Operations", "System Admin", 0, 1, "RevOps Lead", 9_000),
    Role("Demand Generation Manager", "marketing", "Demand Generation", "Marketer", 5, 2, "VP Marketing", 9_500),
    Role("Sales Development Manager", "sales", "Sales Development", "SDR Manager", 0, 1, "VP Sales", 11_000),
    Role("Sales Development Rep", "sales", "Sales Development", "SDR", 9, 3, "SDR Manager", 5_500),
    Role("Account Executive, SMB", "sales", "SMB Sales", "AE SMB", 7, 2, "VP Sales", 8_000),
    Role("Account Executive, Mid-Market", "sales", "Mid-Market Sales", "AE Mid-Market", 7, 2, "VP Sales", 10_500),
    Role("Account Executive, Enterprise", "sales", "Enterprise Sales", "AE Enterprise", 6, 2, "VP Sales", 14_000),
    Role("Customer Success Manager", "customer_success", "Customer Success", "CSM", 7, 2, "VP Customer Success", 8_500),
)
SELLERS = ("AE SMB", "AE Mid-Market", "AE Enterprise")


class Staff(NamedTuple):
    """One row a colleague. `role` indexes ROLES, `boss` the rows (-1 for none); `skill` is around 0."""

    role: Ints
    boss: Ints
    first: Ints
    last: Ints
    skill: Floats
    hired_at: Ints
    left: Ints

    def of(self, crm_role: str) -> Ints:
        """The rows that hold a role."""
        wanted = [i for i, r in enumerate(ROLES) if r.crm_role == crm_role]
        return np.flatnonzero(np.isin(self.role, wanted))


def hire(scale: float, chance: Chance) -> Staff:
    """Staff for a company of that size; teams grow with it, leaders do not. Two in a hundred have left since."""
    dice = chance.of("staff")
    role = np.repeat(np.arange(len(ROLES)), [max(r.least, round(r.heads * scale)) for r in ROLES])
    first_of = {r.crm_role: int(np.flatnonzero(role == i)[0]) for i, r in enumerate(ROLES)}
    boss = np.array([first_of.get(ROLES[r].boss, -1) for r in role], np.int64)
    count = len(role)
    return Staff(
        role=role,
        boss=boss,
        first=dice.integers(0, len(FIRST_NAMES), count),
        last=dice.integers(0, len(LAST_NAMES), count),
        skill=np.clip(dice.normal(0, 0.25, count), -0.6, 0.6),
        hired_at=in_office(START - dice.integers(30, 900, count) * DAY, dice),
        left=((dice.random(count) < 0.04) & (role > 8)).astype(np.int64),
    )
