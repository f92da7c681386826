"""Commands that answer: ask, explain."""

from pathlib import Path
from typing import Annotated

import typer

from fairlead.cli import show
from fairlead.cli.frame import Json, KnownAt, here, moment, print_json

commands = typer.Typer()


@commands.command()
def ask(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    metrics: Annotated[list[str], typer.Argument(help="Metrics or measures of the dictionary.", metavar="METRIC...")],
    per: Annotated[str | None, typer.Option(help="day, week, month, quarter or year.")] = None,
    by: Annotated[
        list[str] | None, typer.Option(help="Cut by this dimension; may be given again.", metavar="DIM")
    ] = None,
    where: Annotated[str | None, typer.Option(help="Only rows for which this holds.", metavar="PREDICATE")] = None,
    start: Annotated[str | None, typer.Option("--from", help="First day or period.", metavar="D")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Last day or period, included.", metavar="D")] = None,
    as_of: Annotated[str | None, typer.Option(help="The last day that counts.", metavar="T")] = None,
    known_at: KnownAt = None,
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    xlsx: Annotated[Path | None, typer.Option(help="Write an Excel file.", metavar="F")] = None,
    sql: Annotated[bool, typer.Option("--sql", help="Print the SQL instead of the answer.")] = False,
) -> None:
    """Ask for numbers, by period and dimension."""
    from fairlead.actions import exporting
    from fairlead.actions.asking import ask as verb

    workspace = here()
    with show.progress() as progress:
        known = moment(known_at, workspace)
        given = verb(
            workspace,
            metrics,
            per=per,
            by=by or (),
            where=where,
            start=start,
            end=end,
            as_of=as_of,
            known_at=known,
            progress=progress,
        )
    show.problems(given.notes)
    if xlsx:
        exporting.to_xlsx(given.table, xlsx)
        show.note(f"Wrote {xlsx}.")
    elif sql:
        show.plain(given.sql)
    elif as_json:
        show.plain(exporting.to_json(given.table))
    elif as_csv:
        show.plain(exporting.to_csv(given.table).rstrip("\n"))
    else:
        show.answer(given.table, by or (), workspace.manner)


@commands.command()
def explain(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    metric: Annotated[str | None, typer.Argument(help="A metric or measure; default: list them all.")] = None,
    rows: Annotated[
        bool, typer.Option("--rows", help="Show the records behind the number; so do --where, --from, --to, --as-of.")
    ] = False,
    where: Annotated[str | None, typer.Option(help="Only rows for which this holds.", metavar="PREDICATE")] = None,
    start: Annotated[str | None, typer.Option("--from", help="First day or period.", metavar="D")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Last day or period, included.", metavar="D")] = None,
    as_of: Annotated[str | None, typer.Option(help="The last day that counts.", metavar="T")] = None,
    known_at: KnownAt = None,
    limit: Annotated[
        int | None, typer.Option(help="At most so many records; default: all in files, 50 on screen.")
    ] = None,
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV (with --rows).")] = False,
) -> None:
    """Explain a metric: definition, owner, target, plan, tree, SQL, lineage to file and column; --rows its records."""
    from fairlead.actions import exporting
    from fairlead.actions.asking import Asked
    from fairlead.actions.explaining import dictionary, rows_behind
    from fairlead.actions.explaining import explain as verb

    workspace = here()
    if metric is None:
        listed = dictionary(workspace)
        if as_json:
            print_json([entry._asdict() for entry in listed])
        else:
            show.dictionary(listed)
        return
    if not (rows or where or start or end or as_of or known_at or limit is not None or as_csv):
        found = verb(workspace, metric)
        show.problems(found.notes)
        if as_json:
            print_json(found._asdict())
        else:
            show.explanation(found)
        return
    most = limit if limit is not None or as_json or as_csv else 50
    asked = Asked((metric,), None, (), where, start, end, as_of)
    with show.progress() as progress:
        known = moment(known_at, workspace)
        tables = rows_behind(workspace, asked, limit=most, known_at=known, progress=progress)
    if as_json:
        print_json({name: table.to_pylist() for name, table in tables.items()})
        return
    for name, table in tables.items():
        if as_csv:
            show.plain(exporting.to_csv(table).rstrip("\n"))
        else:
            show.records(name, table, most)
