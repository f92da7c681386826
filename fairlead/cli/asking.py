"""Commands that answer: ask, explain."""

from typing import TYPE_CHECKING, Annotated

import typer

from fairlead.cli import agreeing, show
from fairlead.cli.frame import AsOf, FirstDay, Json, KnownAt, LastDay, Xlsx, here, moment, print_json

if TYPE_CHECKING:
    from fairlead.workspace import Workspace

commands = typer.Typer()


@commands.command()
def ask(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    metrics: Annotated[list[str], typer.Argument(help="Metrics or measures of the dictionary.", metavar="METRIC...")],
    per: Annotated[str | None, typer.Option(help="day, week, month, quarter or year.")] = None,
    by: Annotated[
        list[str] | None, typer.Option(help="Cut by this dimension; may be given again.", metavar="DIM")
    ] = None,
    where: Annotated[str | None, typer.Option(help="Only rows for which this holds.", metavar="PREDICATE")] = None,
    start: FirstDay = None,
    end: LastDay = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    defined_on: Annotated[
        str | None, typer.Option(help="Reckon by the dictionary of this day, period or build.", metavar="D")
    ] = None,
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    xlsx: Xlsx = None,
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
            defined_on=defined_on,
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
    start: FirstDay = None,
    end: LastDay = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    limit: Annotated[
        int | None, typer.Option(help="At most so many records; default: all in files, 50 on screen.")
    ] = None,
    versions: Annotated[
        bool, typer.Option("--versions", help="Show every definition it had, and its months under each.")
    ] = False,
    search: Annotated[str, typer.Option(help="Search the dictionary: names, numbers, aliases, definitions.")] = "",
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV (with --rows).")] = False,
) -> None:
    """Explain a metric: definition, owner, target, plan, tree, SQL, lineage to file and column; --rows its records."""
    from fairlead.actions import exporting
    from fairlead.actions.asking import Asked
    from fairlead.actions.explaining import rows_behind

    workspace = here()
    if metric is None:
        _listed(workspace, search, as_json=as_json)
        return
    if versions:
        _versions(workspace, metric, start, end, as_of, as_json=as_json)
        return
    if not (rows or where or start or end or as_of or known_at or limit is not None or as_csv):
        _explained(workspace, metric, as_json=as_json)
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


def _listed(workspace: "Workspace", search: str, *, as_json: bool) -> None:
    """The dictionary: every metric, or every word that was searched for."""
    from fairlead.actions.dictionary import terms
    from fairlead.actions.explaining import dictionary

    if search:
        found = terms(workspace, search=search)
        print_json([t._asdict() for t in found]) if as_json else agreeing.terms(found)
        return
    listed = dictionary(workspace)
    if as_json:
        print_json([entry._asdict() for entry in listed])
    else:
        show.dictionary(listed)


def _explained(workspace: "Workspace", name: str, *, as_json: bool) -> None:
    """One word, and when it is a number, how it comes about."""
    from fairlead.actions.dictionary import term

    page = term(workspace, name)
    explained = page.explanation
    if explained:
        show.problems(explained.notes)
    if as_json:
        more = page._replace(explanation=None)._asdict()
        print_json({**more, **explained._asdict()} if explained else more)
        return
    if explained:
        show.explanation(explained, workspace.manner)
        show.say("\nAgreed", "bold")
    agreeing.page(page, workspace.manner)


def _versions(  # noqa: PLR0913
    workspace: "Workspace", name: str, start: str | None, end: str | None, as_of: str | None, *, as_json: bool
) -> None:
    from fairlead.actions.versions import restated

    found = restated(workspace, name, start=start, end=end, as_of=as_of)
    if as_json:
        print_json([series._asdict() for series in found])
    else:
        agreeing.versions(found, workspace.manner)
