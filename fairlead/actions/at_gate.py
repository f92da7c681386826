"""One record at its gate: what is asked for, what is there and on what evidence, and who let it pass all the same."""

from datetime import date, datetime
from typing import NamedTuple

from fairlead.actions.whence import Whence
from fairlead.model.people import Role

# What a grade of evidence means.
EVIDENCE = ("not filled", "filled", "filled, and somebody acted in the stay", "the customer wrote, called or met")


class Proof(NamedTuple):
    """What somebody did in the stay: a call, an email, a meeting; `by` is the colleague, empty where none is known."""

    kind: str
    at: datetime
    by: str


class Need(NamedTuple):
    """A required column of a record: its `value` now, the `grade` of its evidence (0 to 3) and the grade demanded.

    `proof` is the last entry of the stay that gives it a grade of 2 or 3. `written_at` is when the column last became
    what it is, None where no change is told. Where that is a later day than any entry's, nobody has looked at this
    value since (`is_newer`): it has grade 1, and `proof` is the entry that came before it.
    `is_today`: the record does not tell what it was at the time asked about. `comes_from` says who fills it. `shown`
    is the name of whom an id means, empty for other values.
    """

    column: str
    label: str
    value: object
    shown: str
    grade: int
    demanded: int
    is_met: bool
    is_today: bool
    proof: Proof | None
    written_at: datetime | None
    comes_from: Whence

    @property
    def is_newer(self) -> bool:
        """Whether it was written on a later day than the last entry that would have spoken for it."""
        return self.proof is not None and self.grade == 1


class Criterion(NamedTuple):
    """One condition that has to hold, and the values of the columns it reads; `holds` None where it is undefined."""

    text: str
    holds: bool | None
    values: tuple[tuple[str, object], ...]
    comes_from: tuple[Whence, ...]


class Waiver(NamedTuple):
    """Leave to pass: of what (a column, exit, or empty for all), why, by whom, until when (None: for good).

    `counts`: on the day asked about, today where none was; `has_run_out`: `until` is before it. `withdrawn_at` and
    `withdrawn_by` say who took it back, None and empty where nobody did.
    """

    id: str
    stage: str
    what: str
    reason: str
    by: str
    at: datetime
    until: date | None
    withdrawn_at: datetime | None
    withdrawn_by: str
    counts: bool
    has_run_out: bool


class Asks(NamedTuple):
    """What one stage asks of a record before it may go on. `may_pass`: nothing lacks, or it is all waived.

    `blocks`: what lacks and is not waived, by the names a waiver calls it (a column, or exit). `called` is what a
    waiver of it calls the stage.
    """

    flow: str
    stage: str
    called: str
    label: str
    needs: tuple[Need, ...]
    criteria: tuple[Criterion, ...]
    missing: tuple[str, ...]
    is_exit_met: bool | None
    blocks: tuple[str, ...]
    is_waived: bool
    may_pass: bool
    waivers: tuple[Waiver, ...]
    may_waive: tuple[Role, ...]


class AtGate(NamedTuple):
    """A record at its gate. `stage` is where it is; `to` where it wants to go; `asks` of every stage on the way.

    `entry` are the criteria of the stage it wants to enter. `may_go`: it may go there. `flows`: all it goes through.
    """

    subject: str
    subject_id: str
    name: str
    flow: str
    flows: tuple[str, ...]
    stage: str
    to: str | None
    entered_at: datetime
    asks: tuple[Asks, ...]
    entry: tuple[Criterion, ...]
    may_go: bool
    as_of: date
    build: str
    built_at: datetime | None
    seen_at: datetime | None
