"""Compare two models, and two builds: what was agreed, read and known before, and what is now."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from fairlead.actions.asking import opened
from fairlead.actions.building import Built, built, mapped, named
from fairlead.actions.lensing import MOVEMENTS, counted, differences
from fairlead.analysis.restated import months_restated
from fairlead.analysis.revenue_report import Asked
from fairlead.model.diff import Change, diff
from fairlead.model.load import load
from fairlead.model.tables import TABLES
from fairlead.model.whole import Model
from fairlead.problem import Refused
from fairlead.record.engine import Reader
from fairlead.record.lake import manifest
from fairlead.record.recipe import Mapped, TableCount
from fairlead.values import Period, Progress, add_months, quiet
from fairlead.workspace import Workspace

if TYPE_CHECKING:
    from fairlead.actions.why import Why


def compare(a: Path, b: Path) -> tuple[Change, ...]:
    """What changed from the model in `a` to that in `b`; each a model folder or a workspace."""
    return tuple(diff(_model(a), _model(b)))


def _model(folder: Path) -> Model:
    model, problems = load(folder / "model" if (folder / "model").is_dir() else folder)
    if errors := [p for p in problems if p.is_error]:
        raise Refused(errors)
    return model


class TableChange(NamedTuple):
    """Counts of one table and source in two builds; None where a build has no such table from that source."""

    table: str
    source: str
    before: TableCount | None
    after: TableCount | None

    @property
    def is_same(self) -> bool:
        return self.before == self.after


class Reading(NamedTuple):
    """Rows whose value was read as another one, in two builds: how many in each."""

    table: str
    column: str
    source: str
    found: str
    read_as: str | None
    before: int
    after: int


class BuildComparison(NamedTuple):
    """Two builds side by side, `a` the one compared with.

    `only_a` and `only_b` are loads that only one was made from. `changes` is None when the model of one was not kept.
    `settings` say what else they were made with. `definitions` are the accounts whose recurring revenue is another one
    because it is counted by other switches: the movement of kind `definition` from one to the other. `moves` is how the
    scoreboard's numbers moved, business and record apart, over the last whole period that both know; `notes` say what
    could not be told.
    """

    a: Built
    b: Built
    tables: tuple[TableChange, ...]
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]
    readings: tuple[Reading, ...]
    changes: tuple[Change, ...] | None
    code_changed: bool
    settings: tuple[str, ...]
    definitions: tuple["Definition", ...]
    moves: "tuple[Why, ...]"
    notes: tuple[str, ...]


class Definition(NamedTuple):
    """How a change of the switches of recurring revenue moved an account's on the last day both builds know.

    The same lines are counted by both: `money` is `after` less `before`, in the company's currency; `moved` is the
    money of the last twelve months' movements that are of another kind or day now. `why` names the switches.
    """

    account_id: str
    account: str | None
    before: Decimal
    after: Decimal
    money: Decimal
    moved: Decimal
    why: tuple[str, ...]


SETTINGS = ("currency", "timezone", "fiscal_year_start")


def compare_builds(
    workspace: Workspace, a: str, b: str, *, now: datetime | None = None, progress: Progress = quiet
) -> BuildComparison:
    """What differs from build `a` to build `b`, each a name or its beginning; Refused when there is no such build."""
    now = now or datetime.now(UTC)
    paths = named(workspace, a), named(workspace, b)
    current = workspace.lake.current()
    one, other = (built(path, is_current=path == current) for path in paths)
    said, says = manifest(paths[0]), manifest(paths[1])
    loads = [set(m["loads"]) for m in (said, says)]
    models = [workspace.model_of(m["model_digest"]) for m in (said, says)]
    moves, notes = _moves(workspace, paths, models[1], now, progress)
    if None in models:
        notes = ("The model of one of them was not kept, so what changed in it is not known.", *notes)
    changes = tuple(diff(models[0], models[1])) if models[0] is not None and models[1] is not None else None
    return BuildComparison(
        a=one,
        b=other,
        tables=_tables(one.tables, other.tables),
        only_a=tuple(sorted(loads[0] - loads[1])),
        only_b=tuple(sorted(loads[1] - loads[0])),
        readings=_readings(mapped(paths[0]), mapped(paths[1])),
        changes=changes,
        code_changed=said["code_digest"] != says["code_digest"],
        settings=tuple(
            f"{name.replace('_', ' ')} was {said[name]} and is {says[name]}"
            for name in SETTINGS
            if said[name] != says[name]
        ),
        definitions=_definitions(paths[1], *models),
        moves=moves,
        notes=(*_months_restated(paths, said, says), *notes),
    )


MONTHS_OF = "mart.account_month"


def _months_restated(paths: tuple[Path, Path], said: Mapping[str, Any], says: Mapping[str, Any]) -> tuple[str, ...]:
    """That past months' recurring revenue is another one in the later build, though counts may well be the same."""
    if said["currency"] != says["currency"] or not (MONTHS_OF in said["rows"] and MONTHS_OF in says["rows"]):
        return ()
    reader = Reader(paths[1], earlier=paths[0])
    try:
        until = min(date.fromisoformat(each["as_of"]) for each in (said, says))
        rows = reader.rows(months_restated(until)).to_pylist()
    finally:
        reader.close()
    if not rows:
        return ()
    most, months = rows[0], sorted(row["month"] for row in rows)
    which = (
        f"{months[0]:%Y-%m}" if len(rows) == 1 else f"{len(rows)} months from {months[0]:%Y-%m} to {months[-1]:%Y-%m}"
    )
    return (
        f"MRR at the end of {which} is told otherwise; most in {most['month']:%Y-%m}: {most['was']:,.2f}"
        f" {says['currency']} became {most['now']:,.2f}.",
    )


def _definitions(build: Path, before: Model | None, after: Model | None) -> tuple[Definition, ...]:
    """The accounts of the later build whose revenue the switches of the earlier one's model would count otherwise."""
    if before is None or after is None or before.revenue.switches == after.revenue.switches:
        return ()
    if MOVEMENTS not in manifest(build)["rows"]:
        return ()
    there, currency = opened(build), str(manifest(build)["currency"])
    first = add_months(there.as_of.replace(day=1), -11)
    asked = Asked((Period("", first, there.as_of + timedelta(days=1)),), None, True, False)
    was, now = before.revenue.switches, after.revenue.switches
    found = differences(there, currency, asked, now, counted(there, currency, was), was)
    return tuple(
        Definition(d.account_id, d.account, d.would_be, d.was, d.was - d.would_be, d.moved, d.why) for d in found
    )


def _moves(
    workspace: Workspace, paths: tuple[Path, Path], model: Model | None, now: datetime, progress: Progress
) -> tuple[tuple["Why", ...], tuple[str, ...]]:
    """How the scoreboard's numbers of the last month that was whole in both builds differ, and what is not known."""
    from fairlead.actions.why import why  # here: two builds may be compared without it

    if model is None:
        return (), ("The later build's model was not kept, so how its numbers moved is not known.",)
    period = _last_month(*(date.fromisoformat(manifest(path)["as_of"]) for path in paths))
    there = workspace.defined_by(model, paths[1])
    moves, notes = [], []
    for done, metric in enumerate(model.scoreboard, 1):
        progress(f"comparing {metric.name}", done, len(model.scoreboard))
        try:
            moves.append(why(there, metric.name, start=period, end=period, reported=paths[0].name, now=now))
        except Refused as refused:
            notes.append(f"{metric.title}: {refused.problems[0].says}")
    return tuple(moves), tuple(dict.fromkeys(notes))


def _last_month(*days: date) -> str:
    """The last month that was whole on each of these days, such as 2026-03."""
    after = min(days) + timedelta(days=1)
    return f"{after.replace(day=1) - timedelta(days=1):%Y-%m}"


def _tables(before: Sequence[TableCount], after: Sequence[TableCount]) -> tuple[TableChange, ...]:
    one, other = ({(t.table, t.source): t for t in counts} for counts in (before, after))
    order = list(TABLES)
    keys = sorted(one.keys() | other.keys(), key=lambda key: (order.index(key[0]) if key[0] in TABLES else -1, key))
    return tuple(TableChange(*key, one.get(key), other.get(key)) for key in keys)


def _readings(before: Sequence[Mapped], after: Sequence[Mapped]) -> tuple[Reading, ...]:
    """Values that one build reads otherwise, or more or fewer rows of; most rows first."""
    one, other = (_by_value(values) for values in (before, after))
    found = (Reading(*key, one.get(key, 0), other.get(key, 0)) for key in dict.fromkeys([*one, *other]))
    return tuple(sorted((r for r in found if r.before != r.after), key=lambda r: -max(r.before, r.after)))


def _by_value(values: Sequence[Mapped]) -> dict[tuple[str, str, str, str, str | None], int]:
    counted: Counter[tuple[str, str, str, str, str | None]] = Counter()
    for value in values:
        counted[value.table, value.column, value.source, value.found, value.read_as] += value.rows
    return counted
