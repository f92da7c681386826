"""Commands that open the desk: serve, the demo company, the people who may sign in."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fairlead.cli import show
from fairlead.cli.frame import Json, here, print_json

if TYPE_CHECKING:
    from fairlead.workspace import Workspace


commands = typer.Typer()
demo = typer.Typer(help="The demo company.", no_args_is_help=True)
user = typer.Typer(help="People who may sign in to the desk.", no_args_is_help=True)


@commands.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes any free one.")] = 8000,
    link_for: Annotated[
        str | None, typer.Option(help="Print a one-time sign-in link for this user.", metavar="USER")
    ] = None,
) -> None:
    """Serve the desk until Ctrl-C."""
    _serve(here(), host, port, link_for)


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
    told = show.counts(errors=len(errors), warnings=len(found) - len(errors))
    show.say(f"Checked: {told}.", "red" if errors else "green")
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
    workspace = here()
    add_user(workspace, NewUser(name, full_name, email, access, secret))
    show.say(f"{name} may sign in.", "green")
    if secret is None:
        show.say(sign_in_link(workspace, name))


@user.command("list")
def user_list(as_json: Json = False) -> None:
    """List the people who may sign in, and the tokens of their programs."""
    from fairlead.desk import everybody

    found = everybody(here())
    if as_json:
        print_json([person._asdict() for person in found])
    elif found:
        show.people(found)
    else:
        show.note("Nobody may sign in yet: add somebody with `fairlead user add NAME`.")


@user.command("token")
def user_token(
    name: Annotated[str, typer.Argument(help="Whose program it is for.")],
    label: Annotated[str, typer.Option(help="What it is called, to tell it from others.")] = "token",
    days: Annotated[int, typer.Option(help="How many days it is good for.")] = 365,
) -> None:
    """Make a token for the REST API. It is shown this once."""
    from fairlead.desk import new_token

    show.plain(new_token(here(), name, label, days=days))
    show.note(f"'{label}', good for {days} days. It cannot be shown again; `fairlead user revoke` ends it.")


@user.command("revoke")
def user_revoke(
    name: Annotated[str, typer.Argument(help="Whose tokens.")],
    label: Annotated[str | None, typer.Argument(help="Only the token called so; default: all of them.")] = None,
) -> None:
    """End somebody's tokens for the REST API."""
    from fairlead.desk import revoke_tokens

    ended = revoke_tokens(here(), name, label)
    show.say(f"{ended} token{'' if ended == 1 else 's'} of {name} revoked.", "green")


@user.command("password")
def user_password(name: Annotated[str, typer.Argument(help="Whose password.")]) -> None:
    """Give somebody a password; they are signed out everywhere."""
    from fairlead.desk import set_password

    workspace = here()
    set_password(workspace, name, typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    show.say(f"{name} has a new password.", "green")


@user.command("off")
def user_off(name: Annotated[str, typer.Argument(help="Who is let in no more.")]) -> None:
    """Let somebody in no more: signed out at once, and their tokens are dead."""
    from fairlead.desk import let_out

    let_out(here(), name)
    show.say(f"{name} is signed out and may not sign in.", "green")


@user.command("on")
def user_on(name: Annotated[str, typer.Argument(help="Who is let in again.")]) -> None:
    """Let somebody in again who was turned off."""
    from fairlead.desk import let_in

    let_in(here(), name)
    show.say(f"{name} may sign in.", "green")


@user.command("link")
def user_link(
    name: Annotated[str, typer.Argument(help="Who it is for.")],
    site: Annotated[
        str | None,
        typer.Option(help="Address of the desk; by default where it was last served."),
    ] = None,
) -> None:
    """Print a link that signs somebody in once."""
    from fairlead.desk import sign_in_link

    show.say(sign_in_link(here(), name, site=site))
