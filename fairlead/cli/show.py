"""How answers look in a terminal. Numbers, tables and JSON go to stdout; progress, notes and problems to stderr."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from fairlead.picture.wording import Manner, moment_words, period_words, worded
from fairlead.problem import Problem
from fairlead.values import moment_from

if TYPE_CHECKING:
    import pyarrow as pa

    from fairlead.actions.building import Built, SetAside
    from fairlead.actions.explaining import Entry, Explanation
    from fairlead.actions.syncing import Synced
    from fairlead.desk import Person
    from fairlead.record.recipe import Mapped

WIDE = 400  # in a pipe or a file nothing is folded: other programs read it
out = Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else WIDE)
err = Console(stderr=True, soft_wrap=True, highlight=False)


def say(text: str = "", style: str | None = None) -> None:
    out.print(Text(text, style=style or ""))


def said(value: float | Decimal | None, unit: str, manner: Manner) -> str:
    """A number in its unit as the company writes it; nothing where it is not known."""
    return "" if value is None else worded(value, unit, manner).text


def plain(text: str) -> None:
    """Text for other programs: exactly as it is."""
    print(text)  # noqa: T201


def note(text: str, style: str | None = None) -> None:
    err.print(Text(text, style=style or "dim"))


def say_error(text: str) -> None:
    err.print(Text(text, style="red"))


def problems(found: Sequence[Problem]) -> None:
    """One line a problem: where, how bad, what, and what to do."""
    for problem in found:
        line = Text()
        if problem.where:
            line.append(f"{problem.where}: ", style="bold")
        line.append(str(problem.severity), style="red" if problem.is_error else "yellow")
        line.append(f" [{problem.code}] ", style="dim")
        line.append(problem.ended)
        if problem.hint:
            line.append(f" {problem.hint}", style="italic")
        err.print(line)


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on stderr for work over a second; in a pipe or a log, one line a piece of work instead."""
    if not err.is_terminal:
        said: set[str] = set()

        def line(what: str, done: int, total: int) -> None:
            word = what.partition(" ")[0]
            if word not in said:
                said.add(word)
                note(f"{what} ...")

        yield line
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("", total=None)

        def step(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        yield step


def table(headers: Sequence[str], rows: Sequence[Sequence[object]], numbers: Sequence[str] = ()) -> None:
    """A plain table; columns named in `numbers` stand to the right."""
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for header in headers:
        shown.add_column(header, justify="right" if header in numbers else "left", overflow="fold")
    for row in rows:
        shown.add_row(*(Text("" if value is None else str(value)) for value in row))
    out.print(shown)


def answer(given: "pa.Table", by: Sequence[str], manner: Manner) -> None:
    """Metrics beside each other, one line a period and combination of dimensions."""
    metrics = list(dict.fromkeys(given["metric"].to_pylist()))
    lines: dict[tuple[object, ...], dict[str, str]] = {}
    for row in given.to_pylist():
        key = (row["period"], *(row[name] for name in by))
        value = "undefined" if row["value"] is None else worded(row["value"], row["unit"], manner).text
        lines.setdefault(key, {})[row["metric"]] = value
    rows = [
        [
            period_words(str(key[0]), manner),
            *("(none)" if k is None else k for k in key[1:]),
            *(values.get(m, "") for m in metrics),
        ]
        for key, values in lines.items()
    ]
    table(["period", *by, *metrics], rows, numbers=metrics)


def synced(done: "Synced") -> None:
    """What was landed, kept and set aside."""
    rows = [
        [f"{x.source}/{x.table}", x.rows, x.added, x.changed, x.deleted, x.unchanged + x.folded] for x in done.landings
    ]
    headers = ["landed", "rows", "new", "changed", "gone", "as before"]
    table(headers, rows, numbers=headers[1:])
    say()
    built(done.build, is_new=done.is_new)


def built(build: "Built", *, is_new: bool = True) -> None:
    """One build's counts by table, only the tables that have rows."""
    headers = ["table", "source", "rows in", "kept", "set aside", "left out", "broken references", "empty references"]
    rows = [
        [t.table, t.source, t.rows_in, t.kept, t.set_aside, t.left_out, t.broken_references, t.empty_references]
        for t in build.tables
    ]
    table(headers, rows, numbers=headers[2:])
    word = f"Published in {build.seconds:.1f} s" if is_new else "Nothing is new; published before"
    say(f"{word}: {build.build} (as of {build.as_of}), {build.kept} of {build.rows_in} rows kept.", "green")
    if build.set_aside:
        were = "row was" if build.set_aside == 1 else "rows were"
        note(f"{build.set_aside} {were} set aside; `fairlead builds --set-aside` says why.", "yellow")


def builds(listed: Sequence["Built"], manner: Manner) -> None:
    """Builds, newest first; the published one is marked."""
    headers = ["", "build", "made", "known at", "rows in", "kept", "set aside", "seconds", "model", "loads"]
    rows = [
        ["▶" if b.is_current else "", b.build, _moment(b.made_at, manner), _moment(b.known_at, manner),
         b.rows_in, b.kept, b.set_aside, f"{b.seconds:.1f}", b.model_digest[:8], b.load_digest[:8]]
        for b in listed
    ]  # fmt: skip
    table(headers, rows, numbers=headers[4:8])


def _moment(text: str | None, manner: Manner) -> str:
    """A moment of a manifest, as the company writes moments."""
    moment = moment_from(text)
    return moment_words(moment, manner) if moment else ""


def people(found: Sequence["Person"]) -> None:
    """Who may sign in, a line each."""
    headers = ["user", "name", "email", "access", "sign-in", "last", "tokens"]
    rows = [
        [p.username, p.name, p.email, p.access, _way_in(p), f"{p.last_sign_in or ''}"[:16], ", ".join(p.tokens)]
        for p in found
    ]
    table(headers, rows)


def _way_in(person: "Person") -> str:
    return "off" if not person.is_active else "password or link" if person.has_password else "link"


def set_aside(found: Sequence["SetAside"]) -> None:
    """Why rows do not count: one line a reason, with an example."""
    headers = ["rows", "table", "source", "reason", "for example", "at"]
    table(
        headers,
        [[s.rows, s.table, s.source, s.reason, s.detail, f"{s.file}:{s.line}"] for s in found],
        numbers=["rows"],
    )


def mapped(found: Sequence["Mapped"]) -> None:
    """Values that were read as others: one line an entry of a value map that was met."""
    headers = ["rows", "record", "source", "column", "found", "read as"]
    rows = [
        [m.rows, f"{m.table}.{m.column}", m.source, m.source_column, m.found, m.read_as or "(empty)"] for m in found
    ]
    table(headers, rows, numbers=["rows"])


def counts(**numbers: int) -> str:
    """Numbers of things, one of them in the singular: counts(errors=1, warnings=0) is '1 error, 0 warnings'."""
    return ", ".join(f"{n:,} {name.removesuffix('s') if n == 1 else name}" for name, n in numbers.items())


def explanation(e: "Explanation", manner: Manner) -> None:
    """A metric in full."""
    from fairlead.actions.standing import limits_words

    metric = e.metric
    say(metric.title if metric else e.name, "bold")
    if metric:
        say(metric.definition)
        _fields(
            {
                "Name": f"{e.name} ({metric.id})" if metric.id else e.name,
                "Unit": f"{metric.unit}; better {metric.better}",
                "Owner": e.owner,
                "Target": limits_words(metric.target, str(metric.unit), manner),
                "Plan when missed": metric.plan,
                "Note": metric.note,
                "Also called": ", ".join(metric.aliases),
            }
        )
    if e.decision:
        say(f"\nWhere practitioners differ ({e.decision.name}: {e.decision.topic})", "bold")
        for position in e.decision.positions:
            say(f"  {position.who}: {position.says}")
        say(f"  Decided: {e.decision.decision}")
    say("\nTree", "bold")
    _fields(
        {
            "Made of": ", ".join(e.made_of or [m.column for m in e.measures]),
            "Part of": ", ".join(e.part_of),
            "Drives": ", ".join(e.drives),
            "Driven by": ", ".join(e.driven_by),
        }
    )
    for m in e.measures:
        when = f"during {m.measure.during[0]} to {m.measure.during[1]}" if m.measure.during else f"by {m.measure.at}"
        where = f" where {m.measure.where}" if m.measure.where else ""
        reading = m.measure.reading
        say(f"  {m.column} = {reading.aggregate}({reading.expression}) of {m.measure.from_} {when}{where}")
    if e.lineage:
        say("\nLineage", "bold")
        rows = [
            [o.measure, f"{o.table}.{o.column}", o.source, ", ".join(o.files), ", ".join(o.columns) or "(constant)"]
            for o in e.lineage
        ]
        table(["measure", "record", "source", "file", "column"], rows)
    if e.sql:
        say("\nSQL, by month", "bold")
        say(e.sql)


def _fields(fields: dict[str, str]) -> None:
    for name, value in fields.items():
        if value:
            say(f"  {name}: {value}")


def dictionary(entries: Sequence["Entry"]) -> None:
    """The dictionary, a line a metric; what cannot be computed yet says what it needs."""
    rows = [[e.id, e.name, e.label, e.unit, e.owner, "; ".join(e.needs)] for e in entries]
    table(["id", "name", "metric", "unit", "owner", "needs"], rows)


def records(name: str, found: "pa.Table", most: int | None) -> None:
    """The records behind one measure."""
    say(name, "bold")
    columns = [c for c in found.column_names if c != "measure"]
    table(columns, [[row[c] for c in columns] for row in found.to_pylist()])
    if most is not None and found.num_rows >= most:
        note(f"The first {most}; `--limit` shows more, `--csv` and `--json` all.")
