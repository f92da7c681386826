"""Every command, each a few lines around one verb. `fairlead COMMAND --help` is its documentation."""

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fairlead import __version__
from fairlead.cli import show

if TYPE_CHECKING:
    from fairlead.workspace import Workspace

app = typer.Typer(
    name="fairlead",
    help="An operating system for revenue: one lifecycle, one set of numbers, handoffs that hold.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
demo = typer.Typer(help="The demo company.", no_args_is_help=True)
user = typer.Typer(help="People who may sign in to the desk.", no_args_is_help=True)
app.add_typer(demo, name="demo")
app.add_typer(user, name="user")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DataOption = Annotated[Path | None, typer.Option("--data", help="Read the exports from this folder.", metavar="DIR")]
KnownAt = Annotated[
    str | None, typer.Option("--known-at", help="Answer from what was known then: 2026-03-31 or 2026-03-31T12:00.")
]


class Place:
    """The workspace named with -C."""

    folder = Path()


@app.callback()
def common(
    workspace: Annotated[
        Path, typer.Option("-C", "--workspace", help="The workspace to work on.", metavar="WORKSPACE")
    ] = Path(),
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
) -> None:
    Place.folder = workspace
    if version:
        show.say(f"fairlead {__version__}")
        raise typer.Exit


def _workspace(data: Path | None = None) -> "Workspace":
    from fairlead.workspace import open_workspace

    return open_workspace(Place.folder, data=data)


def _moment(text: str | None, workspace: "Workspace") -> datetime | None:
    """A moment as a person writes it; a day means its end, a time without offset is the company's."""
    if text is None:
        return None
    from fairlead.actions.laws import BAD_QUESTION
    from fairlead.problem import Refused

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(
            [BAD_QUESTION.broken(f"'{text}' is no moment.", hint="Write 2026-03-31 or 2026-03-31T12:00.")]
        ) from None
    if len(text) == len("2026-03-31"):
        return workspace.end_of(moment.date())
    return moment if moment.tzinfo else moment.replace(tzinfo=workspace.zone)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Folder of the new workspace.")],
    company: Annotated[str | None, typer.Option(help="Company name.")] = None,
) -> None:
    """Make a new workspace with a good default model."""
    from fairlead.actions.starting import init as begin

    workspace = begin(folder, company=company)
    show.say(f"Made {workspace.root}.", "green")
    show.say(
        f"Next: put exports into {workspace.root / workspace.config.data}, then `fairlead map` and `fairlead sync`."
    )


@app.command("map")
def propose(
    data: DataOption = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace mappings that are there.")] = False,
) -> None:
    """Propose what the columns of the exports mean, in a mapping.yaml to read and correct."""
    from fairlead.actions.mapping import propose as verb

    with show.progress() as progress:
        proposals = verb(_workspace(data), overwrite=overwrite, progress=progress)
    for proposal in proposals:
        show.problems(proposal.problems)
        if proposal.written:
            show.say(f"Wrote {proposal.path}.", "green")
        else:
            show.say(f"Kept {proposal.path}, which is there already; `--overwrite` proposes it anew.")
    if any(proposal.written for proposal in proposals):
        show.say("Read the guesses, choose where it asks, then run `fairlead sync`.")


@app.command()
def sync(
    data: DataOption = None,
    exported_at: Annotated[
        str | None, typer.Option("--exported-at", help="When these exports were taken, if not now.", metavar="T")
    ] = None,
    as_json: Json = False,
) -> None:
    """Read the exports, build the record and publish it."""
    from fairlead.actions.syncing import sync as verb

    workspace = _workspace(data)
    with show.progress() as progress:
        done = verb(workspace, exported_at=_moment(exported_at, workspace), progress=progress)
    if as_json:
        landings = [x._asdict() for x in done.landings]
        _print_json({"landings": landings, "build": done.build._asdict(), "problems": _problems(done.problems)})
        return
    show.problems(done.problems)
    show.synced(done)


@app.command()
def check(as_json: Json = False) -> None:
    """Check the model, the mappings and the published build. Exits 1 on errors."""
    from fairlead.actions.checking import check_all

    found = check_all(_workspace())
    errors = sum(1 for p in found if p.is_error)
    if as_json:
        _print_json(_problems(found))
    else:
        show.problems(found)
        show.say(f"{errors} errors, {len(found) - errors} warnings.", "red" if errors else "green")
    if errors:
        raise typer.Exit(1)


@app.command()
def diff(
    a: Annotated[Path, typer.Argument(help="A model folder or workspace.", metavar="A")],
    b: Annotated[Path, typer.Argument(help="Another one.", metavar="B")],
    as_json: Json = False,
) -> None:
    """Name what changed from model A to model B."""
    from fairlead.actions.comparing import compare

    changes = compare(a, b)
    if as_json:
        _print_json([change._asdict() for change in changes])
        return
    for change in changes:
        show.say(str(change))
    show.note(f"{len(changes)} changes." if changes else "No changes.")


@app.command()
def builds(
    as_json: Json = False,
    why: Annotated[bool, typer.Option("--set-aside", help="Say why rows were set aside.")] = False,
    mapped: Annotated[bool, typer.Option("--mapped", help="Show the values that were read as others.")] = False,
    name: Annotated[str | None, typer.Argument(help="One build; default: list them all.", metavar="BUILD")] = None,
) -> None:
    """List builds: rows in, kept and set aside, duration, digests."""
    from fairlead.actions import building

    workspace = _workspace()
    if why or mapped or name:
        path = building.named(workspace, name)
        reasons = building.set_aside(workspace, path)
        values = building.mapped(path)
        listed = building.built(path, is_current=path == workspace.lake.current())
        if as_json:
            more = {"reasons": [s._asdict() for s in reasons], "mapped": [m._asdict() for m in values]}
            _print_json(listed._asdict() | more)
            return
        if not (why or mapped):
            show.built(listed)
        if why:
            show.set_aside(reasons)
        if mapped:
            show.mapped(values)
        return
    every = building.builds(workspace)
    if as_json:
        _print_json([b._asdict() for b in every])
    elif every:
        show.builds(every)
    else:
        show.note("No builds yet. Run `fairlead sync`.")


@app.command()
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

    workspace = _workspace()
    known = _moment(known_at, workspace)
    given = verb(
        workspace, metrics, per=per, by=by or (), where=where, start=start, end=end, as_of=as_of, known_at=known
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
        show.answer(given.table, by or (), workspace.config.currency)


@app.command()
def explain(  # noqa: PLR0913, PLR0917 - a command's options are its parameters
    metric: Annotated[str | None, typer.Argument(help="A metric or measure; default: list them all.")] = None,
    rows: Annotated[bool, typer.Option("--rows", help="Show the records behind the number.")] = False,
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

    workspace = _workspace()
    if metric is None:
        listed = dictionary(workspace)
        if as_json:
            _print_json([entry._asdict() for entry in listed])
        else:
            show.dictionary(listed)
        return
    if not rows:
        found = verb(workspace, metric)
        show.problems(found.notes)
        if as_json:
            _print_json(found._asdict())
        else:
            show.explanation(found)
        return
    most = limit if limit is not None or as_json or as_csv else 50
    asked = Asked((metric,), None, (), where, start, end, as_of)
    tables = rows_behind(workspace, asked, limit=most, known_at=_moment(known_at, workspace))
    if as_json:
        _print_json({name: table.to_pylist() for name, table in tables.items()})
        return
    for name, table in tables.items():
        if as_csv:
            show.plain(exporting.to_csv(table).rstrip("\n"))
        else:
            show.records(name, table, most)


@app.command()
def schema(
    folder: Annotated[Path, typer.Argument(help="Where to write one JSON Schema a subject.")] = Path(
        ".fairlead/schema"
    ),
) -> None:
    """Write JSON Schemas of the model's files, so that editors complete and check them."""
    from fairlead.actions.starting import write_schemas

    for path in write_schemas(folder):
        show.say(str(path))


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes any free one.")] = 8000,
    link_for: Annotated[
        str | None, typer.Option(help="Print a one-time sign-in link for this user.", metavar="USER")
    ] = None,
) -> None:
    """Serve the desk until Ctrl-C."""
    _serve(_workspace(), host, port, link_for)


def _serve(workspace: "Workspace", host: str, port: int, link_for: str | None) -> None:
    from fairlead.desk import Ready
    from fairlead.desk import serve as verb

    def ready(at: Ready) -> None:
        show.say(f"The desk is open at {at.url}. Ctrl-C closes it.", "green")
        if at.link:
            show.say("Sign in once with this link:")
            show.say(at.link, "bold")
        elif not at.people:
            show.note("Nobody may sign in yet: add somebody with `fairlead user add NAME`.", "yellow")

    verb(workspace, host, port, link_for=link_for, on_ready=ready)
    show.note("The desk is closed.")


@demo.command("write")
def demo_write(
    folder: Annotated[Path, typer.Argument(help="Folder of the demo workspace.", metavar="DIR")],
    scale: Annotated[float, typer.Option(help="1 is about 30,000 people and 5,000 deals.")] = 1.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same company.")] = 7,
) -> None:
    """Write the demo company: a workspace whose exports have known faults and known true values."""
    from fairlead.demo import write

    with show.progress() as progress:
        write(folder, scale=scale, seed=seed, progress=progress)
    show.say(f"Wrote {folder}. Next: `fairlead -C {folder} sync`.", "green")


@demo.command("run")
def demo_run(
    folder: Annotated[Path, typer.Argument(help="Folder of the demo workspace.", metavar="DIR")],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes any free one.")] = 8000,
    scale: Annotated[float, typer.Option(help="1 is about 30,000 people and 5,000 deals.")] = 1.0,
    open_desk: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the desk at the end.")] = True,
) -> None:
    """Write the demo company if it is not there, sync, check, and open its desk."""
    from fairlead.actions.checking import check_all
    from fairlead.actions.syncing import sync as verb
    from fairlead.demo import write
    from fairlead.workspace import SETTINGS, open_workspace

    if not (folder / SETTINGS).exists():
        with show.progress() as progress:
            write(folder, scale=scale, progress=progress)
    workspace = open_workspace(folder)
    with show.progress() as progress:
        done = verb(workspace, progress=progress)
    show.built(done.build, is_new=done.is_new)
    found = check_all(workspace)
    errors = [p for p in found if p.is_error]
    show.problems(errors)
    show.say(f"Checked: {len(errors)} errors, {len(found) - len(errors)} warnings.", "red" if errors else "green")
    if open_desk:
        # In a fresh process: the desk forks its workers, and the threads of a used engine do not survive that.
        chosen = ["--host", host, "--port", str(port), "--link-for", "demo"]
        start = "from fairlead.cli import main; main()"
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, "-c", start, "-C", str(folder), "serve", *chosen])  # noqa: S606


@user.command("add")
def user_add(
    name: Annotated[str, typer.Argument(help="Name to sign in with.")],
    full_name: Annotated[str, typer.Option("--name", help="Full name.")] = "",
    email: Annotated[str, typer.Option(help="Work email.")] = "",
    access: Annotated[str, typer.Option(help="owner, team or none.")] = "team",
    password: Annotated[bool, typer.Option("--password", help="Ask for a password.")] = False,
) -> None:
    """Let somebody sign in to the desk; without a password, by link."""
    from fairlead.desk import NewUser, add_user, sign_in_link

    secret = typer.prompt("Password", hide_input=True, confirmation_prompt=True) if password else None
    workspace = _workspace()
    add_user(workspace, NewUser(name, full_name, email, access, secret))
    show.say(f"{name} may sign in.", "green")
    if secret is None:
        show.say(sign_in_link(workspace, name))


@user.command("link")
def user_link(
    name: Annotated[str, typer.Argument(help="Who it is for.")],
    site: Annotated[str, typer.Option(help="Address of the desk.")] = "http://127.0.0.1:8000",
) -> None:
    """Print a link that signs somebody in once."""
    from fairlead.desk import sign_in_link

    show.say(sign_in_link(_workspace(), name, site=site))


def _problems(found: object) -> list[dict[str, object]]:
    from fairlead.problem import Problem

    listed = found if isinstance(found, list | tuple) else []
    return [
        {
            "code": p.code,
            "severity": str(p.severity),
            "file": p.where.file if p.where else None,
            "line": p.where.line if p.where else None,
            "message": p.message,
            "hint": p.hint,
        }
        for p in listed
        if isinstance(p, Problem)
    ]


def _print_json(value: object) -> None:
    show.plain(json.dumps(value, indent=1, ensure_ascii=False, default=_plain))


def _plain(value: object) -> object:
    from pydantic import BaseModel

    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value)
