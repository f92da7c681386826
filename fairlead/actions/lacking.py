"""Who is at a gate and lacks something now, and the records of a name: the two ways to one record's gate."""

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, NamedTuple

from fairlead.actions.asking import Asked, build_for, opened
from fairlead.actions.building import built
from fairlead.actions.days import Day
from fairlead.actions.gates import gates_of, label_of
from fairlead.analysis.gate import gates
from fairlead.analysis.gate_record import records_named
from fairlead.analysis.gate_report import lacking
from fairlead.model.agreed import Subject
from fairlead.values import Progress, moment_from, quiet
from fairlead.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

MOST_FOUND = 20


class Lacks(NamedTuple):
    """A record at a gate that lacks something nobody has waived: `missing` columns, and whether the exit criterion.

    `days` in the stage, as company days.
    """

    subject: str
    subject_id: str
    name: str
    account: str
    flow: str
    stage: str
    label: str
    missing: tuple[str, ...]
    lacks_exit: bool
    owner_id: str | None
    owner: str
    entered_at: datetime
    days: int


class Lacking(NamedTuple):
    """All of them, the one that waits longest first; waivers given since the build was made do not count yet."""

    records: tuple[Lacks, ...]
    as_of: date
    build: str
    built_at: datetime | None
    seen_at: datetime | None


class Found(NamedTuple):
    """A record found by name or key, and the stage it is in, empty where it is in none."""

    subject: str
    subject_id: str
    name: str
    account: str
    stage: str


def who_lacks(  # noqa: PLR0913 - a flow and the moments it is seen from
    workspace: Workspace,
    *,
    flow: str | None = None,
    as_of: Day = None,
    known_at: datetime | None = None,
    now: datetime | None = None,
    progress: Progress = quiet,
) -> Lacking:
    """Everybody who cannot go on from their stage as of a day, because something that its gate asks for is not there.

    `flow` leaves the gates of other flows out. So are stages after which nothing comes: nobody goes on from there.
    """
    now = now or datetime.now(UTC)
    build = build_for(workspace, Asked((), as_of=as_of), known_at, now=now, progress=progress)
    there, said = opened(build), built(build, is_current=False)
    onward = {one.name: one for one in gates_of(workspace.model, flow) if one.forward}
    rows = there.reader.rows(lacking(tuple(onward.values()))).to_pylist() if onward else []
    records = tuple(
        Lacks(
            row["subject"],
            row["subject_id"],
            row["name"] or row["subject_id"],
            row["account"] or "",
            row["flow"],
            row["stage"],
            label_of(workspace.model, onward[f"{row['flow']}.{row['stage']}"]),
            tuple(row["missing"].split(", ")) if row["missing"] else (),
            row["lacks_exit"],
            row["owner_id"],
            row["owner"] or "",
            row["entered_at"],
            row["days"] or 0,
        )
        for row in rows
    )
    return Lacking(records, there.as_of, build.name, moment_from(said.made_at), moment_from(said.seen_at))


def find(workspace: Workspace, text: str, *, now: datetime | None = None) -> tuple[Found, ...]:
    """Deals, people and companies in a stage whose name holds `text`, or whose id or key it is; at most 20 of them."""
    now = now or datetime.now(UTC)
    there = opened(build_for(workspace, Asked(()), None, now=now))
    subjects = tuple(dict.fromkeys(one.subject for one in gates(workspace.model))) or tuple(Subject)
    rows = there.reader.rows(records_named(subjects, text.strip(), MOST_FOUND)).to_pylist()
    return tuple(Found(r["subject"], r["id"], r["name"] or r["id"], r["account"] or "", r["stage"] or "") for r in rows)


def lacking_table(found: Lacking) -> "pa.Table":
    """Those records as a table; what lacks is one text, exit for the exit criterion."""
    import pyarrow as pa

    texts = ("subject", "subject_id", "name", "account", "flow", "stage", "missing", "owner")
    kinds = [(name, pa.string()) for name in texts]
    schema = pa.schema([*kinds, ("entered_at", pa.timestamp("us", "UTC")), ("days", pa.int64())])
    rows = [one._asdict() | {"missing": ", ".join(items_of(one))} for one in found.records]
    return pa.Table.from_pylist(rows, schema=schema)


def items_of(one: Lacks) -> tuple[str, ...]:
    """What lacks, by the names a waiver calls it."""
    return (*one.missing, *(("exit",) if one.lacks_exit else ()))
