"""The report of all gates: who was stopped, what lacked, who slipped through, and whether a gate is worth keeping."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from fairlead.actions.asking import Asked, Opened, build_for, opened
from fairlead.actions.building import built
from fairlead.actions.days import Day, days_of, grain_of, reversed_time
from fairlead.actions.gates import gates_of, label_of
from fairlead.actions.laws import UNKNOWN_DIMENSION
from fairlead.analysis.dimension import dimensions, resolve
from fairlead.analysis.gate import Gate
from fairlead.analysis.gate_report import Ask, Compared, Fared, Verdict, compared, counts, lacked, untold
from fairlead.model.agreed import Subject
from fairlead.model.tables import TABLES
from fairlead.model.whole import Model
from fairlead.problem import Problem, Refused, did_you_mean
from fairlead.values import Grain, Period, Progress, add_months, moment_from, periods, quiet
from fairlead.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

WAYS = ("clean", "slipped", "waived")
COUNTED = ("came", "waiting", "waiting_waived", "passed", *WAYS, "stopped", "from_today")
NAMED = {"owner": "owner.name"}  # a way to say it that is no column
MONTHS = 12  # cut by time where no first day is given


class Lack(NamedTuple):
    """A required column, or `exit`, and how many lacked it: lacked = slipped + waived + stopped.

    `waived`: passed by leave, or still there and may.
    """

    item: str
    lacked: int
    slipped: int
    waived: int
    stopped: int


class Untold(NamedTuple):
    """A column without a history, and of how many who left it was taken as it is today."""

    item: str
    stays: int


class Part(NamedTuple):
    """How one gate did with some: of a `period`, and of one value of what it is cut by; '' and None for all of them.

    `start` and `end` are the first and the last day of the time looked at, None for no limit.
    came = passed + stopped + those still there with nothing lacking, or waived (`waiting_waived`). `completeness` is
    the share of required fields that those who passed had, as in the metric gate_completeness. `is_end`: nothing comes
    after the stage; then it is of those in it, and whoever is reopened was not stopped by it. `won` compares the win
    rates of those who passed, None where the subject is no deal; `went_on` whether they left the next stage forward.
    `verdict` is that of `won`, else of `went_on`. `from_today` counts stays of which something was taken as it is
    today; `says` then tells that the verdict is hindsight.
    """

    flow: str
    stage: str
    period: str
    cut: str | None
    start: date | None
    end: date | None
    is_end: bool
    came: int
    waiting: int
    waiting_waived: int
    passed: int
    clean: int
    slipped: int
    waived: int
    stopped: int
    from_today: int
    completeness: float | None
    won: Compared | None
    won_waived: Fared | None
    went_on: Compared
    verdict: str
    says: str


class GateReport(NamedTuple):
    """A gate: what it asks for, how it did with everybody (as in `Part`), and what they lacked, most often first.

    `hindsight` says which columns have no history and of how many that matters; empty where the record tells all.
    """

    flow: str
    stage: str
    label: str
    subject: str
    owner: str
    required: tuple[str, ...]
    exit_when: str
    is_end: bool
    came: int
    waiting: int
    waiting_waived: int
    passed: int
    clean: int
    slipped: int
    waived: int
    stopped: int
    from_today: int
    completeness: float | None
    lacks: tuple[Lack, ...]
    untold: tuple[Untold, ...]
    hindsight: str
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
    """Every gate in the model's order; `start` and `end` are both included, None for no limit.

    `parts`: the gates cut by `by`, a dimension as the tables know it, and by periods; empty where nothing is cut.
    """

    gates: tuple[GateReport, ...]
    by: str | None
    per: str | None
    parts: tuple[Part, ...]
    start: date | None
    end: date | None
    as_of: date
    build: str
    built_at: datetime | None
    seen_at: datetime | None


def gates_report(  # noqa: PLR0913 - a time, a cut and the moments it is seen from
    workspace: Workspace,
    *,
    flow: str | None = None,
    by: str | None = None,
    per: Grain | str | None = None,
    start: Day = None,
    end: Day = None,
    as_of: Day = None,
    known_at: datetime | None = None,
    now: datetime | None = None,
    progress: Progress = quiet,
) -> GatesReport:
    """How every gate did with those who left its stage, or still are in it, from `start` to `end`.

    `flow` leaves the gates of other flows out. `by` cuts it by a dimension (segment, owner, ...), `per` by periods,
    then twelve months back where no `start` is given. Raises Refused for a time that is none, an unknown dimension,
    period and flow.
    """
    now = now or datetime.now(UTC)
    build = build_for(workspace, Asked((), as_of=as_of), known_at, now=now, progress=progress)
    there, model, said = opened(build), workspace.model, built(build, is_current=False)
    known, ask = gates_of(model, flow), _understood(there, by, per, start, end)
    every = ask._replace(by=None, periods=())
    rows = {(r["flow"], r["stage"]): r for r in there.reader.rows(counts(model, every)).to_pylist()}
    lacks, today = (
        [((r.pop("flow"), r.pop("stage")), r) for r in there.reader.rows(query(model, every)).to_pylist()]
        for query in (lacked, untold)
    )
    return GatesReport(
        gates=tuple(
            _report(
                model,
                one,
                rows.get((one.flow, one.stage), {}),
                tuple(Lack(**row) for key, row in lacks if key == (one.flow, one.stage)),
                tuple(Untold(**row) for key, row in today if key == (one.flow, one.stage)),
            )
            for one in known
        ),
        by=ask.by,
        per=str(per) if per else None,
        parts=_parts(there, model, known, ask) if ask.by or ask.periods else (),
        start=ask.start,
        end=ask.end,
        as_of=there.as_of,
        build=build.name,
        built_at=moment_from(said.made_at),
        seen_at=moment_from(said.seen_at),
    )


def _understood(there: Opened, by: str | None, per: Grain | str | None, start: Day, end: Day) -> Ask:
    faults: list[Problem] = []
    first, last, _ = days_of(start, end, None, there.fiscal_year_start, faults)
    grain = grain_of(per, faults)
    table, cut = TABLES["gate"], NAMED.get(by, by) if by else None
    path = resolve(table, cut) if cut else None
    if cut and path is None:
        hint = did_you_mean(cut, (*dimensions(table), *NAMED))
        faults.append(UNKNOWN_DIMENSION.broken(f"gate has no '{by}' to cut by.", hint=hint))
    if grain:
        last = min(last or there.as_of, there.as_of)
        first = first or add_months(last.replace(day=1), 1 - MONTHS)
    faults += reversed_time(first, last)
    if faults:
        raise Refused(faults)
    dotted = ".".join((*path.references, path.column.name)) if path else None
    return Ask(first, last, _periods(there, first, last, grain), dotted, there.as_of, there.timezone)


def _periods(there: Opened, first: date | None, last: date | None, grain: Grain | None) -> tuple[Period, ...]:
    """The periods of the time asked for, cut off at its ends."""
    if not (first and last and grain):
        return ()
    after = last + timedelta(days=1)
    found = periods(first, after, grain, there.fiscal_year_start)
    return tuple(Period(p.name, max(p.start, first), min(p.end, after)) for p in found)


def _parts(there: Opened, model: Model, known: Sequence[Gate], ask: Ask) -> tuple[Part, ...]:
    rows = there.reader.rows(counts(model, ask)).to_pylist()
    spans = {p.name: (p.start, p.end - timedelta(days=1)) for p in ask.periods}
    return tuple(
        _part(one, row, spans.get(row["period"], (ask.start, ask.end)))
        for one in known
        for row in rows
        if (row["flow"], row["stage"]) == (one.flow, one.stage)
    )


def _part(one: Gate, row: Mapping[str, Any], span: tuple[date | None, date | None] = (None, None)) -> Part:
    is_deal = one.subject is Subject.OPPORTUNITY
    count = {name: row.get(name) or 0 for name in COUNTED}
    closed = [Fared(row.get(f"won_{way}") or 0, row.get(f"closed_{way}") or 0) for way in WAYS]
    onward = [Fared(row.get(f"on_{way}") or 0, row.get(f"went_{way}") or 0) for way in WAYS]
    won = compared(closed[0], closed[1], has_after=len(one.forward) > 1) if is_deal else None
    went_on = compared(onward[0], onward[1], has_after=len(one.forward) > 1)
    chosen = won or went_on
    required, filled = row.get("required") or 0, row.get("filled") or 0
    return Part(
        flow=one.flow,
        stage=one.stage,
        period=row.get("period") or "",
        cut=row.get("cut"),
        start=span[0],
        end=span[1],
        is_end=not one.forward,
        **count,
        completeness=float(filled / required) if required else None,
        won=won,
        won_waived=closed[2] if is_deal else None,
        went_on=went_on,
        verdict=str(chosen.verdict),
        says=_says(chosen, "won" if won else "went on") + _caution(chosen, count["from_today"], count),
    )


def _report(
    model: Model, one: Gate, row: Mapping[str, Any], lacks: tuple[Lack, ...], today: tuple[Untold, ...]
) -> GateReport:
    role, whole = model.role(one.owner), _part(one, row)._asdict()
    for name in ("period", "cut", "start", "end"):
        del whole[name]
    return GateReport(
        **whole,
        label=label_of(model, one),
        subject=str(one.subject),
        owner=role.title if role else one.owner or "",
        required=tuple(column for column, _ in one.required),
        exit_when=one.exit_when.text if one.exit_when else "",
        lacks=lacks,
        untold=today,
        hindsight=_hindsight(today, whole["came"] - whole["waiting"]),
    )


def _hindsight(today: Sequence[Untold], left: int) -> str:
    """Which columns have no history, and how many were judged by what is there today."""
    if not today:
        return ""
    told = ", ".join(f"{one.item} (of {'all' if one.stays == left else f'{one.stays:,} of'} {left:,})" for one in today)
    return f"Without a history, so judged as it is today: {told}."


def _caution(found: Compared, from_today: int, count: Mapping[str, int]) -> str:
    """What a verdict has to be read with, where some were judged by what is there today."""
    if not from_today or found.verdict in (Verdict.TOO_FEW, Verdict.NOTHING_AFTER):
        return ""
    whom = "all" if from_today == count["came"] - count["waiting"] else "some"
    return f" But that is hindsight: {whom} of them were judged by what is there today."


def _says(found: Compared, word: str) -> str:
    """The verdict in words."""
    match found.verdict:
        case "nothing_after":
            return "Nothing follows that could tell."
        case "too_few":
            return "Too few to say."
        case "no_difference":
            return f"Makes no difference that can be seen: those who slipped {word} as often. Could be dropped."
        case "reversed":
            return f"Those who slipped {word} more often: it asks for the wrong things."
    return f"Useful: those who passed clean {word} more often."


def report_table(found: GatesReport) -> "pa.Table":
    """The report as a table, a row a gate, or a gate, period and cut where it is cut; shares are 0 to 1."""
    import pyarrow as pa

    rows = found.parts or tuple(
        Part(period="", cut=None, start=found.start, end=found.end, **_shared(one)) for one in found.gates
    )
    kinds = {"completeness": pa.float64(), "is_end": pa.bool_(), **{n: pa.int64() for n in COUNTED}}
    texts, shares = ("flow", "stage", "period", "cut"), ("clean_share", "slipped_share", "difference", "low", "high")
    cases = ("clean_hits", "clean_cases", "slipped_hits", "slipped_cases")
    kinds |= dict.fromkeys(("start", "end"), pa.date32())
    kinds |= dict.fromkeys((*texts, "compares", "verdict", "says"), pa.string())
    kinds |= dict.fromkeys(shares, pa.float64()) | dict.fromkeys(cases, pa.int64())
    order = (*texts, "start", "end", "is_end", *COUNTED, "completeness", "compares", *cases, *shares, "verdict", "says")
    return pa.Table.from_pylist([_row(row) for row in rows], schema=pa.schema([(name, kinds[name]) for name in order]))


def _shared(one: GateReport) -> dict[str, Any]:
    return {name: value for name, value in one._asdict().items() if name in Part._fields}


def _row(part: Part) -> dict[str, object]:
    known = part.won or part.went_on
    low, high = known.interval or (None, None)
    return part._asdict() | {
        "compares": "won" if part.won else "went on",
        "clean_hits": known.clean.hits,
        "clean_cases": known.clean.cases,
        "slipped_hits": known.slipped.hits,
        "slipped_cases": known.slipped.cases,
        "clean_share": known.clean.share,
        "slipped_share": known.slipped.share,
        "difference": known.difference,
        "low": low,
        "high": high,
    }
