"""The report of all gates: who was stopped, what lacked, who slipped through, and whether a gate is worth keeping."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from fairlead.actions.asking import Asked, Day, build_for, day_of, opened
from fairlead.actions.gates import label_of
from fairlead.actions.laws import BAD_QUESTION
from fairlead.analysis.gate import Gate, gates
from fairlead.analysis.gate_report import Compared, Fared, compared, counts, lacked
from fairlead.model.agreed import Subject
from fairlead.problem import Refused
from fairlead.values import Progress, quiet
from fairlead.workspace import Workspace

WAYS = ("clean", "slipped", "waived")


class Lack(NamedTuple):
    """A required column, or `exit`, and how many lacked it; some of those slipped, were waived or stopped."""

    item: str
    lacked: int
    slipped: int
    waived: int
    stopped: int


class GateReport(NamedTuple):
    """How one gate did. came = passed + stopped + those still there with nothing lacking, or waived.

    `completeness` is of the fields of those who left. `won` compares the win rates of those who passed, None where the
    subject is no deal; `went_on` whether they left the next stage forward. `verdict` is that of `won`, else of
    `went_on`. `from_today` counts stays of which something was taken as it is today.
    """

    flow: str
    stage: str
    label: str
    subject: str
    owner: str
    required: tuple[str, ...]
    exit_when: str
    came: int
    waiting: int
    passed: int
    clean: int
    slipped: int
    waived: int
    stopped: int
    from_today: int
    completeness: float | None
    lacks: tuple[Lack, ...]
    won: Compared | None
    won_waived: Fared | None
    went_on: Compared
    verdict: str
    says: str

    @property
    def name(self) -> str:
        """`sales.discovery`."""
        return f"{self.flow}.{self.stage}"


class GatesReport(NamedTuple):
    """Every gate in the model's order; `start` and `end` are both included, None for no limit."""

    gates: tuple[GateReport, ...]
    start: date | None
    end: date | None
    as_of: date
    build: str


def gates_report(  # noqa: PLR0913 - a time and the moments it is seen from
    workspace: Workspace,
    *,
    start: Day = None,
    end: Day = None,
    as_of: Day = None,
    known_at: datetime | None = None,
    now: datetime | None = None,
    progress: Progress = quiet,
) -> GatesReport:
    """How every gate did with those who left its stage, or still are in it, from `start` to `end`.

    Raises Refused for a time that is none.
    """
    now = now or datetime.now(UTC)
    first, last = (_day(workspace, day, last=at_end) for day, at_end in ((start, False), (end, True)))
    if first and last and first > last:
        raise Refused([BAD_QUESTION.broken(f"the time asked for ends ({last}) before it starts ({first}).")])
    build = build_for(workspace, Asked((), as_of=as_of), known_at, now=now, progress=progress)
    there, model = opened(build), workspace.model
    rows = {(r["flow"], r["stage"]): r for r in there.reader.rows(counts(model, first, last)).to_pylist()}
    lacks: dict[tuple[str, str], tuple[Lack, ...]] = {}
    for row in there.reader.rows(lacked(first, last)).to_pylist():
        key = row.pop("flow"), row.pop("stage")
        lacks[key] = (*lacks.get(key, ()), Lack(**row))
    found = tuple(
        _report(workspace, one, rows.get((one.flow, one.stage), {}), lacks.get((one.flow, one.stage), ()))
        for one in gates(model)
    )
    return GatesReport(found, first, last, there.as_of, build.name)


def _day(workspace: Workspace, day: Day, *, last: bool) -> date | None:
    found = day_of(day, workspace.config.fiscal_year_start, last=last)
    if day is not None and found is None:
        raise Refused([BAD_QUESTION.broken(f"'{day}' is no day and no period.")])
    return found


def _report(workspace: Workspace, one: Gate, row: Mapping[str, Any], lacks: tuple[Lack, ...]) -> GateReport:
    model = workspace.model
    is_deal = one.subject is Subject.OPPORTUNITY
    count = {name: row.get(name) or 0 for name in ("came", "waiting", "passed", *WAYS, "stopped", "from_today")}
    closed = [Fared(row.get(f"won_{way}") or 0, row.get(f"closed_{way}") or 0) for way in WAYS]
    onward = [Fared(row.get(f"on_{way}") or 0, row.get(f"went_{way}") or 0) for way in WAYS]
    won = compared(closed[0], closed[1], has_after=len(one.forward) > 1) if is_deal else None
    went_on = compared(onward[0], onward[1], has_after=len(one.forward) > 1)
    chosen = won or went_on
    role = model.role(one.owner)
    required, filled = row.get("required") or 0, row.get("filled") or 0
    return GateReport(
        flow=one.flow,
        stage=one.stage,
        label=label_of(model, one),
        subject=str(one.subject),
        owner=role.title if role else one.owner or "",
        required=tuple(column for column, _ in one.required),
        exit_when=one.exit_when.text if one.exit_when else "",
        **count,
        completeness=float(filled / required) if required else None,
        lacks=lacks,
        won=won,
        won_waived=closed[2] if is_deal else None,
        went_on=went_on,
        verdict=str(chosen.verdict),
        says=_says(chosen, "won" if won else "went on"),
    )


def _says(found: Compared, word: str) -> str:
    """The verdict in words."""
    match found.verdict:
        case "nothing_after":
            return "Nothing follows that could tell."
        case "too_few":
            return "Too few to tell."
        case "no_difference":
            return f"No difference seen: those who slipped through {word} as often. It may be dropped."
        case "reversed":
            return f"Those who slipped through {word} more often: it asks for the wrong things."
    return f"Useful: those who passed with everything {word} more often than those who slipped through."
