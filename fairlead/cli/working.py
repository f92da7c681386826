"""Commands that make and keep a workspace: init, map, sync, check, diff, builds, schema."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fairlead.cli import agreeing, show
from fairlead.cli.frame import DataOption, Json, here, moment, print_json, problems

if TYPE_CHECKING:
    from fairlead.workspace import Workspace

commands = typer.Typer()


@commands.command()
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


@commands.command("map")
def propose(
    data: DataOption = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace mappings that are there.")] = False,
) -> None:
    """Propose what the columns of the exports mean, in a mapping.yaml to read and correct."""
    from fairlead.actions.mapping import propose as verb

    with show.progress() as progress:
        proposals = verb(here(data), overwrite=overwrite, progress=progress)
    for proposal in proposals:
        show.problems(proposal.problems)
        if proposal.written:
            show.say(f"Wrote {proposal.path}.", "green")
            for left in proposal.unread:
                show.say(f"{left.file}{f', sheet {left.sheet}' if left.sheet else ''}: left unread: {left.names}")
        else:
            show.say(f"Kept {proposal.path}, which is there already; `--overwrite` proposes it anew.")
    if any(proposal.written for proposal in proposals):
        show.say("Read the guesses, choose where it asks, then run `fairlead sync`.")


@commands.command()
def sync(
    data: DataOption = None,
    exported_at: Annotated[
        str | None, typer.Option("--exported-at", help="When these exports were taken, if not now.", metavar="T")
    ] = None,
    as_json: Json = False,
) -> None:
    """Read the exports, build the record and publish it."""
    from fairlead.actions.syncing import sync as verb

    workspace = here(data)
    with show.progress() as progress:
        done = verb(workspace, exported_at=moment(exported_at, workspace, within=True), progress=progress)
    if as_json:
        landings = [x._asdict() for x in done.landings]
        print_json({"landings": landings, "build": done.build._asdict(), "problems": problems(done.problems)})
        return
    show.problems(done.problems)
    show.synced(done)


@commands.command()
def check(as_json: Json = False) -> None:
    """Check the model, the mappings and the published build. Exits 1 on errors."""
    from fairlead.actions.checking import check_all

    found = check_all(here())
    errors = sum(1 for p in found if p.is_error)
    if as_json:
        print_json(problems(found))
    else:
        show.problems(found)
        show.say(f"{show.counts(errors=errors, warnings=len(found) - errors)}.", "red" if errors else "green")
    if errors:
        raise typer.Exit(1)


@commands.command()
def diff(
    a: Annotated[Path, typer.Argument(help="A model folder or workspace.", metavar="A")],
    b: Annotated[Path, typer.Argument(help="Another one.", metavar="B")],
    as_json: Json = False,
) -> None:
    """Name what changed from model A to model B."""
    from fairlead.actions.comparing import compare

    changes = compare(a, b)
    if as_json:
        print_json([change._asdict() for change in changes])
        return
    for change in changes:
        show.say(str(change))
    show.note(f"{show.counts(changes=len(changes))}." if changes else "No changes.")


@commands.command()
def builds(
    as_json: Json = False,
    why: Annotated[bool, typer.Option("--set-aside", help="Say why rows were set aside.")] = False,
    mapped: Annotated[bool, typer.Option("--mapped", help="Show the values that were read as others.")] = False,
    name: Annotated[str | None, typer.Argument(help="One build; default: list them all.", metavar="BUILD")] = None,
    other: Annotated[str | None, typer.Argument(help="Compare the first with this one.", metavar="OTHER")] = None,
) -> None:
    """List builds: rows in, kept and set aside, duration, digests; one in full; or two of them side by side."""
    from fairlead.actions import building

    workspace = here()
    if name and other:
        _compared(workspace, name, other, as_json=as_json)
        return
    if why or mapped or name:
        path = building.named(workspace, name)
        reasons = building.set_aside(workspace, path)
        values = building.mapped(path)
        listed = building.built(path, is_current=path == workspace.lake.current())
        if as_json:
            more = {"reasons": [s._asdict() for s in reasons], "mapped": [m._asdict() for m in values]}
            print_json(listed._asdict() | more)
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
        print_json([b._asdict() for b in every])
    elif every:
        show.builds(every, workspace.manner)
    else:
        show.note("No builds yet. Run `fairlead sync`.")


def _compared(workspace: "Workspace", a: str, b: str, *, as_json: bool) -> None:
    from fairlead.actions.comparing import compare_builds

    with show.progress() as progress:
        found = compare_builds(workspace, a, b, progress=progress)
    if as_json:
        print_json(found._asdict())
    else:
        agreeing.comparison(found)


@commands.command()
def schema(
    folder: Annotated[
        Path | None, typer.Argument(help="Where to write them; default: .fairlead/schema of the workspace.")
    ] = None,
) -> None:
    """Write JSON Schemas of the model's files, so that editors complete and check them."""
    from fairlead.actions.starting import SCHEMAS, write_schemas

    for path in write_schemas(folder or here().root / SCHEMAS):
        show.say(str(path))
